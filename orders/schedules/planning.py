"""Decide what a due schedule does now: which time is made, which were missed, and what comes next.

Pure functions over numbers and moments; :mod:`orders.schedules.making` writes what they decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from orders.schedules.recurrence import Recurrence, Repeat, Slot

MOST_LISTED: Final = 1_000
"""Missed times that are listed after one outage: years of days."""


@dataclass(frozen=True, slots=True)
class State:
    """What is stored of a schedule: the number of its next time, how late one may be made, and what is left.

    ``left`` is how many orders a schedule that is spread over days still has to make, ``None`` for all others.
    ``resumed_at`` is when a person last let it go on.
    """

    number: int
    grace: timedelta
    left: int | None = None
    resumed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: the time to make, those to list as missed, and the next time (``None``: the schedule is over).

    ``late`` is the only time of a schedule that passed too long ago: a person has to decide.
    """

    make: Slot | None = None
    missed: tuple[Slot, ...] = ()
    following: Slot | None = None
    late: Slot | None = None


def plan_due(recurrence: Recurrence, state: State, now: datetime) -> Plan:
    """Return what is to be done at ``now``; nothing but ``following`` when nothing is due yet.

    Of several due times only the newest is made, if it is not later than the grace; the others are missed. One that
    is spread over days and has no order left is over.
    """
    first = recurrence.slot(state.number)
    if first is None or state.left == 0:
        return Plan()
    newest = recurrence.newest_due(state.number, now)
    if newest is None:
        return Plan(following=first)
    following = recurrence.slot(newest.number + 1)
    # What came due before a person said that it be ordered all the same is not late.
    is_wanted = state.resumed_at is not None and newest.at <= state.resumed_at
    if is_wanted or now - newest.at <= state.grace:
        return Plan(newest, _slots(recurrence, state.number, newest.number), following)
    if recurrence.repeat == Repeat.ONCE:
        return Plan(following=newest, late=newest)
    return Plan(None, _slots(recurrence, state.number, newest.number + 1), following)


def _slots(recurrence: Recurrence, begin: int, end: int) -> tuple[Slot, ...]:
    numbers = range(max(begin, end - MOST_LISTED), end)
    return tuple(slot for number in numbers if (slot := recurrence.slot(number)) is not None)
