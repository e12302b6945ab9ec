"""Rollups: update daily totals and measured quality in a job as orders change, so that the dashboard only reads.

A day is worked out again, whole, when an order made on it has a new line in its timeline; today and
yesterday always are. That is right whatever happened, and costs three statements a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from orders import statuses
from orders.models import DailyTotal, Order, OrderEvent, PersonDay, ProviderDay, RollupMark

EVENTS_A_ROUND: Final = 50_000
NOT_ORDERED: Final = ("rejected", statuses.WITHDRAWN)
"""States of what was never bought: it counts nowhere."""
DELIVERED: Final = Q(status="completed", placed_at__isnull=False, finished_at__isnull=False)
_CHARGE: Final = DailyTotal._meta.get_field("charge")


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
    """Work out the totals of ``days`` (in the hub's time zone) again, all three tables of a day from one statement."""
    for day in sorted(days):
        start, end = bounds_of(day)
        groups = (
            Order.objects.filter(created_at__gte=start, created_at__lt=end)
            .order_by()
            .values("provider_id", "created_by_id", "status", code=F("provider__currency"))
            .annotate(
                n=Count("pk"),
                charged=Coalesce(Sum("charge"), 0, output_field=_CHARGE),
                to_pay=Coalesce(Sum("expected_charge"), 0, output_field=_CHARGE),
                done=Count("pk", filter=DELIVERED),
                span=Sum(F("finished_at") - F("placed_at"), filter=DELIVERED),
            )
        )
        _write_day(day, list(groups))


def _write_day(day: date, groups: Sequence[Mapping[str, Any]]) -> None:
    """Replace the rows of one day."""
    people: dict[tuple[int | None, str], PersonDay] = {}
    providers: dict[tuple[int, str], ProviderDay] = {}
    totals = []
    for row in groups:
        provider, person, status = row["provider_id"], row["created_by_id"], row["status"]
        figures = {"orders": row["n"], "charge": row["charged"]}
        totals.append(
            DailyTotal(
                day=day, provider_id=provider, person_id=person, status=status, expected=row["to_pay"], **figures
            )
        )
        of_provider = providers.setdefault(
            (provider, status), ProviderDay(day=day, provider_id=provider, status=status)
        )
        of_provider.delivered += row["done"]
        of_provider.delivery_seconds += int(row["span"].total_seconds()) if row["span"] else 0
        added: list[Any] = [of_provider]
        if status not in NOT_ORDERED:
            made = PersonDay(day=day, person_id=person, currency=row["code"])
            added.append(people.setdefault((person, row["code"]), made))
        for one in added:
            one.orders += row["n"]
            one.charge += row["charged"]
    tables: Any = ((DailyTotal, totals), (ProviderDay, providers.values()), (PersonDay, people.values()))
    with transaction.atomic():
        for model, rows in tables:
            model.objects.filter(day=day).delete()
            model.objects.bulk_create(rows, batch_size=1000)


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Return the first moment of a day in the hub's time zone, and of the next."""
    zone = timezone.get_current_timezone()
    return (
        datetime.combine(day, time.min, tzinfo=zone),
        datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone),
    )
