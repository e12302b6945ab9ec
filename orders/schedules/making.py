"""Make the orders that are due, as the person who set each schedule up: one person's at a time, in one transaction.

A time becomes at most one order, whatever is killed or runs twice: the schedules are locked and moved on in the
transaction that makes their orders, each time is a row that the database takes once, and each order has a token that
only its time can have.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Schedule, ScheduledRun
from orders.permissions import may_order, may_see_client, services_for
from orders.placement.bulk_orders import NewOrder, insert_orders, request_id_of
from orders.placement.pricing import TOLERATED_RISE
from orders.placement.reserved_amounts import target_of
from orders.placement.service_rules import rules_of
from orders.placement.spending_limits import LimitPassed, Reservation, Spending, reserve_each
from orders.placement.validation import Checked, OrderInvalid, check_fields
from orders.schedules.planning import Plan, State, plan_due
from orders.schedules.recurrence import Slot, recurrence_of
from panelhub.background.worker import is_stopping
from panelhub.db.bulk import insert_rows, update_rows

if TYPE_CHECKING:
    from panelhub.background.jobs import Run
    from providers.models import Service

log = logging.getLogger(__name__)

CHUNK: Final = 1_000
SENTENCES: Final = 300
# What was refused or withdrawn bought nothing, so a schedule that is spread over days makes it up.
WITHOUT_EFFECT: Final = (statuses.ORDER.refused, statuses.WITHDRAWN)
MOVED: Final = ("status", "reason", "next_number", "next_at")
RUN_COLUMNS: Final = ("schedule", "number", "local_date", "local_time", "due_at", "outcome", "order")


@dataclass(slots=True)
class _Due:
    """One schedule that is locked, and what is decided about it so far; ``fault`` holds it."""

    schedule: Schedule
    plan: Plan = field(default_factory=Plan)
    fault: str = ""
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is to be made of a schedule, as the catalogue says now."""

    due: _Due
    slot: Slot
    service: Service
    checked: Checked

    @property
    def spending(self) -> Spending:
        target = target_of(self.service, self.checked.link)
        return Spending(self.checked.price.ceiling, self.service.provider.currency, target)

    def order(self, taken: Reservation) -> NewOrder:
        """Return the order; its token is the same for this time, whenever and by whomever it is tried."""
        schedule = self.due.schedule
        return NewOrder(
            uuid.uuid5(schedule.uid, f"{self.slot.date.isoformat()} {self.slot.time.isoformat()}"),
            self.service,
            self.checked,
            taken,
            request_id_of(schedule.request_id, self.slot.number),
            schedule.note,
            schedule.client,
        )


def make_due(run: Run, *, now: datetime | None = None) -> None:
    """Make what is due of all schedules, until none is left."""
    while not (run.is_lost or is_stopping()):
        moment = now or timezone.now()
        figures = make_next(moment)
        if not figures:
            return
        run.count(**figures)


def make_next(now: datetime) -> Counter[str]:
    """Make what is due of the person who has waited longest, at most :data:`CHUNK` schedules; returns figures."""
    due = Schedule.objects.filter(status=Schedule.Status.ACTIVE, next_at__lte=now).order_by("next_at", "id")
    mine = list(due.filter(person=Subquery(due.values("person")[:1])).values_list("pk", flat=True)[:CHUNK])
    if not mine:
        return Counter()
    try:
        return _make(mine, now)
    except IntegrityError:
        log.exception("%s schedules are made one by one.", len(mine))
    figures: Counter[str] = Counter()
    for pk in mine:
        try:
            figures += _make([pk], now)
        except IntegrityError:
            # Never twice goes before going on: a person has to look.
            log.exception("Schedule %s is held.", pk)
            figures += _hold(pk, _("This time was already ordered. Check the orders of this schedule."))
    return figures


def _hold(pk: int, reason: str) -> Counter[str]:
    held = Schedule.objects.filter(pk=pk, status=Schedule.Status.ACTIVE).update(
        status=Schedule.Status.HELD, reason=reason[:SENTENCES]
    )
    return Counter(held=held)


@transaction.atomic
def _make(keys: Sequence[int], now: datetime) -> Counter[str]:
    rows = Schedule.objects.filter(pk__in=keys, status=Schedule.Status.ACTIVE, next_at__lte=now)
    locked = rows.select_related("person", "client").order_by("pk").select_for_update(of=("self",))
    found = [_Due(schedule) for schedule in locked]
    if not found:
        # Another process was quicker; look again.
        return Counter(taken=1)
    # One object for all: what it is granted is looked up once.
    person = found[0].schedule.person
    _plan(found, now)
    _reserve(person, _check(person, [one for one in found if not one.fault and one.plan.make is not None]))
    _write(found)
    return Counter(
        orders=sum(one.order_id is not None for one in found),
        missed=sum(len(one.plan.missed) for one in found if not one.fault),
        held=sum(bool(one.fault) for one in found),
        moved=sum(not one.fault and one.order_id is None for one in found),
    )


def _plan(found: Sequence[_Due], now: datetime) -> None:
    left = orders_left([one.schedule for one in found])
    for one in found:
        schedule = one.schedule
        try:
            recurrence = recurrence_of(schedule)
        except (KeyError, ValueError):
            one.fault = _("Unknown time zone “%(zone)s”.") % {"zone": schedule.time_zone}
            continue
        state = State(
            schedule.next_number, timedelta(hours=schedule.grace_hours), left.get(schedule.pk), schedule.resumed_at
        )
        one.plan = plan_due(recurrence, state, now)
        if one.plan.late is not None:
            one.fault = _("Its time passed while nothing could be ordered. Resume it to order now.")


def orders_left(schedules: Sequence[Schedule]) -> dict[int, int]:
    """Return how many orders those that are spread over days still have to make; one statement, none without any."""
    spread = {one.pk: one.count or 0 for one in schedules if one.repeat == Schedule.Repeat.SPREAD}
    if not spread:
        return {}
    made = ScheduledRun.objects.filter(schedule__in=spread, outcome=ScheduledRun.Outcome.MADE)
    # An order that was removed with age was made all the same.
    counted = made.filter(Q(order=None) | ~Q(order__status__in=WITHOUT_EFFECT))
    done: dict[int, int] = dict(counted.order_by().values_list("schedule").annotate(n=Count("pk")))
    return {pk: max(0, count - done.get(pk, 0)) for pk, count in spread.items()}


def _check(person: Any, due: Sequence[_Due]) -> list[_Ready]:
    """Check what is to be made by what holds now: the person's rights and grants, the service, its price."""
    if not due:
        return []
    if not may_order(person):
        for one in due:
            one.fault = _("%(person)s can no longer place orders.") % {"person": person.get_username()}
        return []
    keys = {one.schedule.service_id for one in due}
    visible = services_for(person).filter(pk__in=keys).select_related("provider")
    rules = {one.pk: rules_of(one) for one in visible.defer("provider__api_key", "description", "search_text")}
    raw_allowed = person.has_perm("orders.raw_order")
    ready = []
    for one in due:
        known = rules.get(one.schedule.service_id)
        if known is None:
            one.fault = _("%(person)s can no longer order from this provider.") % {"person": person.get_username()}
        elif not may_see_client(person, one.schedule.client_id):
            one.fault = _("%(person)s can no longer order for this client.") % {"person": person.get_username()}
        elif known.service.rate > one.schedule.rate * TOLERATED_RISE:
            one.fault = _("The price went up since this was scheduled. Resume it to accept the new price.")
        elif one.plan.make is not None:
            try:
                checked = check_fields(known, one.schedule.fields, raw_allowed=raw_allowed)
                ready.append(_Ready(one, one.plan.make, known.service, checked))
            except OrderInvalid as refusal:
                one.fault = str(refusal)
    return ready


def _reserve(person: Any, ready: Sequence[_Ready]) -> None:
    """Make the orders that the person's limits allow, and hold the schedules of the others."""
    if not ready:
        return
    try:
        taken = reserve_each(person, [one.spending for one in ready])
    except OrderInvalid as refusal:
        taken = [refusal] * len(ready)
    new: dict[uuid.UUID, NewOrder] = {}
    owner: dict[uuid.UUID, _Due] = {}
    for one, part in zip(ready, taken, strict=True):
        if isinstance(part, OrderInvalid):
            # The reason is read by everybody who sees the schedule, so it names no amount.
            one.due.fault = part.plain if isinstance(part, LimitPassed) else str(part)
            continue
        order = one.order(part)
        new[order.token], owner[order.token] = order, one.due
    for token, pk in insert_orders(list(new.values()), buyer_id=person.pk).items():
        owner[token].order_id = pk


def _write(found: Sequence[_Due]) -> None:
    """Write each time that passed, and move the schedules on; those with a fault wait where they are."""
    runs: list[tuple[Any, ...]] = []
    moves: list[tuple[Any, ...]] = []
    for one in found:
        schedule, plan = one.schedule, one.plan
        if one.fault:
            held = one.fault[:SENTENCES]
            moves.append((schedule.pk, Schedule.Status.HELD.value, held, schedule.next_number, schedule.next_at))
            continue
        runs += [_run_row(schedule, slot, ScheduledRun.Outcome.MISSED, None) for slot in plan.missed]
        if plan.make is not None:
            runs.append(_run_row(schedule, plan.make, ScheduledRun.Outcome.MADE, one.order_id))
        status = Schedule.Status.ACTIVE if plan.following else Schedule.Status.ENDED
        number = plan.following.number if plan.following else schedule.next_number
        moves.append((schedule.pk, status.value, "", number, plan.following.at if plan.following else None))
    insert_rows(ScheduledRun, RUN_COLUMNS, runs, at=timezone.now())
    update_rows(Schedule, MOVED, moves, locked=True)


def _run_row(schedule: Schedule, slot: Slot, outcome: str, order_id: int | None) -> tuple[Any, ...]:
    return (schedule.pk, slot.number, slot.date, slot.time, slot.at, str(outcome), order_id)
