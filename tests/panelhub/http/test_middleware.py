"""Sessions end, private pages are not cached, and every page carries its shields."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils import timezone

from panelhub.http.client_ip import client_ip
from panelhub.http.middleware import POLL_HEADER

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return User.objects.create_superuser("ann")


def is_logged_in(client: Client, **headers: str) -> bool:
    return client.get("/admin/", headers=headers).status_code == 200


def test_a_login_ends_after_an_hour_without_a_click(client: Client, ann: User) -> None:
    client.force_login(ann)
    assert is_logged_in(client)

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert not is_logged_in(client)


def test_clicks_keep_a_login_alive_but_not_for_ever(client: Client, ann: User) -> None:
    client.force_login(ann)
    start = timezone.now()
    for minutes in range(0, 12 * 60, 50):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert is_logged_in(client), minutes

    with time_machine.travel(start + timedelta(hours=12, minutes=1)):
        assert not is_logged_in(client)


def test_a_page_that_refreshes_itself_does_not_keep_a_login_alive(client: Client, ann: User) -> None:
    client.force_login(ann)
    start = timezone.now()
    for minutes in range(0, 60, 5):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert is_logged_in(client, **({POLL_HEADER: "1"} if minutes else {}))

    with time_machine.travel(start + timedelta(minutes=61)):
        assert not is_logged_in(client)


def test_a_person_who_is_switched_off_is_out_with_the_next_click(client: Client, ann: User) -> None:
    client.force_login(ann)
    assert is_logged_in(client)
    User.objects.update(is_active=False)

    assert not is_logged_in(client)


def test_what_a_person_saw_is_in_no_cache(client: Client, ann: User) -> None:
    client.force_login(ann)

    assert "no-store" in client.get("/admin/")["Cache-Control"]


@pytest.mark.parametrize("path", ["/login/", "/healthz", "/admin/", "/there/is/no/such/page"])
def test_every_answer_carries_its_shields(client: Client, path: str) -> None:
    response = client.get(path)

    policy = response["Content-Security-Policy"]
    for directive in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert directive in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"


def test_pages_need_a_login(client: Client) -> None:
    assert client.get("/").status_code == 302
    assert client.get("/")["Location"].startswith("/login/")


def test_an_address_in_a_header_is_not_believed_without_proxies_of_ours(rf: RequestFactory) -> None:
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "203.0.113.9"})

    assert client_ip(request) == "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "header", "found"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 192.0.2.5", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "<script>", "192.0.2.1"),
    ],
)
def test_behind_proxies_the_last_entries_are_theirs(
    rf: RequestFactory, settings: object, proxies: int, header: str, found: str
) -> None:
    settings.PANELHUB_PROXIES = proxies  # type: ignore[attr-defined]
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": header})

    assert client_ip(request) == found
