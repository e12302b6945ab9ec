"""The daily digest: once a day, for each person, what waits, what ends, and what was spent the day before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Sum
from django.utils import timezone

from orders import statuses
from orders.currency.exchange import RateMissing, to_hub
from orders.models import DailyTotal, HubRules, Notice, Order, RefillWindow, Schedule, SlowOrder, Ticket
from orders.notifications.detectors import BACKEND, REFILL_ENDS_WITHIN, Finding
from orders.permissions import granted_client_ids, seen_by
from panelhub.ui.formatting import money_text

KIND: Final = "digest"
FROM_HOUR: Final = 8
"""The hour of the day, in the hub's time zone, from which on there is a new one."""
PERMISSION: Final = "orders.view_order"
NOTHING_SPENT: Final = "–"


def find_digests(now: datetime) -> Iterator[Finding]:
    """Yield the digest of today for each person for whom there is something in it.

    Worked out once a day: later looks of the day repeat what was said. Two statements, and seven for each person
    whose digest is new.
    """
    day = timezone.localdate(now - timedelta(hours=FROM_HOUR))
    said = dict(Notice.objects.filter(kind=KIND, ended_at__isnull=True).values_list("key", "params"))
    people = get_user_model()._default_manager.with_perm(PERMISSION, backend=BACKEND).order_by("pk")
    for reader in people:
        key = f"{reader.pk}:{day}"
        params = said.get(key)
        if params is None:
            params = _work_out(reader, day, now)
        if params:
            yield Finding(key, None, params)


def _work_out(reader: Any, day: date, now: datetime) -> dict[str, Any]:
    """Return the figures for one person, of the providers they see; empty when there is nothing to say."""
    ends = RefillWindow.objects.filter(
        ends_at__gt=now, ends_at__lte=now + REFILL_ENDS_WITHIN, order__status__in=["completed", "partial"]
    )
    end_of_day = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    scheduled = Schedule.objects.filter(status=Schedule.Status.ACTIVE, next_at__lt=end_of_day)
    counted = {
        "held": (Order.objects.filter(status=statuses.HELD), "provider_id"),
        "unconfirmed": (Order.objects.filter(status=statuses.UNCONFIRMED), "provider_id"),
        "slow": (SlowOrder.objects.filter(order__status__in=sorted(statuses.OPEN)), "order__provider_id"),
        "ending": (ends, "order__provider_id"),
        "scheduled": (scheduled, "provider_id"),
        "tickets": (Ticket.objects.filter(answered_at__isnull=True, created_by=reader.pk), "provider_id"),
    }
    figures = {name: seen_by(rows, reader, path=path).count() for name, (rows, path) in counted.items()}
    spent = _spent(reader, day - timedelta(days=1)) if reader.has_perm("orders.view_cost") else NOTHING_SPENT
    if not any(figures.values()) and spent == NOTHING_SPENT:
        return {}
    return {**figures, "spent": spent, "reader": reader.pk}


def _spent(reader: Any, day: date) -> str:
    """Return what the orders of a day were charged, in the hub's currency; a dash for nothing."""
    if granted_client_ids(reader) is not None:
        # The totals of a day are not kept by client.
        return NOTHING_SPENT
    rows = seen_by(DailyTotal.objects.filter(day=day), reader).exclude(status__in=("rejected", statuses.WITHDRAWN))
    sums = rows.order_by().values_list("provider__currency").annotate(total=Sum("charge"))
    rules, total = HubRules.load(), Decimal(0)
    for currency, amount in sums:
        try:
            total += to_hub(amount or Decimal(0), currency, rules=rules)
        except RateMissing:
            continue
    return money_text(total.quantize(Decimal("0.01")), rules.currency) if total else NOTHING_SPENT
