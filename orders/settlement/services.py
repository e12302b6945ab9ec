"""Resolve unconfirmed orders: the ways to do it, each by a person, with a reason, once.

Whoever settles takes the row's lock and moves it from ``unconfirmed`` in one conditional update, so of two
people one decides and the other gets an error. The row's claim is cleared with it: a reply that arrives later stays
on its try and is raised as a second purchase (:mod:`orders.submission.records`). No provider is called here; adopting
an id is confirmed by :mod:`orders.settlement.adoption`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders import statuses
from orders.link_hooks import lock_chains_of
from orders.models import Attempt, PaidCall, Settlement
from orders.settlement.evidence import reopens_at
from orders.submission.call_types import ORDERS, call_type_of, provider_of
from orders.submission.late_answers import LATE_ANSWER
from orders.submission.row_moves import event_for
from panelhub import audit
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from orders.submission.call_types import CallType

Way = Settlement.Way
REASON_LENGTH: Final = 500


class CannotSettle(Exception):
    """It cannot be settled this way now; ``str()`` is a sentence that says why."""


def send_again(row: PaidCall, *, by: Any, reason: str, request: HttpRequest | None = None) -> Settlement:
    """Queue an unconfirmed row for a new try. Raises :class:`CannotSettle`, before deadline plus margin too."""
    made = _settle(
        row,
        way=Way.SEND_AGAIN,
        to=statuses.QUEUED,
        by=by,
        reason=reason,
        request=request,
        changes={"error": "", "not_before": None, "claimed_at": None, "finished_at": None},
    )
    notify_worker("orders.submission.tasks.submit_provider", made.provider_id, queue=CLICKS)
    return made


def mark_not_placed(row: PaidCall, *, by: Any, reason: str, request: HttpRequest | None = None) -> Settlement:
    """Close an unconfirmed row as refused: nothing was bought. Raises :class:`CannotSettle`."""
    return _close(row, way=Way.NOT_PLACED, to=call_type_of(row).machine.refused, by=by, reason=reason, request=request)


def close_as_unknown(row: PaidCall, *, by: Any, reason: str, request: HttpRequest | None = None) -> Settlement:
    """Close an unconfirmed row without knowing its outcome. Raises :class:`CannotSettle`."""
    return _close(row, way=Way.GIVE_UP, to=statuses.GIVEN_UP, by=by, reason=reason, request=request)


def accept_without_id(row: PaidCall, *, by: Any, reason: str, request: HttpRequest | None = None) -> Settlement:
    """Take an unconfirmed refill or cancel for accepted, although no one knows its id. Raises :class:`CannotSettle`."""
    kind = call_type_of(row)
    if kind.slug not in WITHOUT_ID:
        raise CannotSettle(_("Enter the provider ID to adopt."))
    return _settle(
        row,
        way=Way.ADOPT,
        to=kind.machine.accepted,
        by=by,
        reason=reason,
        request=request,
        changes={"error": "", "placed_at": sent_at(row) or timezone.now()},
    )


WITHOUT_ID: Final = frozenset({"refill", "cancellation"})


def _close(row: PaidCall, *, way: Way, to: str, by: Any, reason: str, request: HttpRequest | None) -> Settlement:
    changes = {"error": clean_reason(reason), "finished_at": timezone.now()}
    return _settle(row, way=way, to=to, by=by, reason=reason, request=request, changes=changes)


def _settle(
    row: PaidCall,
    *,
    way: Way,
    to: str,
    by: Any,
    reason: str,
    request: HttpRequest | None,
    changes: dict[str, Any],
) -> Settlement:
    reason = clean_reason(reason)
    if not reason:
        raise CannotSettle(_("Enter a reason. It is saved with the decision."))
    kind = call_type_of(row)
    with transaction.atomic():
        current = lock_unconfirmed(kind, row.pk)
        if waiting := waiting_adoption(kind, row.pk):
            raise CannotSettle(being_adopted(waiting))
        if way == Way.SEND_AGAIN:
            _check_reopened(current)
        move(kind, row.pk, to=to, changes=changes)
        made = Settlement.objects.create(
            kind=kind.slug,
            way=way,
            provider=provider_of(current),
            reason=reason,
            by=by,
            finished_at=timezone.now(),
            **{kind.subject: current},
        )
        note_settled(kind, current, made, after=to, request=request)
    return made


def _check_reopened(row: PaidCall) -> None:
    opens = reopens_at(row)
    if opens is not None and opens > timezone.now():
        when = date_format(timezone.localtime(opens), "H:i:s")
        sentence = _("A reply to the last call may still arrive. You can send it again from %(when)s.")
        raise CannotSettle(sentence % {"when": when})


# --- What every way out shares, the adoption included ---------------------------------------------------------------


def clean_reason(reason: str) -> str:
    """Return a reason as it is stored: one paragraph, cut to length."""
    return " ".join(reason.split())[:REASON_LENGTH]


def lock_unconfirmed(kind: CallType, pk: int) -> Any:
    """Lock an ``unconfirmed`` row, its chain first; raises :class:`CannotSettle` when someone else settled it."""
    if kind is ORDERS:
        lock_chains_of([pk])
    row = kind.model.objects.select_for_update().get(pk=pk)
    if row.status != statuses.UNCONFIRMED:
        raise CannotSettle(already_settled(kind, row))
    return row


def already_settled(kind: CallType, row: Any) -> str:
    """Return the sentence that says who was quicker."""
    last = (
        Settlement.objects.filter(**{kind.subject: row}, state=Settlement.State.DONE)
        .exclude(way=Way.SECOND_SEEN)
        .select_related("by")
        .first()
    )
    if last is None or last.by is None:
        return _("Already resolved: %(status)s.") % {"status": row.get_status_display()}
    return _("%(person)s already resolved it: %(status)s.") % {
        "person": last.by.get_username(),
        "status": row.get_status_display(),
    }


def waiting_adoption(kind: CallType, pk: int) -> Settlement | None:
    """Return the adoption of a row that waits for the provider's word, if there is one."""
    waiting = Settlement.objects.filter(**{f"{kind.subject}_id": pk}, state=Settlement.State.WAITING)
    return waiting.select_related("by").first()


def being_adopted(waiting: Settlement) -> str:
    """Return the sentence that says whose adoption stands in the way."""
    return _("%(person)s is adopting it as %(id)s. Checking with the provider.") % {
        "person": waiting.by.get_username() if waiting.by else _("Someone"),
        "id": waiting.external_id,
    }


def move(kind: CallType, pk: int, *, to: str, changes: dict[str, Any]) -> None:
    """Move a locked row out of ``unconfirmed`` and take it from the try that lost it."""
    if not kind.machine.may_follow(statuses.UNCONFIRMED, to):
        raise CannotSettle(_("It can’t become %(status)s.") % {"status": to})
    moved = kind.model.objects.filter(pk=pk, status=statuses.UNCONFIRMED).update(status=to, claim=None, **changes)
    if not moved:
        raise CannotSettle(_("It is already resolved."))


def note_settled(
    kind: CallType,
    row: Any,
    made: Settlement,
    *,
    after: str,
    before: str = statuses.UNCONFIRMED,
    request: HttpRequest | None = None,
) -> None:
    """Write a settlement into the timeline and the audit record."""
    data = {"way": made.way, "kind": kind.slug, "row": row.pk}
    if made.external_id:
        data["external_id"] = made.external_id
    event_for(
        kind,
        row,
        event="settled",
        before=before,
        after=after,
        words=made.reason,
        actor=made.by,
        data=data,
    ).save()
    audit.record(made.by, f"{kind.slug}.settled", row, made.reason, request=request, **data)


def sent_at(row: PaidCall) -> datetime | None:
    """Return when the last try of a row went out."""
    tries = Attempt.objects.filter(**{call_type_of(row).subject: row}).order_by("-id")
    return tries.values_list("started_at", flat=True).first() or row.claimed_at


# --- A second purchase ----------------------------------------------------------------------------------------------


def adopt_late_id(attempt: Attempt, *, by: Any, reason: str = "", request: HttpRequest | None = None) -> Settlement:
    """Take the id that a late reply brought for the row itself, which is held since; nothing is bought twice then.

    The provider's own answer to the try confirms the id. Raises :class:`CannotSettle` when the row
    is not held for it any more, or the id is on another row.
    """
    row = subject_of(attempt)
    kind = call_type_of(row)
    placed = {"external_id": attempt.late_id, "placed_at": attempt.started_at, "held_for": "", "error": ""}
    try:
        with transaction.atomic():
            current = kind.model.objects.select_for_update().get(pk=row.pk)
            held = kind.model.objects.filter(pk=row.pk, status=statuses.HELD)
            if statuses.HELD not in kind.machine.moves or not held.filter(held_for=LATE_ANSWER).update(
                status=kind.machine.accepted, claim=None, **placed
            ):
                raise CannotSettle(already_settled(kind, current))
            made = Settlement.objects.create(
                kind=kind.slug,
                way=Way.ADOPT,
                provider_id=attempt.provider_id,
                external_id=attempt.late_id,
                reason=clean_reason(reason) or _("Named in a late reply."),
                by=by,
                finished_at=timezone.now(),
                **{kind.subject: current},
            )
            note_settled(kind, current, made, before=statuses.HELD, after=kind.machine.accepted, request=request)
    except IntegrityError:
        raise CannotSettle(_("Another order already has %(id)s.") % {"id": attempt.late_id}) from None
    return made


def dismiss_second_purchase(
    attempt: Attempt, *, by: Any, reason: str, request: HttpRequest | None = None
) -> Settlement:
    """Note that someone dealt with an id that a late reply brought; raises :class:`CannotSettle`."""
    reason = clean_reason(reason)
    if not reason:
        raise CannotSettle(_("Enter a reason. It is saved with the decision."))
    row = subject_of(attempt)
    kind = call_type_of(row)
    with transaction.atomic():
        made, is_new = Settlement.objects.get_or_create(
            kind=kind.slug,
            way=Way.SECOND_SEEN,
            external_id=attempt.late_id,
            **{kind.subject: row},
            defaults={"provider_id": attempt.provider_id, "reason": reason, "by": by, "finished_at": timezone.now()},
        )
        if not is_new:
            raise CannotSettle(already_settled(kind, row))
        data = {"late_id": attempt.late_id, "way": made.way}
        event_for(kind, row, event="settled", words=reason, actor=by, data=data).save()
        audit.record(by, f"{kind.slug}.second_purchase_seen", row, reason, request=request, **data)
    return made


def subject_of(attempt: Attempt) -> Any:
    """Return the row that a try was about."""
    return attempt.order or attempt.refill or attempt.cancellation or attempt.product_order
