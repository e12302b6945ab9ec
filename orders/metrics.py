"""Prometheus metrics: what is open, unconfirmed and stuck, and how long queued rows have waited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, DateTimeField, Min, Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client.core import Metric

from orders import statuses
from orders.models import PollRound
from orders.polling.rounds import BY_HAND
from orders.polling.tiers import SLOW_FOR as STUCK_AFTER
from orders.submission.call_types import CALL_TYPES, ORDERS, CallType
from panelhub.monitoring.metrics import gauge

WAITING: Final = (statuses.HELD, statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED)


def read_order_metrics() -> Iterator[Metric]:
    """Yield everything that is not over, by provider and state, and the age of what is due; two statements."""
    now = timezone.now()
    rows = list(_read_states(now))
    yield gauge(
        "orders", "Orders and requests that are not over.", ["provider", "kind", "status"],
        [((provider, kind, status), count) for kind, provider, status, count, _stuck, _oldest in rows],
    )  # fmt: skip
    for name, text, wanted in (
        ("orders_open", "What the provider works at.", frozenset(statuses.OPEN)),
        ("orders_unconfirmed", "Sent, and the answer is not known.", frozenset({statuses.UNCONFIRMED})),
    ):
        sums: Counter[tuple[str, str]] = Counter()
        for kind, provider, status, count, _stuck, _oldest in rows:
            sums[provider, kind] += count if status in wanted else 0
        yield gauge(name, text, ["provider", "kind"], sums.items())
    stuck: Counter[str] = Counter()
    for _kind, provider, _status, _count, is_stuck, _oldest in rows:
        stuck[provider] += is_stuck
    days = STUCK_AFTER.days
    yield gauge("orders_stuck", f"Open orders that have not moved for {days} days.", ["provider"], stuck.items())
    waits: dict[tuple[str, str], datetime] = {}
    for kind, provider, _status, _count, _stuck, oldest in rows:
        if oldest is not None:
            waits[provider, kind] = min(oldest, waits.get((provider, kind), oldest))
    yield gauge(
        "queue_age_seconds", "How long the oldest that may be sent has waited.", ["provider", "kind"],
        [(labels, max(0.0, (now - since).total_seconds())) for labels, since in waits.items()],
    )  # fmt: skip
    due = PollRound.objects.filter(due_at__lte=Now()).exclude(tier=BY_HAND, started_at=None)
    oldest_due = due.order_by().values_list("provider__name", "kind").annotate(since=Min("due_at"))
    yield gauge(
        "round_overdue_seconds", "How long the oldest round of questions that is due has waited.", ["provider", "kind"],
        [((name, kind), max(0.0, (now - since).total_seconds())) for name, kind, since in oldest_due],
    )  # fmt: skip


def _read_states(now: datetime) -> Iterator[tuple[str, str, str, int, int, Any]]:
    """Yield kind, provider, state, how many, how many of them stuck, and since when the oldest due one waits."""
    first, *others = (_states_of(kind, now) for kind in CALL_TYPES)
    yield from first.union(*others, all=True)


def _states_of(kind: CallType, now: datetime) -> Any:
    known = set(kind.machine.moves)
    wanted = sorted({*WAITING, *statuses.OPEN} & known)
    due = Q(status=statuses.QUEUED) & (Q(not_before__isnull=True) | Q(not_before__lte=now))
    stuck = Q(pk__in=[])
    if kind is ORDERS:
        unmoved = Q(moved_at__lt=now - STUCK_AFTER) | Q(moved_at__isnull=True)
        stuck = Q(status__in=statuses.OPEN, created_at__lt=now - STUCK_AFTER) & unmoved
    return (
        kind.model.objects.filter(status__in=wanted)
        .order_by()
        .annotate(x_kind=Value(kind.slug))
        .values_list("x_kind", f"{kind.provider_path}__name", "status")
        .annotate(
            n=Count("pk"),
            n_stuck=Count("pk", filter=stuck),
            oldest=Min("created_at", filter=due, output_field=DateTimeField()),
        )
    )
