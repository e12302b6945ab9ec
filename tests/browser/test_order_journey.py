"""The main job in a real browser: log in, find a service, order it, watch it to its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.models import Order
from orders.roles import ROLES, permissions_named
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, list_service, pick_service
from tests.helpers.makers import set_limits
from tests.helpers.workers import WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long_on_rabbitmq, pytest.mark.first]
PASSWORD = "correct horse battery staple"
SPEED = 600.0


@pytest.fixture
def quick_box() -> Iterator[Sandbox]:
    """Yield the sandbox in a hurry: what takes an hour at a panel takes six seconds."""
    with Sandbox(speed=SPEED) as sandbox:
        yield sandbox


@pytest.fixture
def person() -> User:
    made = User.objects.create_user("mira", password=PASSWORD)
    set_limits(made)
    made.user_permissions.set(permissions_named(ROLES["staff"]))
    return made


def test_an_order_goes_from_the_browser_to_completed_by_itself(
    page: Page, live_server: Any, person: User, quick_box: Sandbox, start_worker: Callable[..., WorkerProcess]
) -> None:
    provider = join(quick_box, "servsmm", balance=Decimal("100.00"), is_sandbox=True)
    service = list_service(provider, pick_service(quick_box.panel("servsmm")))
    start_worker(options=("--with-schedule",))

    page.goto(live_server.url)
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    page.get_by_role("link", name="Services", exact=True).click()
    page.get_by_label("Search services").fill(service.external_id)
    expect(page).to_have_url(re.compile(rf"[?&]q={service.external_id}"))
    page.get_by_role("link", name="Order", exact=True).click()

    page.get_by_label("Link").fill("https://www.instagram.com/p/C8kfj2lsd0a/")
    page.get_by_label("Quantity").fill(str(service.min_quantity))
    charge = f"{service.rate * (service.min_quantity or 0) / 1000:f}".rstrip("0")
    expect(page.locator("#quote .big")).to_contain_text(charge)
    page.get_by_role("button", name="Review order").click()
    expect(page.get_by_role("heading", name="Review order")).to_be_visible()
    assert not Order.objects.exists()
    page.get_by_role("button", name="Place order").click()

    state = page.locator("#order-live .badge").first
    expect(state).to_be_visible()
    order = Order.objects.get()
    expect(page).to_have_url(live_server.url + reverse("orders:detail", args=[order.pk]))
    # No one touches anything from here on.
    expect(state).to_contain_text("Completed", timeout=90_000)
    order.refresh_from_db()
    assert order.status == "completed"
    expect(page.locator("#order-id")).to_contain_text(str(order.external_id))
    assert page.locator("[data-live]").count() == 0
