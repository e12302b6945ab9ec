"""Which tier an order belongs to as time goes by: one set-based statement a round, nothing a row.

A new order is polled soon, one that moves every few minutes, one that has not moved for a week
rarely; a final one ever more rarely, and after thirty days no more. An open one is never closed as unknown.
"""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Final

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from orders import statuses
from orders.models import Order

if TYPE_CHECKING:
    from collections.abc import Iterable

NONE, NEW, MOVING = Order.Tier.NONE, Order.Tier.NEW, Order.Tier.MOVING
SLOW, RESTING = Order.Tier.SLOW, Order.Tier.RESTING

NEW_FOR: Final = timedelta(minutes=30)
MOVING_FOR: Final = timedelta(days=1)
SLOW_FOR: Final = timedelta(days=7)
FINAL_SLOW_FOR: Final = timedelta(days=1)
FINAL_RESTING_FOR: Final = timedelta(days=30)


def age_orders(provider_id: int, tiers: Iterable[int]) -> int:
    """Move the orders of ``tiers`` to where their age and pace put them; returns how many moved.

    Tiers only ever slow down here: ids that spoil batches were put into a slower one than their age would.
    """
    now = timezone.now()
    moved, placed = Coalesce("moved_at", "placed_at", "created_at"), Coalesce("placed_at", "created_at")
    is_final = Q(status__in=statuses.FINAL)
    slower: dict[int, tuple[Q, ...]] = {
        NEW: (is_final, Q(placed__lt=now - NEW_FOR)),
        MOVING: (is_final, Q(moved__lt=now - MOVING_FOR)),
        SLOW: (is_final & Q(moved__lt=now - FINAL_SLOW_FOR), Q(moved__lt=now - SLOW_FOR)),
        RESTING: (is_final & Q(moved__lt=now - FINAL_RESTING_FOR),),
    }
    belongs = Case(
        When(is_final & Q(moved__lt=now - FINAL_RESTING_FOR), then=Value(NONE)),
        When(is_final & Q(moved__lt=now - FINAL_SLOW_FOR), then=Value(RESTING)),
        When(is_final, then=Value(SLOW)),
        When(moved__lt=now - SLOW_FOR, then=Value(RESTING)),
        When(moved__lt=now - MOVING_FOR, then=Value(SLOW)),
        default=Value(MOVING),
    )
    aged = 0
    for tier in tiers:
        rows = Order.objects.filter(
            provider_id=provider_id, tier=tier, external_id__isnull=False, status__in=statuses.AT_PROVIDER
        ).annotate(moved=moved, placed=placed)
        aged += rows.filter(reduce(or_, slower[tier])).update(tier=belongs)
    return aged


def find_forgotten(provider_id: int) -> int:
    """Have open orders asked about that are in no tier; returns how many there were."""
    return Order.objects.filter(
        provider_id=provider_id, tier=NONE, external_id__isnull=False, status__in=statuses.OPEN
    ).update(tier=NEW)
