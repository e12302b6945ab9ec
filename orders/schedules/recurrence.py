"""When the times of a schedule are: days and clock times in a zone, and the moments they stand for.

Everything follows from the first day, the clock time, the zone and how it repeats; nothing is read from a database.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from orders.models import Schedule

Repeat = Schedule.Repeat
_ONE_DAY: Final = timedelta(days=1)
LAST_DAY: Final = date(9998, 12, 31)


@dataclass(frozen=True, slots=True)
class Slot:
    """One time of a schedule: its number from 0, its local date and time, and the moment (UTC)."""

    number: int
    date: date
    time: time
    at: datetime


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How a schedule repeats; ``count`` and ``until`` end it, where they are given.

    A clock time that a change of the clocks leaves out is read with the offset before the change (02:30 becomes
    03:30); one that comes twice is meant the first time.
    """

    repeat: str
    start: date
    time: time
    zone: ZoneInfo
    count: int | None = None
    until: date | None = None

    def slot(self, number: int) -> Slot | None:
        """Return the time with this number; ``None`` when the schedule is over by then."""
        if number < 0 or (self.count is not None and number >= self.count):
            return None
        day = self._day(number)
        if day is None or (self.until is not None and day > self.until):
            return None
        local = datetime.combine(day, self.time, tzinfo=self.zone)
        return Slot(number, day, self.time, local.astimezone(UTC))

    def newest_due(self, number: int, now: datetime) -> Slot | None:
        """Return the last time that is due at ``now``, from ``number`` on; ``None`` when none is."""
        # No zone is more than a day from UTC, and a moment is never further than that from its clock.
        latest = self._number_by(now.astimezone(UTC).date() + 2 * _ONE_DAY)
        if self.count is not None:
            latest = min(latest, self.count - 1)
        if self.until is not None:
            latest = min(latest, self._number_by(self.until))
        for candidate in range(latest, number - 1, -1):
            slot = self.slot(candidate)
            if slot is not None and slot.at <= now:
                return slot
        return None

    def upcoming(self, number: int, most: int) -> Iterator[Slot]:
        """Yield at most so many times, from ``number`` on."""
        for one in range(number, number + most):
            slot = self.slot(one)
            if slot is None:
                return
            yield slot

    def _day(self, number: int) -> date | None:
        try:
            match self.repeat:
                case Repeat.ONCE:
                    return self.start if number == 0 else None
                case Repeat.WEEKLY:
                    found = self.start + timedelta(weeks=number)
                case Repeat.MONTHLY:
                    years, month = divmod(self.start.month - 1 + number, 12)
                    year = self.start.year + years
                    # The 31st of a month that has none is its last day.
                    found = date(year, month + 1, min(self.start.day, monthrange(year, month + 1)[1]))
                case _:
                    found = self.start + timedelta(days=number)
        except (OverflowError, ValueError):
            return None
        return found if found <= LAST_DAY else None

    def _number_by(self, day: date) -> int:
        """Return the number of the last time whose day is at most ``day``; below zero when there is none yet."""
        match self.repeat:
            case Repeat.ONCE:
                return 0 if day >= self.start else -1
            case Repeat.WEEKLY:
                return (day - self.start).days // 7
            case Repeat.MONTHLY:
                return (day.year - self.start.year) * 12 + day.month - self.start.month
        return (day - self.start).days


def recurrence_of(schedule: Schedule) -> Recurrence:
    """Return how a schedule repeats; raises ``KeyError`` when its time zone is not known here.

    One that is spread over days goes on until its orders are made, so its ``count`` is no number of days.
    """
    return Recurrence(
        schedule.repeat,
        schedule.start_date,
        schedule.start_time,
        ZoneInfo(schedule.time_zone),
        count=None if schedule.repeat == Repeat.SPREAD else schedule.count,
        until=schedule.until,
    )


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Return the names of all time zones a person can choose, sorted."""
    plain = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "System")))
    return (*sorted(plain), "UTC")
