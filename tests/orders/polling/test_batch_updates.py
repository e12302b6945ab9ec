"""Batches of answers: one row's impossible figure, and another worker with the same batch."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.models import ChargeDelta, Order, OrderEvent
from orders.polling.order_updates import apply_statuses, read_rows
from providers.client.types import StatusRow
from tests.helpers.makers import make_order, make_provider

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_charge_too_large_for_its_column_spoils_nothing_of_its_batch() -> None:
    provider = make_provider()
    first, second, third = (
        make_order(provider=provider, external_id=str(number), status="pending", charge=Decimal(number))
        for number in (1, 2, 3)
    )
    answers = {
        "1": StatusRow(status="completed", word="Completed", charge=Decimal("1.5")),
        "2": StatusRow(status="completed", word="Completed", charge=Decimal("1e25")),
        "3": StatusRow(status="partial", word="Partial", charge=Decimal("2.5")),
    }

    applied = apply_statuses(provider, read_rows(Order.objects.order_by("pk")), answers, now=NOW)

    assert applied.changed == 3
    rows = Order.objects.order_by("pk").values_list("status", "charge")
    assert list(rows) == [("completed", Decimal("1.5")), ("completed", Decimal(2)), ("partial", Decimal("2.5"))]
    deltas = ChargeDelta.objects.order_by("order_id").values_list("order_id", "amount")
    assert list(deltas) == [(first.pk, Decimal("0.5")), (third.pk, Decimal("-0.5"))]
    assert second.events.get().after == "completed"


def test_two_workers_with_overlapping_batches_write_each_move_once() -> None:
    provider = make_provider()
    orders = [make_order(provider=provider, external_id=str(number), status="pending") for number in (1, 2)]
    read = read_rows(Order.objects.order_by("pk"))
    answers = {
        str(number): StatusRow(status="in_progress", word="In progress", charge=Decimal(number)) for number in (1, 2)
    }
    # The other worker had the first of them, and was quicker.
    quicker = apply_statuses(provider, read[:1], answers, now=NOW)

    slower = apply_statuses(provider, read, answers, now=NOW)

    assert (quicker.changed, quicker.moved) == (1, 1)
    assert (slower.changed, slower.moved) == (1, 1)
    assert list(OrderEvent.objects.order_by("order_id").values_list("order_id", flat=True)) == [
        one.pk for one in orders
    ]
    deltas = ChargeDelta.objects.order_by("order_id").values_list("order_id", "amount")
    assert list(deltas) == [(orders[0].pk, Decimal(1)), (orders[1].pk, Decimal(2))]
