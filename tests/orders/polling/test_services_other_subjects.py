"""Status checks of refills and product orders over real HTTP."""

from __future__ import annotations

import pytest
from django.db import connection

from orders.models import ProductOrder, Refill
from orders.polling import services as polling_services
from orders.polling.subjects import PRODUCT_ORDERS, REFILLS
from providers.models import Provider
from providers.sandbox import Fate, Fault, Panel, Sandbox
from tests.helpers.at_sandbox import LONG, calls_of, join, make_completed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("slug", "calls"), [("smmplus", 1), ("smpanelim", 3)])
def test_refills_are_followed_to_their_end(box: Sandbox, slug: str, calls: int) -> None:
    provider, panel = join(box, slug), box.panel(slug)
    refills = []
    for order in make_completed(box, provider, 3):
        panel.receive({"key": panel.key, "action": "refill", "order": str(order.external_id)})
        refills.append(Refill.objects.create(order=order, status="pending", external_id=str(max(panel.books.refills))))
    panel.decide_refill(int(refills[0].external_id or 0), Fate.rejected)
    untracked = Refill.objects.create(order=refills[0].order, status="pending")
    panel.advance(LONG)

    synced = polling_services.sync_now(REFILLS, provider)

    assert (synced.asked, synced.changed, synced.calls) == (3, 3, calls)
    for refill in (*refills, untracked):
        refill.refresh_from_db()
    assert [refill.status for refill in refills] == ["rejected", "completed", "completed"]
    assert refills[0].provider_status == "Rejected"
    assert refills[0].finished_at is not None
    assert untracked.status == "pending"
    assert [(event.kind, event.after) for event in refills[1].order.events.all()] == [("refill", "completed")]
    assert polling_services.sync_now(REFILLS, provider).asked == 0


def test_a_refill_without_an_answer_is_left_and_counted(box: Sandbox) -> None:
    provider, panel = join(box, "smmplus"), box.panel("smmplus")
    (order,) = make_completed(box, provider, 1)
    refill = Refill.objects.create(order=order, status="in_progress", external_id="424242")

    synced = polling_services.sync_now(REFILLS, provider)

    refill.refresh_from_db()
    assert (synced.missing, refill.status, refill.unknown_answers) == (1, "in_progress", 1)
    assert calls_of(panel, "refill_status")


def test_an_unknown_word_of_a_refill_is_kept_and_changes_nothing(box: Sandbox) -> None:
    provider, panel = join(box, "smmplus"), box.panel("smmplus")
    (order,) = make_completed(box, provider, 1)
    panel.receive({"key": panel.key, "action": "refill", "order": str(order.external_id)})
    refill = Refill.objects.create(order=order, status="pending", external_id=str(max(panel.books.refills)))
    panel.misbehave(Fault.unknown_word, action="refill_status")

    polling_services.sync_now(REFILLS, provider)

    refill.refresh_from_db()
    assert refill.status == "pending"
    assert refill.provider_status not in ("", "Pending")


def test_checking_an_order_asks_about_its_refills_too(box: Sandbox) -> None:
    provider, panel = join(box, "smmplus"), box.panel("smmplus")
    (order,) = make_completed(box, provider, 1)
    panel.receive({"key": panel.key, "action": "refill", "order": str(order.external_id)})
    refill = Refill.objects.create(order=order, status="pending", external_id=str(max(panel.books.refills)))
    panel.advance(LONG)

    polling_services.check_now(order)

    refill.refresh_from_db()
    assert refill.status == "completed"


def place_products(panel: Panel, provider: Provider, count: int) -> list[ProductOrder]:
    panel.balance = 1_000_000
    product = next(product for product in panel.shop.products.values() if product.type == "Auto")
    panel.set_stock(product.id, 1000)
    for _number in range(count):
        panel.receive(
            {
                "key": panel.key,
                "action": "add_product_order",
                "product": str(product.id),
                "quantity": str(max(1, product.minimum)),
                "require": "somebody@example.com",
            }
        )
    ids = sorted(panel.books.product_orders)[-count:]
    return [ProductOrder.objects.create(provider=provider, external_id=str(one), status="pending") for one in ids]


def test_product_orders_are_followed_in_batches(box: Sandbox) -> None:
    provider, panel = join(box, "smmvna"), box.panel("smmvna")
    orders = place_products(panel, provider, 101)
    panel.decide_product_order(int(orders[0].external_id or 0), Fate.canceled)
    panel.advance(LONG)

    synced = polling_services.sync_now(PRODUCT_ORDERS, provider)

    assert (synced.asked, synced.changed, synced.calls) == (101, 101, 2)
    for order in orders:
        order.refresh_from_db()
    assert [order.status for order in orders] == ["canceled", *["completed"] * 100]
    assert orders[1].charge is not None
    assert orders[1].currency == provider.currency
    assert orders[1].moved_at is not None
    assert orders[1].finished_at is not None
    assert [event.after for event in orders[1].events.all()] == ["completed"]
    assert [delta.amount for delta in orders[1].charge_deltas.all()] == [orders[1].charge]
    before = len(panel.requests)
    assert polling_services.sync_now(PRODUCT_ORDERS, provider).changed == 0
    assert len(panel.requests) - before == 2


def test_what_leads_to_the_goods_is_not_readable_in_the_database(box: Sandbox) -> None:
    provider, panel = join(box, "smmvna"), box.panel("smmvna")
    (order,) = place_products(panel, provider, 1)
    panel.advance(LONG)
    polling_services.check_product_order_now(order)
    order.refresh_from_db()
    assert order.result

    with connection.cursor() as cursor:
        cursor.execute("SELECT result FROM orders_productorder")
        (stored,) = cursor.fetchone()

    assert order.result not in stored


def test_a_provider_without_a_shop_is_not_polled_for_products(provider: Provider) -> None:
    assert polling_services.sync_now(PRODUCT_ORDERS, provider) == polling_services.Synced()
    assert polling_services.providers_due(PRODUCT_ORDERS) == []
