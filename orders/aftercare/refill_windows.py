"""Count refill windows from the completion of orders, and set them by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from orders.aftercare.eligibility import REFILLABLE
from orders.models import Order, OrderEvent, RefillMark, RefillWindow
from panelhub import audit
from providers.models.service_names.refill import LIFETIME

if TYPE_CHECKING:
    from django.http import HttpRequest

EVENTS_A_ROUND: Final = 20_000
# Lines whose transaction ended after those of later ones are found by looking a little further back.
LOOKED_BACK: Final = 1_000
MOST_DAYS: Final = LIFETIME - 1
_COLUMNS: Final = ("pk", "finished_at", "service__refill_days")


def refresh_windows(*, now: datetime | None = None) -> dict[str, int]:
    """Count the windows of orders that were completed since the last time; returns how many, and how many lines.

    Four statements for :data:`EVENTS_A_ROUND` lines of the timeline. What a person set keeps its days and is counted
    from the newest completion. A window that ended long ago is not made.
    """
    now = now or timezone.now()
    mark, _made = RefillMark.objects.get_or_create(pk=1)
    newest = OrderEvent.objects.filter(pk__gt=mark.event_id).order_by("pk").values("pk")[:EVENTS_A_ROUND]
    last = OrderEvent.objects.filter(pk__in=newest).aggregate(last=Max("pk"))["last"]
    if last is None:
        return {}
    touched = OrderEvent.objects.filter(
        pk__gt=mark.event_id - LOOKED_BACK, pk__lte=last, order__isnull=False, after__in=sorted(REFILLABLE)
    ).values("order")
    windows = _windows_of(touched, now)
    with transaction.atomic():
        RefillWindow.objects.bulk_create(
            windows,
            update_conflicts=True,
            unique_fields=["order"],
            update_fields=["days", "counted_from", "ends_at"],
            batch_size=1_000,
        )
        RefillMark.objects.filter(pk=1, event_id__lt=last).update(event_id=last)
    return {"windows": len(windows)} if windows else {}


def _windows_of(orders: Any, now: datetime) -> list[RefillWindow]:
    """Return the windows of completed ``orders`` that are new, or were counted from another completion."""
    done = Order.objects.filter(pk__in=orders, status__in=sorted(REFILLABLE), finished_at__isnull=False)
    known = {one.pk: one for one in RefillWindow.objects.filter(order__in=done.values("pk"))}
    found = []
    for pk, finished_at, days in done.order_by("pk").values_list(*_COLUMNS):
        window = known.get(pk)
        if window is None:
            if not days:
                continue
            window = RefillWindow(order_id=pk, days=None if days >= LIFETIME else days)
        elif window.counted_from == finished_at:
            continue
        window.count_from(finished_at)
        if pk in known or window.is_open(now):
            found.append(window)
    return found


def set_window(order: Order, days: int | None, *, by: Any, request: HttpRequest | None = None) -> RefillWindow:
    """Set how long an order can be refilled, in days from its completion; ``None`` for a lifetime."""
    with transaction.atomic():
        window = RefillWindow.objects.select_for_update().filter(order=order).first() or RefillWindow(order=order)
        window.days, window.set_by = days, by
        window.count_from(order.finished_at if order.status in REFILLABLE else None)
        window.save()
        audit.record(by, "order.refill_window", order, request=request, days=days)
    return window


def days_left(ends_at: datetime, now: datetime) -> int:
    """Return how many days are left of a window, begun ones counted whole; 0 once it has ended."""
    return max(0, -((now - ends_at) // timedelta(days=1)))
