"""People who press twice, at once, or too late: what they did is done once, and what they may not do is not done.

The table of all such faults and their tests is in ``test_killed_workers``.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from orders.models import Order
from orders.placement.services import approve_order, withdraw_order
from orders.roles import ROLES
from panelhub.http.middleware import SEEN
from providers.models import Service
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
    make_service,
)

pytestmark = pytest.mark.django_db

NEW = reverse("orders:create")


@pytest.fixture
def person() -> Any:
    return make_person(*ROLES["staff"])


@pytest.fixture
def browser(person: Any) -> Client:
    """Return a browser in which someone has the form of an order open."""
    client = Client()
    client.force_login(person, backend="panelhub.security.backends.RoleBackend")
    return client


def post(browser: Client, service: Service, **more: Any) -> Any:
    fields = {"service": service.pk, "link": "https://example.com/a", "quantity": "1000"} | more
    return browser.post(NEW, fields)


def test_two_tabs_that_send_one_form_make_one_order(person: Any, browser: Client) -> None:
    other_tab = Client()
    other_tab.force_login(person, backend="panelhub.security.backends.RoleBackend")
    service, token = make_service(), str(uuid.uuid4())

    places = {post(tab, service, form_token=token)["Location"] for tab in (browser, other_tab, browser)}

    assert len(places) == Order.objects.count() == 1


def test_the_same_link_from_a_colleague_needs_a_tick(browser: Client) -> None:
    colleague = Client()
    colleague.force_login(make_person(*ROLES["staff"]), backend="panelhub.security.backends.RoleBackend")
    service = make_service()

    assert post(browser, service).status_code == 302
    assert post(colleague, service).status_code == 422

    assert Order.objects.count() == 1


def test_a_form_that_is_sent_after_the_login_ended_orders_nothing(browser: Client) -> None:
    service = make_service()
    browser.get(NEW, {"service": service.pk})
    session = browser.session
    session[SEEN] = int(time.time()) - settings.PANELHUB_SESSION_IDLE_SECONDS - 60
    session.save()

    response = post(browser, service)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))
    assert not Order.objects.exists()


@pytest.mark.parametrize("loss", ["permission", "account", "provider"])
def test_a_form_that_is_sent_after_it_was_forbidden_orders_nothing(person: Any, browser: Client, loss: str) -> None:
    service = make_service()
    assert browser.get(NEW, {"service": service.pk}).status_code == 200
    match loss:
        case "permission":
            person.user_permissions.clear()
        case "account":
            person.is_active = False
            person.save()
        case "provider":
            grant(person, make_provider())

    response = post(browser, service)

    assert response.status_code in {302, 403, 422}
    assert not Order.objects.exists()


def test_of_one_who_lets_an_order_out_and_one_who_takes_it_back_the_first_wins() -> None:
    first, second = make_person(), make_person()
    for quick, slow, status in (
        (approve_order, withdraw_order, "withdrawn"),
        (withdraw_order, approve_order, "withdrawn"),
    ):
        made = Order.objects.create(provider=make_provider(), status="held", held_for="price_jump")
        seen_by_first, seen_by_second = Order.objects.get(pk=made.pk), Order.objects.get(pk=made.pk)

        assert quick(seen_by_first, by=first)
        # What was approved may still be withdrawn, as long as it is not sent; what was withdrawn stays so.
        assert slow(seen_by_second, by=second) is (slow is withdraw_order)

        made.refresh_from_db()
        assert made.status == status


@pytest.mark.parametrize("status", ["sending", "unconfirmed", "pending"])
def test_what_is_on_its_way_by_now_is_not_withdrawn(person: Any, status: str) -> None:
    made = Order.objects.create(provider=make_provider(), status="queued")
    seen = Order.objects.get(pk=made.pk)
    Order.objects.filter(pk=made.pk).update(status=status, claim=uuid.uuid4())

    assert not withdraw_order(seen, by=person)

    made.refresh_from_db()
    assert made.status == status
