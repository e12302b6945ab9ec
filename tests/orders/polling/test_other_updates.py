"""Answers about refills and product orders, written down once however many looked at the same time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from orders.models import ChargeDelta, Order, OrderEvent, ProductOrder, Refill
from orders.polling.other_updates import apply_product_statuses, apply_refill_statuses
from providers.client.types import ProductStatusRow, RefillStatusRow
from tests.helpers.makers import make_product_order, make_provider

pytestmark = pytest.mark.django_db


def look(order: ProductOrder, seen: ProductOrder, **answer: object) -> int:
    """Write an answer down about an order as it was ``seen``; how many rows were written."""
    said = ProductStatusRow(**({"status": "pending", "word": "Pending"} | answer))  # type: ignore[arg-type]
    return apply_product_statuses(order.provider, [seen], {"77": said}, now=timezone.now()).changed


def test_a_charge_that_two_look_at_at_once_counts_once() -> None:
    order = make_product_order(external_id="77", status="pending", provider_status="Pending")
    first, second = ProductOrder.objects.get(), ProductOrder.objects.get()

    assert look(order, first, charge=Decimal("2.50")) == 1
    assert look(order, second, charge=Decimal("2.50")) == 0

    assert ProductOrder.objects.get().charge == Decimal("2.50")
    assert ChargeDelta.objects.aggregate(sum=Sum("amount"))["sum"] == Decimal("2.50")


def test_each_change_of_a_charge_counts() -> None:
    order = make_product_order(external_id="77", status="pending", provider_status="Pending")

    for charge in ("2.50", "2.50", "1.25", "0"):
        look(order, ProductOrder.objects.get(), charge=Decimal(charge))

    assert list(ChargeDelta.objects.order_by("pk").values_list("amount", flat=True)) == [
        Decimal("2.50"),
        Decimal("-1.25"),
        Decimal("-1.25"),
    ]


def test_an_older_answer_does_not_undo_a_newer_one() -> None:
    order = make_product_order(external_id="77", status="pending", provider_status="Pending")
    seen_before = ProductOrder.objects.get()
    look(order, ProductOrder.objects.get(), status="completed", word="Completed", charge=Decimal(3))

    look(order, seen_before, charge=Decimal(2))

    order.refresh_from_db()
    assert (order.status, order.charge) == ("completed", Decimal(3))
    assert ChargeDelta.objects.count() == 1


def test_the_end_of_a_refill_is_in_history_once() -> None:
    refill = Refill.objects.create(
        order=Order.objects.create(provider=make_provider(), external_id="1", status="completed"),
        external_id="9",
        status="pending",
    )
    first, second = Refill.objects.get(), Refill.objects.get()
    said = {"9": RefillStatusRow(status="completed", word="Completed")}

    for seen in (first, second):
        apply_refill_statuses(refill.order.provider, [seen], said, now=timezone.now())

    refill.refresh_from_db()
    assert (refill.status, refill.provider_status) == ("completed", "Completed")
    assert OrderEvent.objects.filter(after="completed").count() == 1
