"""A product in a real browser: ordered at the sandbox's shop, delivered, its goods looked at, the look kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.models import OrderEvent, ProductOrder
from orders.roles import ROLES
from panelhub.models import AuditEvent
from providers.catalogue.product_sync import sync_products
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import LONG, join
from tests.helpers.makers import make_person
from tests.helpers.workers import WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.first]


def test_a_product_is_ordered_delivered_and_its_goods_are_looked_at(
    page: Page,
    live_server: Any,
    log_in: Callable[[Any, Any], None],
    box: Sandbox,
    start_worker: Callable[..., WorkerProcess],
) -> None:
    provider = join(box, "smmvna", balance=Decimal("100.00"), is_sandbox=True)
    box.panel("smmvna").balance = Decimal(100)
    sync_products(provider)
    manager = make_person(*ROLES["manager"])
    log_in(page, manager)
    start_worker()

    page.goto(live_server.url)
    page.get_by_role("link", name="Products", exact=True).click()
    page.get_by_label("Search products").fill("netflix")
    expect(page).to_have_url(re.compile(r"[?&]q=netflix"))
    row = page.locator("tr", has=page.get_by_role("link", name="Netflix Premium 1 month", exact=True))
    expect(row).to_contain_text("40 in stock")
    row.get_by_role("link", name="Order", exact=True).click()

    page.get_by_label("Quantity").fill("3")
    expect(page.locator("#quote .big")).to_contain_text("7.50")
    page.get_by_role("button", name="Review order").click()
    expect(page.get_by_role("heading", name="Review order")).to_be_visible()
    assert not ProductOrder.objects.exists()
    page.get_by_role("button", name="Place order").click()

    state = page.locator("#order-live .badge").first
    expect(state).to_be_visible()
    order = ProductOrder.objects.get()
    expect(page).to_have_url(live_server.url + reverse("orders:product_detail", args=[order.pk]))
    expect(state).to_contain_text("Pending", timeout=30_000)
    box.panel("smmvna").advance(LONG)
    page.get_by_role("button", name="Check now").click()
    # The page moves by itself from here on.
    expect(state).to_contain_text("Completed", timeout=30_000)
    show = page.get_by_role("button", name="Show delivered goods")
    expect(show).to_be_visible(timeout=30_000)
    order.refresh_from_db()
    (bought,) = box.panel("smmvna").books.product_orders.values()
    lines = box.panel("smmvna").shop.goods_of(bought)
    assert (order.external_id, len(lines)) == (str(bought.id), 3)
    assert lines[0] not in page.content()
    assert not OrderEvent.objects.filter(actor=manager, kind="goods").exists()

    show.click()

    expect(page.locator("#goods code")).to_have_text(lines)
    expect(page.locator("#story")).to_contain_text(f"by {manager.username}")
    assert OrderEvent.objects.get(actor=manager, kind="goods").product_order == order
    assert AuditEvent.objects.get(action="goods.seen").actor == manager
    page.reload()
    expect(page.get_by_role("button", name="Show delivered goods")).to_be_visible()
    assert lines[0] not in page.content()
