"""When the times of a schedule are, through changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.schedules.recurrence import Recurrence, Repeat, zone_names

ZONES = st.sampled_from(zone_names())
REPEATS = st.sampled_from(["daily", "weekly", "monthly", "spread"])
DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))


def berlin(repeat: str, day: str, clock: str, **end: object) -> Recurrence:
    return Recurrence(repeat, date.fromisoformat(day), time.fromisoformat(clock), ZoneInfo("Europe/Berlin"), **end)  # type: ignore[arg-type]


def moments(recurrence: Recurrence, most: int = 4) -> list[str]:
    return [f"{slot.at:%Y-%m-%d %H:%M}" for slot in recurrence.upcoming(0, most)]


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        (
            berlin("daily", "2027-03-27", "09:00"),
            ["2027-03-27 08:00", "2027-03-28 07:00", "2027-03-29 07:00", "2027-03-30 07:00"],
        ),
        # 02:30 is left out on 28 March: the order is made at 03:30 of that day.
        (
            berlin("daily", "2027-03-27", "02:30", count=3),
            ["2027-03-27 01:30", "2027-03-28 01:30", "2027-03-29 00:30"],
        ),
        # 02:30 comes twice on 31 October: the first one is meant.
        (
            berlin("daily", "2027-10-30", "02:30", count=3),
            ["2027-10-30 00:30", "2027-10-31 00:30", "2027-11-01 01:30"],
        ),
        (
            berlin("weekly", "2027-03-22", "09:00", until=date(2027, 4, 4)),
            ["2027-03-22 08:00", "2027-03-29 07:00"],
        ),
        (
            berlin("monthly", "2027-12-31", "09:00"),
            ["2027-12-31 08:00", "2028-01-31 08:00", "2028-02-29 08:00", "2028-03-31 07:00"],
        ),
        (berlin("once", "2027-12-31", "09:00"), ["2027-12-31 08:00"]),
    ],
)
def test_times_follow_the_clocks(recurrence: Recurrence, expected: list[str]) -> None:
    assert moments(recurrence) == expected


@given(REPEATS, DAYS, TIMES, ZONES, st.integers(0, 400), st.integers(-90, 90))
def test_the_newest_due_time_is_the_last_one_that_has_come(
    repeat: str, day: date, clock: time, zone: str, number: int, minutes: int
) -> None:
    recurrence = Recurrence(Repeat(repeat), day, clock, ZoneInfo(zone))
    slot = recurrence.slot(number)
    assert slot is not None
    now = slot.at + timedelta(minutes=minutes)

    newest = recurrence.newest_due(0, now)

    first = recurrence.slot(0)
    assert first is not None
    if newest is None:
        assert first.at > now
        return
    following = recurrence.slot(newest.number + 1)
    assert newest.at <= now
    assert following is None or following.at > now


@given(REPEATS, DAYS, TIMES, ZONES)
def test_times_never_go_back_and_local_times_are_never_the_same(repeat: str, day: date, clock: time, zone: str) -> None:
    slots = list(Recurrence(Repeat(repeat), day, clock, ZoneInfo(zone)).upcoming(0, 40))

    assert [slot.at for slot in slots] == sorted(slot.at for slot in slots)
    assert len({(slot.date, slot.time) for slot in slots}) == 40


def test_a_count_and_a_last_day_end_it() -> None:
    counted = berlin("daily", "2027-03-01", "09:00", count=2)

    assert counted.slot(2) is None
    assert counted.newest_due(0, datetime(2099, 1, 1, tzinfo=UTC)) == counted.slot(1)
    assert berlin("daily", "2027-03-02", "09:00", until=date(2027, 3, 1)).slot(0) is None


def test_a_day_beyond_the_calendar_is_the_end() -> None:
    assert berlin("monthly", "9998-12-01", "09:00").slot(1) is None
    assert berlin("daily", "9998-12-31", "09:00").slot(10**9) is None
