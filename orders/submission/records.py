"""Write down the result of a paid call: outcome per row, its try, its line in the timeline.

A record is conditional on the try's token, so a try whose row was swept or settled meanwhile
cannot overwrite what stands there; what it learned is stored on the try instead.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from django.db import Error, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.link_hooks import links_changed, lock_chains
from orders.models import Attempt, OrderEvent
from orders.submission import doubts
from orders.submission.call_types import CallType
from orders.submission.late_answers import hold_resent, late_ids_of
from orders.submission.results import CallOutcome, Result
from orders.submission.row_moves import event_for
from panelhub.db.bulk import update_rows

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence
    from datetime import datetime


log = logging.getLogger(__name__)
LONGEST_RECORDING = 60.0


def record(
    kind: CallType,
    provider: Any,
    token: uuid.UUID,
    rows: Sequence[Any],
    results: Mapping[int, Result],
    *,
    seconds: float,
) -> Mapping[int, Result]:
    """Write the results down, committed, and return them as written; tried again until the database takes them.

    When it does not for a minute the rows stay ``sending`` and the sweeper makes them
    ``unconfirmed``; the ids are in the log.
    """
    is_doubted = False
    end = time.monotonic() + LONGEST_RECORDING
    delay = 0.1
    while True:
        try:
            if not is_doubted:
                # It reads the database too: ids of the same batch must not be lost to that.
                results = doubts.doubt_duplicates(kind, token, rows, results)
                is_doubted = True
            _record_once(kind, token, rows, results, seconds=seconds)
        except Error as error:
            if isinstance(error, IntegrityError) and any(_is_placed(result) for result in results.values()):
                results = {pk: _as_duplicate(result) for pk, result in results.items()}
                continue
            if time.monotonic() > end or connection.in_atomic_block:
                ids = {pk: result.external_id for pk, result in results.items() if result.external_id}
                log.critical("could not record %s at %s: accepted ids %s", kind.slug, provider, ids, exc_info=True)
                raise
            connection.close()
            time.sleep(delay)
            delay = min(5.0, delay * 2)
        else:
            return results


def _error_of(kind: CallType, result: Result) -> str:
    """The text a row shows for its outcome."""
    if result.outcome in {CallOutcome.ACCEPTED, CallOutcome.POSTPONED, CallOutcome.NOT_SENT}:
        return ""
    return doubts.describe_check(result.text) if doubts.is_checked(kind, result) else result.text[:1000]


def _is_placed(result: Result) -> bool:
    return result.outcome == CallOutcome.ACCEPTED and result.external_id is not None


def _as_duplicate(result: Result) -> Result:
    if not _is_placed(result):
        return result
    text = _("The provider returned ID %(id)s, which another order already has.") % {"id": result.external_id}
    return Result(CallOutcome.UNKNOWN, text=text, seen_id=result.external_id or "")


def _record_once(
    kind: CallType, token: uuid.UUID, rows: Sequence[Any], results: Mapping[int, Result], *, seconds: float
) -> None:
    machine, now = kind.machine, timezone.now()
    target: dict[str, str] = {
        CallOutcome.ACCEPTED: machine.accepted,
        CallOutcome.REFUSED: machine.refused,
        CallOutcome.UNKNOWN: statuses.UNCONFIRMED,
        CallOutcome.POSTPONED: statuses.QUEUED,
        CallOutcome.NOT_SENT: statuses.QUEUED,
    }
    certain = [pk for pk, result in results.items() if result.outcome in {CallOutcome.ACCEPTED, CallOutcome.REFUSED}]
    open_again = [pk for pk in results if pk not in certain]
    claim = kind.model._meta.get_field("claim").get_db_prep_value(token, connection)
    chained = {row.pk: row.chain_id for row in rows if getattr(row, "chain_id", None) is not None}
    with transaction.atomic():
        lock_chains(chained.values())
        written: set[int] = set()
        for keys, sources in ((certain, ("sending", "unconfirmed")), (open_again, ("sending",))):
            new = [
                (
                    pk,
                    target[results[pk].outcome],
                    results[pk].external_id,
                    _error_of(kind, results[pk]),
                    results[pk].not_before,
                    now if results[pk].outcome == CallOutcome.ACCEPTED else None,
                    now if results[pk].outcome == CallOutcome.REFUSED else None,
                )
                for pk in keys
            ]
            marks = ", ".join(["%s"] * len(sources))
            written |= update_rows(
                kind.model,
                ["status", "external_id", "error", "not_before", "placed_at", "finished_at"],
                new,
                only_if=f"t.claim = %s AND t.status IN ({marks})",
                parameters=[claim, *sources],
            )
        late = late_ids_of(kind, results, written)
        hold_resent(kind, late)
        swept = _close_attempts(kind, token, results, late, now, seconds)
        doubts.open_checks(kind, token, [row for row in rows if row.pk in written], results)
        _write_events(kind, rows, results, written, late, swept, target, now)
        links_changed(chained)


def _close_attempts(
    kind: CallType,
    token: uuid.UUID,
    results: Mapping[int, Result],
    late: Mapping[int, str],
    now: datetime,
    seconds: float,
) -> set[int]:
    """Complete the tries of this call; returns the rows that the sweeper had taken for lost meanwhile."""
    subject = f"{kind.subject}_id"
    open_tries = Attempt.objects.filter(call=token, finished_at=None).values_list("pk", subject, "outcome")
    closed, swept = [], set()
    for attempt, pk, outcome in open_tries:
        if outcome:
            swept.add(pk)
        result = results[pk]
        seen = result.seen_id or result.external_id or ""
        closed.append(
            (
                attempt,
                result.outcome,
                result.problem if result.outcome == CallOutcome.REFUSED else "",
                result.text[:1000],
                result.http_status,
                result.excerpt,
                seen[:100],
                late.get(pk, "")[:100],
                seconds,
                now,
            )
        )
    update_rows(
        Attempt,
        ["outcome", "problem", "detail", "http_status", "excerpt", "seen_id", "late_id", "seconds", "finished_at"],
        closed,
    )
    return swept


def _write_events(
    kind: CallType,
    rows: Sequence[Any],
    results: Mapping[int, Result],
    written: set[int],
    late: Mapping[int, str],
    swept: set[int],
    target: Mapping[Any, str],
    now: datetime,
) -> None:
    events = []
    for row in rows:
        result = results[row.pk]
        if row.pk in written:
            events.append(
                event_for(
                    kind,
                    row,
                    at=now,
                    before=statuses.UNCONFIRMED if row.pk in swept else statuses.SENDING,
                    after=target[result.outcome],
                    words=result.text,
                    data={"external_id": result.external_id} if result.external_id else {},
                )
            )
        elif row.pk in late:
            words = _("A late reply shows an earlier attempt was accepted. This may be a second purchase.")
            if late[row.pk]:
                words = _(
                    "A late reply shows an earlier attempt was accepted as %(id)s. This may be a second purchase."
                ) % {"id": late[row.pk]}
            events.append(event_for(kind, row, at=now, event="warning", words=words, data={"late_id": late[row.pk]}))
    OrderEvent.objects.bulk_create(events)
