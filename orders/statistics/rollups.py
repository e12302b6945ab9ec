"""Rollups: update daily totals in a job as orders change, so that the dashboard only reads.

A day is worked out again, whole, when an order made on it has a new line in its timeline; today and
yesterday always are. That is right whatever happened, and costs three statements a day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from orders import statuses
from orders.models import DailyTotal, Order, OrderEvent, RollupMark

EVENTS_A_ROUND: Final = 50_000
_NO_SPEND: Final = ("rejected", statuses.WITHDRAWN)


def refresh_totals() -> int:
    """Work out again every day that changed since the last time; returns how many days those were."""
    mark, _made = RollupMark.objects.get_or_create(pk=1)
    newest = OrderEvent.objects.filter(pk__gt=mark.event_id).order_by("pk").values("pk")[:EVENTS_A_ROUND]
    last = OrderEvent.objects.filter(pk__in=newest).aggregate(last=Max("pk"))["last"]
    today = timezone.localdate()
    days = {today, today - timedelta(days=1)}
    if last is not None:
        touched = OrderEvent.objects.filter(pk__gt=mark.event_id, pk__lte=last, order__isnull=False)
        days.update(
            timezone.localdate(at) for at in touched.values_list("order__created_at", flat=True).distinct().iterator()
        )
    refresh_days(day for day in days if not _is_past_retention(day, today))
    if last is not None:
        RollupMark.objects.filter(pk=1, event_id__lt=last).update(event_id=last)
    return len(days)


def _is_past_retention(day: date, today: date) -> bool:
    """Return whether orders of a day may have been removed: its totals stay as they were worked out before."""
    kept: int | None = settings.PANELHUB_ORDERS_DAYS
    return kept is not None and day <= today - timedelta(days=kept)


def refresh_days(days: Iterable[date]) -> None:
    """Work out the totals of ``days`` (in the hub's time zone) again."""
    for day in sorted(days):
        start, end = _bounds(day)
        groups = (
            Order.objects.filter(created_at__gte=start, created_at__lt=end)
            .order_by()
            .values_list("provider_id", "created_by_id", "status")
            .annotate(
                orders=Count("pk"),
                charged=Coalesce(Sum("charge"), 0, output_field=DailyTotal._meta.get_field("charge")),
                expected=Coalesce(Sum("expected_charge"), 0, output_field=DailyTotal._meta.get_field("charge")),
            )
        )
        with transaction.atomic():
            DailyTotal.objects.filter(day=day).delete()
            DailyTotal.objects.bulk_create(
                [
                    DailyTotal(
                        day=day,
                        provider_id=provider,
                        person_id=person,
                        status=status,
                        orders=orders,
                        charge=charged,
                        expected=expected,
                    )
                    for provider, person, status, orders, charged, expected in groups
                ]
            )


def find_totals(first: date, providers: Iterable[int], clients: Collection[int] | None) -> Iterable[tuple[Any, ...]]:
    """Yield orders, charge and expected charge of what was ordered since a day, by day, provider, person and state.

    Daily totals know no clients: for a person who is limited to ``clients``, their orders are added up instead.
    """
    group = ("day", "provider_id", "person_id", "person__username", "status")
    if clients is None:
        totals = DailyTotal.objects.filter(day__gte=first, provider__in=list(providers)).exclude(status__in=_NO_SPEND)
        yield from totals.values_list(*group, "orders", "charge", "expected")
        return
    made = Order.objects.filter(client__in=clients, created_at__gte=_bounds(first)[0], provider__in=list(providers))
    by_day = made.exclude(status__in=_NO_SPEND).annotate(day=TruncDate("created_at"), person_id=F("created_by_id"))
    money = DailyTotal._meta.get_field("charge")
    yield from (
        by_day.order_by()
        .values_list("day", "provider_id", "person_id", "created_by__username", "status")
        .annotate(
            n=Count("pk"),
            charged=Coalesce(Sum("charge"), 0, output_field=money),
            expecting=Coalesce(Sum("expected_charge"), 0, output_field=money),
        )
    )


def _bounds(day: date) -> tuple[datetime, datetime]:
    zone = timezone.get_current_timezone()
    return (
        datetime.combine(day, time.min, tzinfo=zone),
        datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone),
    )
