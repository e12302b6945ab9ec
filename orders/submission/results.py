"""What came of a paid call, written down: outcome per row, its try, its line in the timeline.

A record is conditional on the try's token, so a try whose row was swept or settled meanwhile
cannot overwrite what stands there; what it learnt is kept on the try instead.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import Error, IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Attempt, OrderEvent
from orders.submission import doubts
from orders.submission.call_types import ORDERS, PRODUCT_ORDERS, Accepted, CallType
from panelhub.db.bulk import update_rows
from providers.calls.circuit_breaker import retry_seconds
from providers.client.errors import (
    AccountRefused,
    NotSent,
    NotSupported,
    OrderProblem,
    OrderRefused,
    ProviderError,
    RateLimited,
    Refused,
    Unknown,
    UnknownReason,
)
from providers.client.types import RowError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence
    from datetime import datetime

log = logging.getLogger(__name__)

CallOutcome = Attempt.Outcome
LATE_ANSWER = "late_answer"
LONGEST_RECORDING = 60.0
TROUBLE = frozenset({CallOutcome.UNKNOWN, CallOutcome.POSTPONED, CallOutcome.NOT_SENT})


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one row: ``text`` is the provider's words or what happened on the way."""

    outcome: str
    external_id: str | None = None
    text: str = ""
    not_before: datetime | None = None
    seen_id: str = ""
    http_status: int | None = None
    excerpt: str = ""
    unlisted: bool = False
    duplicate: bool = False


def results_of(
    rows: Sequence[Any], answers: Mapping[int, Accepted | RowError], error: Exception | None
) -> dict[int, Result]:
    """One result per row, from the client's answers or the exception that ended the call.

    Anything that is not certain is ``unknown``: an exception outside the tree, and a row of a
    batch that the provider did not answer for.
    """
    if error is not None:
        result = _result_of_error(error)
        return {row.pk: result for row in rows}
    results = {}
    for row in rows:
        answer = answers.get(row.pk)
        if isinstance(answer, Accepted):
            results[row.pk] = Result(CallOutcome.ACCEPTED, answer.external_id)
        elif isinstance(answer, RowError):
            is_duplicate = answer.problem == OrderProblem.duplicate
            results[row.pk] = Result(CallOutcome.REFUSED, text=answer.error, duplicate=is_duplicate)
        else:
            results[row.pk] = Result(CallOutcome.UNKNOWN, text=_("The provider did not answer for this one."))
    return results


def _result_of_error(error: Exception) -> Result:
    evidence = error.evidence if isinstance(error, ProviderError) else None
    common: dict[str, Any] = {
        "text": (error.error if isinstance(error, Refused) else str(error))[:1000] or type(error).__name__,
        "seen_id": evidence.seen_id if evidence else "",
        "http_status": evidence.http_status if evidence else None,
        "excerpt": evidence.excerpt if evidence else "",
    }
    match error:
        case RateLimited():
            wait = timedelta(seconds=retry_seconds(error))
            return Result(CallOutcome.POSTPONED, not_before=timezone.now() + wait, **common)
        case AccountRefused():
            return Result(CallOutcome.POSTPONED, **common)
        case NotSent():
            return Result(CallOutcome.NOT_SENT, **common)
        case OrderRefused(problem=OrderProblem.duplicate):
            return Result(CallOutcome.REFUSED, duplicate=True, **common)
        case Refused() | NotSupported():
            return Result(CallOutcome.REFUSED, **common)
        case Unknown(reason=UnknownReason.unlisted):
            return Result(CallOutcome.UNKNOWN, unlisted=True, **{**common, "text": error.error[:1000]})
    if not isinstance(error, ProviderError):
        common["text"] = f"{type(error).__name__} while sending"
    return Result(CallOutcome.UNKNOWN, **common)


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
    results = doubts.doubt_duplicates(kind, token, rows, results)
    end = time.monotonic() + LONGEST_RECORDING
    delay = 0.1
    while True:
        try:
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
    text = _("The provider answered with id %(id)s, which another order already has.") % {"id": result.external_id}
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
    with transaction.atomic():
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
        late = _late_ids(kind, results, written)
        _hold_resent(kind, late)
        swept = _close_attempts(kind, token, results, late, now, seconds)
        doubts.open_checks(kind, token, [row for row in rows if row.pk in written], results)
        _write_events(kind, rows, results, written, late, swept, target, now)


def _late_ids(kind: CallType, results: Mapping[int, Result], written: set[int]) -> dict[int, str]:
    """Ids of what was accepted after its row was settled otherwise; none where a person adopted that very id."""
    late = [pk for pk, result in results.items() if pk not in written and result.outcome == CallOutcome.ACCEPTED]
    if not late:
        return {}
    known = dict(kind.model.objects.filter(pk__in=late).values_list("pk", "external_id"))
    return {pk: results[pk].external_id or "" for pk in late if not known[pk] or known[pk] != results[pk].external_id}


def _hold_resent(kind: CallType, late: Mapping[int, str]) -> None:
    """Hold what a person wants sent again and has not gone out yet, now that the first try is known as accepted."""
    if not late or statuses.HELD not in kind.machine.moves:
        return
    waiting = kind.model.objects.filter(pk__in=late, status=statuses.QUEUED, claim=None)
    rows = list(waiting.order_by("pk").select_for_update())
    words = _("The first try was accepted after all, as the late answer says: sending it again would buy it twice.")
    waiting.filter(pk__in=[row.pk for row in rows]).update(
        status=statuses.HELD, held_for=LATE_ANSWER, error=words[:1000]
    )
    OrderEvent.objects.bulk_create(
        [event_for(kind, row, before=statuses.QUEUED, after=statuses.HELD, words=words) for row in rows]
    )


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
        ["outcome", "detail", "http_status", "excerpt", "seen_id", "late_id", "seconds", "finished_at"],
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
            words = _("A late answer says that an earlier try was accepted: this may be a second purchase.")
            if late[row.pk]:
                words = _(
                    "A late answer says that an earlier try was accepted as %(id)s: this may be a second purchase."
                ) % {"id": late[row.pk]}
            events.append(event_for(kind, row, at=now, event="warning", words=words, data={"late_id": late[row.pk]}))
    OrderEvent.objects.bulk_create(events)


def event_for(
    kind: CallType,
    row: Any,
    *,
    at: datetime | None = None,
    event: str = "",
    before: str = "",
    after: str = "",
    words: str = "",
    actor: Any = None,
    data: dict[str, Any] | None = None,
) -> OrderEvent:
    """A line of the timeline that ``row`` belongs to: its own, or its order's."""
    kinds = {"order": "state", "product_order": "state", "refill": "refill", "cancellation": "cancel"}
    line = OrderEvent(
        at=at or timezone.now(),
        kind=event or kinds[kind.slug],
        actor=actor,
        before=before,
        after=after,
        words=words[:1000],
        data=data or {},
    )
    if kind is PRODUCT_ORDERS:
        line.product_order_id = row.pk
    else:
        line.order_id = row.pk if kind is ORDERS else row.order_id
    return line


def refuse_unsent(kind: CallType, pk: int, reason: str) -> bool:
    """Refuse a queued row that no call can be made for; nothing was sent."""
    with transaction.atomic():
        moved = kind.model.objects.filter(pk=pk, status=statuses.QUEUED).update(
            status=kind.machine.refused, error=reason[:1000], finished_at=timezone.now()
        )
        if moved:
            row = kind.model.objects.get(pk=pk)
            event_for(kind, row, before=statuses.QUEUED, after=kind.machine.refused, words=reason).save()
    return bool(moved)


def hold_unsent(kind: CallType, pk: int, held_for: str, reason: str) -> bool:
    """Hold a queued row for a person before anything was sent."""
    with transaction.atomic():
        moved = kind.model.objects.filter(pk=pk, status=statuses.QUEUED).update(
            status=statuses.HELD, held_for=held_for, error=reason[:1000]
        )
        if moved:
            row = kind.model.objects.get(pk=pk)
            event_for(kind, row, before=statuses.QUEUED, after=statuses.HELD, words=reason).save()
    return bool(moved)


def drop_claim(kind: CallType, token: uuid.UUID) -> None:
    """Put rows back whose claim went stale before anything was sent."""
    with transaction.atomic():
        ids = list(kind.model.objects.filter(claim=token, status=statuses.SENDING).values_list("pk", flat=True))
        kind.model.objects.filter(pk__in=ids, claim=token, status=statuses.SENDING).update(
            status=statuses.QUEUED, claim=None, claimed_at=None
        )
        Attempt.objects.filter(call=token, finished_at=None).update(
            outcome=CallOutcome.NOT_SENT, detail="the claim went stale before the call", finished_at=timezone.now()
        )


def mark_swept(kind: CallType, pk: int, *, older_than: float) -> int:
    """Turn one row that is ``sending`` for too long into ``unconfirmed``; returns 1 when it did.

    The claim stays on the row: a reply that still arrives may be recorded by its own try.
    """
    text = _("The call was begun and its outcome was never recorded.")
    with transaction.atomic():
        moved = kind.model.objects.filter(
            pk=pk, status=statuses.SENDING, claimed_at__lt=Now() - timedelta(seconds=older_than)
        ).update(status=statuses.UNCONFIRMED, error=text)
        if moved:
            row = kind.model.objects.get(pk=pk)
            event_for(kind, row, before=statuses.SENDING, after=statuses.UNCONFIRMED, words=text).save()
            Attempt.objects.filter(**{kind.subject: pk}, finished_at=None).update(
                outcome=CallOutcome.UNKNOWN, detail=text
            )
    return int(moved)
