"""Set schedules up, and pause, resume, skip and end them; each change locks the schedule and is in the record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import Schedule, ScheduledRun
from orders.placement.client_choice import choose_client, put_client
from orders.placement.form_tokens import TokenReused, scope_token
from orders.placement.services import plain_words
from orders.placement.spending_limits import LimitNotSet, is_limit_set
from orders.placement.validation import CONFIRM_LIMITS, OrderInvalid, check_order
from orders.schedules.recurrence import Recurrence, Slot, recurrence_of
from panelhub import audit

if TYPE_CHECKING:
    from django.http import HttpRequest

    from providers.models import Service

Status = Schedule.Status
OPEN: Final = (Status.ACTIVE, Status.HELD, Status.PAUSED)
SOURCE: Final = "schedule"
MOST_SKIPPED: Final = 1_000


class NotNow(ValueError):
    """The step isn't possible any more; the text says why."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When the orders of a schedule are made, as its form says."""

    repeat: str
    time_zone: str
    start_date: date
    start_time: time
    until: date | None = None
    count: int | None = None
    grace_hours: int = 6


def create_schedule(
    *,
    user: Any,
    service: Service,
    fields: Mapping[str, Any],
    timing: Timing,
    form_token: uuid.UUID | None = None,
    raw_allowed: bool = False,
    note: str = "",
    client_label: str = "",
    request: HttpRequest | None = None,
) -> Schedule:
    """Set up a schedule of orders of ``service`` (its provider loaded), as they were typed in the order form.

    The same ``form_token`` of the same person gives the same schedule; with other content it raises
    :class:`TokenReused`. Raises :class:`OrderInvalid` with sentences per parameter when it couldn't be ordered now.
    """
    content = check_content(user, service, fields, raw_allowed=raw_allowed)
    schedule = Schedule(
        person=user,
        provider=service.provider,
        service=service,
        fields=content,
        note=plain_words(note)[:2_000],
        rate=service.rate,
        form_token=scope_token(form_token, user=user, source=SOURCE) if form_token else None,
        **{name: getattr(timing, name) for name in Timing.__slots__},
    )
    schedule.next_at = first_slot(schedule).at
    try:
        with transaction.atomic():
            put_client(schedule, choose_client(user, client_label))
            schedule.save()
            summary = f"{service} · {schedule.get_repeat_display()}"
            audit.record(user, "schedule.created", schedule, summary, request, repeat=schedule.repeat)
    except IntegrityError:
        made = Schedule.objects.filter(form_token=schedule.form_token).first() if schedule.form_token else None
        if made is None:
            raise
        same = ("service_id", "fields", *Timing.__slots__)
        if any(getattr(made, name) != getattr(schedule, name) for name in same):
            raise TokenReused from None
        return made
    return schedule


def check_content(user: Any, service: Service, fields: Mapping[str, Any], *, raw_allowed: bool) -> dict[str, str]:
    """Return what is ordered each time, by parameter, if it could be ordered now; raises :class:`OrderInvalid`."""
    if not is_limit_set(user):
        raise LimitNotSet
    checked = check_order(service, fields, raw_allowed=raw_allowed)
    if fields.get("raw"):
        content = {name: str(fields.get(name, "")) for name in ("link", "quantity", "raw")}
    else:
        quantity = "" if checked.quantity is None else str(checked.quantity)
        content = {"link": checked.link, "quantity": quantity, **checked.parameters}
    if fields.get(CONFIRM_LIMITS):
        content[CONFIRM_LIMITS] = "1"
    return {name: value for name, value in content.items() if value}


def first_slot(schedule: Schedule, *, now: datetime | None = None) -> Slot:
    """Return the first time of a new schedule; raises :class:`OrderInvalid` when it has none, or is past."""
    slot = recurrence_of(schedule).slot(0)
    if slot is None:
        raise OrderInvalid({"until": [_("The schedule ends before it starts.")]})
    if slot.at <= (now or timezone.now()):
        raise OrderInvalid({"start_time": [_("This time has passed.")]})
    return slot


def pause(schedule: Schedule, *, by: Any, request: HttpRequest | None = None) -> None:
    """Make nothing more until someone resumes it; raises :class:`NotNow`."""
    with transaction.atomic():
        locked = _lock(schedule, Status.ACTIVE)
        _save(locked, status=Status.PAUSED, reason="")
        audit.record(by, "schedule.paused", locked, request=request)


def resume(schedule: Schedule, *, by: Any, order_missed: bool = False, request: HttpRequest | None = None) -> None:
    """Go on at today's price, as the person who resumes it; raises :class:`NotNow`.

    Times that passed meanwhile are skipped; with ``order_missed`` the newest of them is ordered now and the others
    are missed.
    """
    with transaction.atomic():
        locked = _lock(schedule, Status.HELD, Status.PAUSED)
        now = timezone.now()
        # Whoever accepts today's price pays for it from their own limit.
        changes: dict[str, Any] = {"person": by, "rate": locked.service.rate, "reason": "", "resumed_at": now}
        if order_missed:
            changes |= {"status": Status.ACTIVE}
        else:
            changes |= _skip_passed(locked, now, by)
        was = locked.person_id
        _save(locked, **changes)
        audit.record(by, "schedule.resumed", locked, request=request, order_missed=order_missed, person_before=was)


def skip(schedule: Schedule, number: int, *, by: Any, request: HttpRequest | None = None) -> None:
    """Leave out the next time, which must still have ``number``; raises :class:`NotNow`."""
    with transaction.atomic():
        locked = _lock(schedule, *OPEN)
        recurrence = _recurrence_of(locked)
        slot = recurrence.slot(locked.next_number)
        if slot is None or slot.number != number:
            raise NotNow(_("This time has passed. Reload the page."))
        _write_skipped(locked, [slot], by)
        _save(locked, **_moved_to(recurrence, number + 1, status=locked.status))
        audit.record(by, "schedule.skipped", locked, f"{slot.date} {slot.time:%H:%M}", request)


def end(schedule: Schedule, *, by: Any, request: HttpRequest | None = None) -> None:
    """Make nothing more; orders that were made stay as they are. Raises :class:`NotNow`."""
    with transaction.atomic():
        locked = _lock(schedule, *OPEN)
        _save(locked, status=Status.ENDED, next_at=None, reason="")
        audit.record(by, "schedule.ended", locked, request=request)


def hold_restored_schedules() -> int:
    """Hold every schedule of a restored database: its orders may have been made after the backup. Returns how many."""
    reason = _("Restored from a backup. Its last orders may be missing here.")
    return Schedule.objects.filter(status__in=(Status.ACTIVE, Status.PAUSED)).update(status=Status.HELD, reason=reason)


def _lock(schedule: Schedule, *statuses: str) -> Schedule:
    rows = Schedule.objects.select_for_update(of=("self",)).select_related("service", "person")
    found = rows.filter(pk=schedule.pk, status__in=statuses).first()
    if found is None:
        raise NotNow(_("This schedule has changed. Reload the page."))
    return found


def _save(schedule: Schedule, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(schedule, name, value)
    schedule.save(update_fields=list(changes))


def _recurrence_of(schedule: Schedule) -> Recurrence:
    try:
        return recurrence_of(schedule)
    except (KeyError, ValueError):
        raise NotNow(_("Unknown time zone “%(zone)s”.") % {"zone": schedule.time_zone}) from None


def _skip_passed(schedule: Schedule, now: datetime, by: Any) -> dict[str, Any]:
    recurrence = _recurrence_of(schedule)
    newest = recurrence.newest_due(schedule.next_number, now)
    if newest is None:
        return _moved_to(recurrence, schedule.next_number)
    numbers = range(max(schedule.next_number, newest.number + 1 - MOST_SKIPPED), newest.number + 1)
    _write_skipped(schedule, [slot for number in numbers if (slot := recurrence.slot(number))], by)
    return _moved_to(recurrence, newest.number + 1)


def _write_skipped(schedule: Schedule, slots: Sequence[Slot], by: Any) -> None:
    ScheduledRun.objects.bulk_create(
        ScheduledRun(
            schedule=schedule,
            number=slot.number,
            local_date=slot.date,
            local_time=slot.time,
            due_at=slot.at,
            outcome=ScheduledRun.Outcome.SKIPPED,
            by=by,
        )
        for slot in slots
    )


def _moved_to(recurrence: Recurrence, number: int, *, status: str = Status.ACTIVE) -> dict[str, Any]:
    """Return what is stored of a schedule whose next time has ``number``; it has ended when there is none."""
    slot = recurrence.slot(number)
    if slot is None:
        return {"status": Status.ENDED, "next_number": number, "next_at": None}
    return {"status": status, "next_number": number, "next_at": slot.at}
