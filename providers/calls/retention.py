"""Limit how long records of calls are stored, and how much space they take.

Failed reads go first: they say how a provider does, while a paid call may be needed when money is missing. Counts
of calls are never lost: hours that no one looks at any more are added to one row, so totals only ever grow.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, QuerySet, Sum, Window
from django.utils import timezone

from providers.models import CallCount, CallRecord, ProviderCheck

if TYPE_CHECKING:
    from collections.abc import Iterable

JOB: Final = "tidy_records"
EVERY: Final = timedelta(hours=1)
CHUNK: Final = 2_000
READS_KEPT: Final = timedelta(days=14)
SHARE_OF_READS: Final = 0.25
HOURS_KEPT: Final = timedelta(days=8)
CHECKS_KEPT: Final = timedelta(days=90)
MOST_FOLDED: Final = 20_000
BEFORE: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The hour of the row that holds all hours which are no longer stored one by one."""


def tidy_records() -> Counter[str]:
    """Remove what is too old or takes too much room; returns figures. Safe to run several times at once."""
    now = timezone.now()
    room = settings.PANELHUB_CALL_RECORDS_MB * 1_000_000
    reads, paid = CallRecord.objects.filter(is_paid=False), CallRecord.objects.filter(is_paid=True)
    figures: Counter[str] = Counter(
        reads=_remove(reads, before=now - READS_KEPT, room=round(room * SHARE_OF_READS)),
        paid_calls=_remove(
            paid,
            before=now - timedelta(days=settings.PANELHUB_CALL_RECORDS_DAYS),
            room=round(room * (1 - SHARE_OF_READS)),
        ),
        hours=_fold_counts(before=now - HOURS_KEPT),
        checks=_remove_checks(before=now - CHECKS_KEPT),
    )
    return +figures


def _remove(records: QuerySet[CallRecord], *, before: datetime, room: int) -> int:
    """Remove the oldest of ``records`` that are beyond the time or the room (bytes); returns how many."""
    newest_first = Window(Sum("size"), order_by=F("id").desc())
    beyond = records.order_by("-id").annotate(total=newest_first).filter(total__gt=room).values_list("pk", flat=True)
    # Rows are written in the order of their time, nearly: the newest of the old ones is where they end.
    too_old = records.filter(at__lt=before).aggregate(last=Max("pk"))["last"] or 0
    last = max(too_old, beyond.first() or 0)
    return _in_chunks(records.filter(pk__lte=last)) if last else 0


def _remove_checks(*, before: datetime) -> int:
    """Old checks of accounts go, but for the newest of each, which its page shows."""
    newest = ProviderCheck.objects.order_by().values("provider").annotate(last=Max("pk")).values_list("last", flat=True)
    return _in_chunks(ProviderCheck.objects.filter(at__lt=before).exclude(pk__in=list(newest)))


def _in_chunks(rows: QuerySet[Any]) -> int:
    removed = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        removed += rows.model._base_manager.filter(pk__in=keys).delete()[0]
    return removed


def _fold_counts(*, before: datetime) -> int:
    """Add the counts of hours that are over for long to one row each of provider, action and outcome."""
    with transaction.atomic():
        old = CallCount.objects.filter(hour__lt=before, hour__gt=BEFORE).order_by("pk").select_for_update()
        rows = list(old.values_list("pk", "provider_id", "action", "outcome", "calls", "seconds")[:MOST_FOLDED])
        sums: dict[tuple[int, str, str], list[float]] = {}
        for _pk, provider, action, outcome, calls, seconds in rows:
            total = sums.setdefault((provider, action, outcome), [0, 0.0])
            total[0] += calls
            total[1] += seconds
        _add(((provider, action, outcome, total[0], total[1]) for (provider, action, outcome), total in sums.items()))
        for start in range(0, len(rows), CHUNK):
            CallCount.objects.filter(pk__in=[row[0] for row in rows[start : start + CHUNK]]).delete()
    return len(rows)


def _add(sums: Iterable[tuple[Any, ...]]) -> None:
    hour = connection.ops.adapt_datetimefield_value(BEFORE)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO providers_callcount (provider_id, hour, action, outcome, calls, seconds) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (provider_id, hour, action, outcome) DO UPDATE SET "
            "calls = providers_callcount.calls + excluded.calls, "
            "seconds = providers_callcount.seconds + excluded.seconds",
            [(provider, hour, action, outcome, calls, seconds) for provider, action, outcome, calls, seconds in sums],
        )
