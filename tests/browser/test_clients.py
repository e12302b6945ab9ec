"""The agency's week in a real browser: a client with two months and a report on paper; a bundle on three links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from orders.bundles.services import Part, save_bundle
from orders.models import Bundle, Client, Order
from orders.roles import ROLES, permissions_named
from tests.helpers.makers import make_client, make_order, make_service, set_limits
from tests.helpers.mass import place_all

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Any, Any], None]


@pytest.fixture
def mira(db: None) -> User:
    made = User.objects.create_user("mira", password="correct horse battery staple")
    set_limits(made)
    made.user_permissions.set(permissions_named(ROLES["manager"]))
    return made


def test_a_client_with_two_months_and_a_report_on_paper(
    page: Page, live_server: Any, log_in: LogIn, mira: User
) -> None:
    client = make_client("Bloom Bakery", markup=Decimal(20))
    service = make_service(name="Followers")
    last_month = timezone.now().replace(day=1) - timedelta(days=3)
    for at, charge in ((last_month, 10), (timezone.now(), 30)):
        order = make_order(service, client=client, status="completed", charge=Decimal(charge), markup=Decimal(20))
        Order.objects.filter(pk=order.pk).update(created_at=at)
    log_in(page, mira)

    page.goto(live_server.url + reverse("orders:clients"))
    page.get_by_role("link", name="Bloom Bakery").click()
    expect(page.locator(".figures").first).to_contain_text("36.00")
    page.get_by_role("link", name=last_month.strftime("%B %Y")).click()
    expect(page.locator(".report .figures")).to_contain_text("12.00")
    expect(page.locator(".report")).not_to_contain_text("30.00")
    page.get_by_label("Cost and margin").check()
    expect(page.locator(".report .figures")).to_contain_text("Margin")

    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("heading", name="Bloom Bakery")).to_be_visible()


def test_a_bundle_on_three_links_for_a_client_that_is_suggested(
    page: Page, live_server: Any, log_in: LogIn, mira: User
) -> None:
    make_client("Bloom Bakery")
    parts = [Part(make_service(name="Followers"), 500, None), Part(make_service(name="Likes"), 100, None)]
    bundle = save_bundle(Bundle(), by=mira, fields={"name": "Launch pack"}, parts=parts)
    log_in(page, mira)

    page.goto(live_server.url + reverse("orders:bundle", args=[bundle.pk]))
    page.get_by_label("Links").fill("\n".join(f"https://example.com/p/{number}" for number in range(3)))
    page.get_by_label("Client").click()
    page.get_by_label("Client").press_sequentially("blo")
    expect(page.locator("#client-names option")).to_have_attribute("value", "Bloom Bakery")
    page.get_by_label("Client").fill("bloom bakery")
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Place 6 orders").click()
    expect(page.get_by_text("being placed")).to_be_visible()
    place_all()

    assert Order.objects.filter(client=Client.objects.get()).count() == 6
    page.goto(live_server.url + reverse("orders:client", args=[Client.objects.get().pk]))
    expect(page.get_by_role("table", name="Open orders").get_by_role("row")).to_have_count(6)
