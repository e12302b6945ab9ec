"""Decide which open orders are slow or stuck, and write them down so that lists find them.

An order is slow when it takes several times as long as its service took for its last orders, and stuck when nothing
about it changed for a week.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Order, SlowOrder
from panelhub.ui.formatting import describe_span

STUCK_AFTER: Final = timedelta(days=7)
SLOW_TIMES: Final = 3
"""How many times as long as its service usually takes an order may take before it counts as slow."""
SHORTEST_SLOW: Final = timedelta(hours=1)
FEWEST_MEASURED: Final = 5
"""Finished orders of a service from which on its usual time says something."""
MOST: Final = 20_000
TIMES: Final = (
    "created_at", "placed_at", "moved_at", "service__measured__seconds_to_finish", "service__measured__orders",
)  # fmt: skip


def is_stuck(row: Mapping[str, Any], now: datetime) -> bool:
    """Return whether nothing about an open order (its :data:`TIMES`) changed for too long."""
    return bool(now - _moved(row) > STUCK_AFTER)


def usual_if_slow(row: Mapping[str, Any], now: datetime) -> float | None:
    """Return how long its service usually takes, in seconds, if an open order (its :data:`TIMES`) takes far longer."""
    usual: float | None = row["service__measured__seconds_to_finish"]
    if not usual or (row["service__measured__orders"] or 0) < FEWEST_MEASURED:
        return None
    taken = now - (row["placed_at"] or row["created_at"])
    return None if taken < SHORTEST_SLOW or taken.total_seconds() < SLOW_TIMES * usual else usual


def describe_slow(taken: timedelta, usual: float | None) -> str:
    """Return why an order counts as slow: how long it takes, or for how long nothing changed."""
    span = describe_span(taken.total_seconds())
    if usual is None:
        return _("no change for %(time)s") % {"time": span}
    return _("%(time)s so far, usually %(usual)s") % {"time": span, "usual": describe_span(usual)}


def _moved(row: Mapping[str, Any]) -> datetime:
    moved: datetime = row["moved_at"] or row["placed_at"] or row["created_at"]
    return moved


def refresh_slow_orders(*, now: datetime | None = None) -> dict[str, int]:
    """Write down which orders are slow or stuck now; returns how many were added and removed.

    Three statements, and one for each thousand that changed.
    """
    now = now or timezone.now()
    old_enough = Order.objects.filter(status__in=sorted(statuses.OPEN), created_at__lt=now - SHORTEST_SLOW)
    found: dict[int, float | None] = {}
    for row in old_enough.order_by("pk").values("pk", *TIMES).iterator(chunk_size=2_000):
        usual = usual_if_slow(row, now)
        if usual is not None or is_stuck(row, now):
            found[row["pk"]] = usual
        if len(found) == MOST:
            break
    known = set(SlowOrder.objects.values_list("pk", flat=True))
    new = [SlowOrder(order_id=pk, since=now, usual_seconds=usual) for pk, usual in found.items() if pk not in known]
    gone = sorted(known - found.keys())
    with transaction.atomic():
        for start in range(0, len(gone), 1_000):
            SlowOrder.objects.filter(pk__in=gone[start : start + 1_000]).delete()
        SlowOrder.objects.bulk_create(new, ignore_conflicts=True, batch_size=1_000)
    return {name: count for name, count in (("slow", len(new)), ("moving", len(gone))) if count}
