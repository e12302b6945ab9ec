"""When an order is looked at again for the tier it belongs to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Order
from orders.polling import tiers
from orders.polling.order_updates import apply_statuses, read_rows
from providers.client.types import StatusRow
from tests.helpers.makers import make_order

pytestmark = pytest.mark.django_db


def placed_order(**fields: Any) -> Order:
    return make_order(**({"external_id": "7", "status": "pending", "currency": "USD"} | fields))


def apply(order: Order, answer: StatusRow) -> None:
    rows = read_rows(Order.objects.filter(pk=order.pk))
    apply_statuses(order.provider, rows, {"7": answer}, now=timezone.now())
    order.refresh_from_db()


def test_an_order_that_stays_in_its_tier_is_looked_at_when_its_time_there_may_be_over() -> None:
    moved_at = timezone.now() - timedelta(hours=1)
    order = placed_order(tier=Order.Tier.MOVING, created_at=moved_at - timedelta(hours=1), moved_at=moved_at)

    assert (tiers.age_orders(order.provider_id), tiers.age_orders(order.provider_id)) == (1, 0)

    order.refresh_from_db()
    assert order.ages_at == moved_at + timedelta(days=1)


@pytest.mark.parametrize("status", ["in_progress", "completed"])
@pytest.mark.parametrize("tier", [Order.Tier.SLOW, Order.Tier.RESTING])
def test_an_order_that_moves_in_a_slow_tier_is_aged_at_once(tier: int, status: str) -> None:
    order = placed_order(tier=tier, ages_at=timezone.now() + timedelta(days=20))

    apply(order, StatusRow(status=status, word=status))

    assert order.ages_at == order.moved_at


def test_progress_in_a_fast_tier_leaves_the_index_of_ageing_alone() -> None:
    later = timezone.now() + timedelta(days=1)
    order = placed_order(status="in_progress", tier=Order.Tier.MOVING, ages_at=later)

    apply(order, StatusRow(status="in_progress", word="in_progress", remains=7))

    assert order.moved_at is not None
    assert order.ages_at == later
