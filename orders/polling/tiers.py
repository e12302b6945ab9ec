"""Which tier an order belongs to as time goes by: one set-based statement a round, nothing a row.

A new order is polled soon, one that moves every few minutes, one that has not moved for a week
rarely; a final one ever more rarely, and after thirty days no more. An open one is never dropped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, DateTimeField, F, Field, PositiveSmallIntegerField, Q, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from orders import statuses
from orders.models import Order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

NONE, NEW, MOVING = Order.Tier.NONE, Order.Tier.NEW, Order.Tier.MOVING
SLOW, RESTING = Order.Tier.SLOW, Order.Tier.RESTING

NEW_FOR: Final = timedelta(minutes=30)
MOVING_FOR: Final = timedelta(days=1)
SLOW_FOR: Final = timedelta(days=7)
FINAL_SLOW_FOR: Final = timedelta(days=1)
FINAL_RESTING_FOR: Final = timedelta(days=30)
# Nothing more happens to these by their age alone.
RARELY: Final = timedelta(days=365)
_MOVED: Final = F("moved")
_NEW_UNTIL: Final = F("placed") + NEW_FOR


def age_orders(provider_id: int) -> int:
    """Move a provider's orders on whose time in their tier may be over; return how many were looked at.

    ``ages_at`` says when to look at an order again. An order that moved meanwhile stays and gets a later time, so
    that progress writes no index. Tiers only ever slow down here: ids that spoil batches were put into a slower one
    than their age would.
    """
    now = timezone.now()
    return (
        Order.objects.filter(
            Q(ages_at__lte=now) | Q(ages_at=None),
            provider_id=provider_id,
            tier__gt=NONE,
            external_id__isnull=False,
            status__in=statuses.AT_PROVIDER,
        )
        .annotate(
            moved=Coalesce("moved_at", "placed_at", "created_at"),
            placed=Coalesce("placed_at", "created_at"),
        )
        .update(
            tier=_case(now, place=0, otherwise=F("tier"), output=PositiveSmallIntegerField()),
            ages_at=_case(now, place=1, otherwise=_NEW_UNTIL, output=DateTimeField()),
        )
    )


def _case(now: datetime, *, place: int, otherwise: Any, output: Field[Any, Any]) -> Case:
    return Case(
        *(When(condition, then=then[place]) for condition, *then in _rules(now)),
        default=otherwise,
        output_field=output,
    )


def _rules(now: datetime) -> Sequence[tuple[Q, Any, Any]]:
    """List what is true of an order, the tier it belongs to then, and when to look at it again."""
    is_final, rarely = Q(status__in=statuses.FINAL), Value(now + RARELY)
    return (
        (is_final & Q(moved__lt=now - FINAL_RESTING_FOR), Value(NONE), rarely),
        (is_final & Q(moved__lt=now - FINAL_SLOW_FOR), Value(RESTING), _MOVED + FINAL_RESTING_FOR),
        (is_final, _at_least(SLOW), _MOVED + FINAL_SLOW_FOR),
        (Q(moved__lt=now - SLOW_FOR), Value(RESTING), rarely),
        (Q(moved__lt=now - MOVING_FOR), _at_least(SLOW), _MOVED + SLOW_FOR),
        (Q(placed__lt=now - NEW_FOR), _at_least(MOVING), _MOVED + MOVING_FOR),
    )


def _at_least(tier: int) -> Any:
    return Greatest(F("tier"), Value(tier), output_field=PositiveSmallIntegerField())


def find_forgotten(provider_id: int) -> int:
    """Have open orders polled that are in no tier; return how many there were."""
    return Order.objects.filter(
        provider_id=provider_id, tier=NONE, external_id__isnull=False, status__in=statuses.OPEN
    ).update(tier=NEW, ages_at=timezone.now())
