"""A forgotten password is set again by mail where mail is configured; the page reveals no account to anyone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from pytest_django.fixtures import Settings

from panelhub import tasks
from panelhub.security import password_reset

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
ANOTHER = "staple battery horse correct"
FORGOTTEN = reverse("password_forgotten")


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann", "ann@shop.example", PASSWORD)


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return what a worker is handed; it does it at once."""
    handed: list[tuple[Any, ...]] = []

    def publish(task: str, *args: Any, **options: Any) -> bool:
        handed.append((task, *args))
        tasks.send_password_reset(*args)
        return True

    monkeypatch.setattr(password_reset, "publish", publish)
    return handed


def ask(email: str, *, ip: str = "192.0.2.1", **options: Any) -> Any:
    return Client(REMOTE_ADDR=ip).post(FORGOTTEN, {"email": email}, **options)


def link() -> str:
    (found,) = re.findall(r"https?://[^\s/]+(/\S+)", str(mail.outbox[-1].body))
    return str(found)


def test_a_link_that_names_no_one_looks_like_one_that_ran_out(ann: User) -> None:
    uids = [urlsafe_base64_encode(force_bytes(pk)) for pk in (ann.pk, ann.pk + 1)]
    answers = [Client().get(reverse("password_new", args=[uid, "1-2"])) for uid in uids]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_link_sets_another_password_once_and_ends_sessions(ann: User) -> None:
    elsewhere = Client()
    elsewhere.post(reverse("login"), {"username": "ann", "password": PASSWORD})
    ask("Ann@shop.example")
    browser, address = Client(), link()

    form = browser.get(address, follow=True)
    weak = browser.post(form.redirect_chain[-1][0], {"new_password1": "short", "new_password2": "short"})
    done = browser.post(form.redirect_chain[-1][0], {"new_password1": ANOTHER, "new_password2": ANOTHER})

    assert weak.status_code == 200
    assert done.status_code == 302
    ann.refresh_from_db()
    assert ann.check_password(ANOTHER)
    assert elsewhere.get(reverse("profile")).status_code == 302
    assert "has been used" in Client().get(address, follow=True).content.decode()


@pytest.mark.parametrize("email", ["nobody@shop.example", "off@shop.example", "ann@shop.example\x00", "no address"])
def test_the_answer_reveals_no_known_address(ann: User, email: str, published: list[tuple[Any, ...]]) -> None:
    User.objects.create_user("off", "off@shop.example", PASSWORD, is_active=False)
    known, unknown = ask("ann@shop.example"), ask(email)

    if unknown.status_code == 302:
        assert unknown["Location"] == known["Location"]
    assert len(published) == len(mail.outbox) == 1
    assert "ann@shop.example" not in str(published)


def test_an_old_link_is_good_for_nothing(ann: User) -> None:
    ask("ann@shop.example")
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert "has expired" in Client().get(link(), follow=True).content.decode()


@pytest.mark.parametrize("sources", [["192.0.2.1"], [f"2001:db8:1:1::{n:x}" for n in range(30)]])
def test_no_ones_mailbox_is_filled(ann: User, sources: list[str]) -> None:
    statuses = [ask("ann@shop.example", ip=sources[number % len(sources)]).status_code for number in range(30)]

    assert len(mail.outbox) <= 5
    assert statuses[-1] == 429


def test_a_forged_host_gets_no_link(ann: User, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["hub.example"]
    assert ask("ann@shop.example", headers={"host": "evil.example"}).status_code == 400
    settings.PANELHUB_ORIGIN = "https://hub.example"
    ask("ann@shop.example", headers={"host": "hub.example"})

    assert len(mail.outbox) == 1
    assert "https://hub.example/password/new/" in mail.outbox[0].body


@pytest.mark.parametrize("backend", ["console", "dummy", "filebased"])
def test_without_mail_there_is_no_such_page(settings: Settings, backend: str) -> None:
    assert "Forgot your password" in Client().get(reverse("login")).content.decode()
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"

    assert Client().get(FORGOTTEN).status_code == 404
    assert "Forgot your password" not in Client().get(reverse("login")).content.decode()
