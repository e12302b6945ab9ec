"""One month of schedules as a calendar: what was ordered, missed and skipped on each day, and what is planned."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from orders.models import Schedule
from orders.schedules.making import orders_left
from orders.schedules.recurrence import recurrence_of

MOST_ENTRIES: Final = 1_000
MOST_A_DAY: Final = 4
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100


@dataclass(frozen=True, slots=True)
class Entry:
    """One time on a day: the clock, what is ordered, and its outcome ("planned" for what is to come)."""

    schedule_id: int
    clock: str
    text: str
    outcome: str
    label: str


@dataclass(slots=True)
class Day:
    """One day: its entries as far as they are shown, and how many there are besides."""

    day: date
    in_month: bool
    is_today: bool
    entries: list[Entry] = field(default_factory=list)
    more: int = 0

    @property
    def label(self) -> str:
        """Return the day in words."""
        return date_format(self.day, "l j F")


@dataclass(frozen=True, slots=True)
class Month:
    """The weeks of a month, and the months beside it as they stand in an address."""

    title: str
    weekdays: tuple[str, ...]
    weeks: list[list[Day]]
    previous: str
    following: str
    is_cut: bool

    @property
    def busy(self) -> list[Day]:
        """Return the days of the month with something on them, for a narrow screen."""
        return [day for week in self.weeks for day in week if day.entries and day.in_month]


def read_month(text: str, today: date) -> date:
    """Return the first day of the month that an address names ("2027-03"); this month when it names none."""
    try:
        found = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return today.replace(day=1)
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else today.replace(day=1)


def month_of(first: date, today: date, *, schedules: Any, runs: Any) -> Month:
    """Return the month that begins with ``first``; three statements. ``schedules`` and ``runs`` are what is visible."""
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    begin, end = weeks[0][0], weeks[-1][-1]
    days = {day: Day(day, day.month == first.month, day == today) for week in weeks for day in week}
    # A local day is at most a day from the one of UTC; the index is by moments.
    around = (_midnight(begin - timedelta(days=1)), _midnight(end + timedelta(days=2)))
    passed = list(
        runs.filter(due_at__range=around, local_date__range=(begin, end))
        .select_related("schedule__service")
        .defer("schedule__service__search_text", "schedule__service__description")
        .order_by("due_at", "id")[:MOST_ENTRIES]
    )
    active = list(
        schedules.filter(status=Schedule.Status.ACTIVE, next_at__lt=around[1])
        .select_related("service")
        .defer("service__search_text", "service__description")
        .order_by("next_at", "id")[:MOST_ENTRIES]
    )
    for run in passed:
        _add(days, run.local_date, _entry(run.schedule, run.local_time, run.outcome, run.get_outcome_display()))
    for schedule, day in _planned(active, end):
        _add(days, day, _entry(schedule, schedule.start_time, "planned", _("Planned")))
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return Month(
        title=date_format(first, "F Y"),
        weekdays=tuple(date_format(day, "D") for day in weeks[0]),
        weeks=[[days[day] for day in week] for week in weeks],
        previous=f"{before:%Y-%m}",
        following=f"{after:%Y-%m}",
        is_cut=MOST_ENTRIES in (len(passed), len(active)),
    )


def _planned(active: list[Schedule], end: date) -> Iterable[tuple[Schedule, date]]:
    left = orders_left(active)
    for schedule in active:
        try:
            recurrence = recurrence_of(schedule)
        except (KeyError, ValueError):
            continue
        most = (end - schedule.start_date).days + 1 - schedule.next_number
        for slot in recurrence.upcoming(schedule.next_number, min(max(most, 0), left.get(schedule.pk, most))):
            if slot.date > end:
                break
            yield schedule, slot.date


def _entry(schedule: Schedule, clock: Any, outcome: str, label: str) -> Entry:
    quantity = f"{schedule.quantity} × " if schedule.quantity else ""
    text = f"{quantity}{schedule.service.name}"
    return Entry(schedule.pk, time_format(clock, "H:i"), text, outcome, label)


def _add(days: dict[date, Day], day: date, entry: Entry) -> None:
    found = days.get(day)
    if found is None:
        return
    if len(found.entries) < MOST_A_DAY:
        found.entries.append(entry)
    else:
        found.more += 1


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
