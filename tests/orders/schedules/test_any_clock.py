"""Whatever the clocks do: no time is ordered twice, totals hold, and each time that passed is listed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders.models import Order, Schedule, ScheduledRun
from orders.schedules.making import make_next
from orders.schedules.recurrence import recurrence_of, zone_names
from tests.helpers.schedules import beat, make_schedule

# Those whose clocks change, at odd hours, by half an hour, or where a day was left out.
ODD_ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC")
ZONES = st.sampled_from(ODD_ZONES) | st.sampled_from(zone_names())
REPEATS = st.sampled_from([one.value for one in Schedule.Repeat])
# Days around changes of the clocks, and any other.
DAYS = st.sampled_from([date(2027, 3, 13), date(2027, 3, 27), date(2027, 10, 30), date(2011, 12, 28)]) | st.dates(
    date(2025, 1, 1), date(2030, 1, 1)
)
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
# Hours that pass before the next look: a moment, hours, an outage of weeks, or a clock that is set back.
STEPS = st.lists(
    st.sampled_from([0.0, 0.01, 1.0, 6.0, 24.0, 25.0, 100.0, 800.0, -1.0, -30.0]) | st.floats(-2, 60), max_size=12
)


class AnyClock(TestCase):
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(REPEATS, ZONES, DAYS, TIMES, STEPS, st.integers(1, 6), st.booleans(), st.integers(1, 30))
    def test_nothing_twice_totals_held_and_all_listed(
        self,
        repeat: str,
        zone: str,
        day: date,
        clock: time,
        steps: list[float],
        count: int,
        counted: bool,
        grace: int,
    ) -> None:
        ends: dict[str, Any] = {"count": count} if counted or repeat == "spread" else {}
        schedule = make_schedule(
            repeat=repeat, time_zone=zone, start_date=day, start_time=clock, grace_hours=grace, **ends
        )
        first = recurrence_of(schedule).slot(0)
        assert first is not None
        now = first.at - timedelta(hours=2)

        for hours in steps:
            now += timedelta(hours=hours)
            beat(now)
            # The beat of another process that looked at the same moment, or at one before it.
            beat(now)
            beat(now - timedelta(minutes=1))
        schedule.refresh_from_db()

        self._check(schedule, now)
        if repeat == "spread":
            # From here on the hub looks in time.
            while schedule.status == "active" and schedule.next_at:
                now = max(now, schedule.next_at)
                beat(now)
                schedule.refresh_from_db()
            assert Order.objects.filter(scheduled_run__schedule=schedule).count() == count
            assert schedule.status == "ended"
            self._check(schedule, now)

    def _check(self, schedule: Schedule, now: datetime) -> None:
        runs = list(ScheduledRun.objects.filter(schedule=schedule).order_by("number"))
        slots = {slot.number: slot for slot in recurrence_of(schedule).upcoming(0, 2_000)}
        for run in runs:
            slot = slots[run.number]
            assert (run.local_date, run.local_time, run.due_at) == (slot.date, slot.time, slot.at)
            assert (run.outcome == "made") == (run.order_id is not None)
        assert Order.objects.filter(scheduled_run=None).count() == 0
        numbers = [run.number for run in runs]
        # All that passed, each once, without a gap.
        assert numbers == list(range(len(numbers)))
        if schedule.status == "active":
            assert schedule.next_number == len(numbers)
            following = slots.get(schedule.next_number)
            assert following is not None
            assert schedule.next_at == following.at
        if schedule.repeat != "spread" and schedule.count and schedule.repeat != "once":
            assert len(numbers) <= schedule.count


def test_a_clock_that_ran_ahead_for_an_hour_orders_once(db: None) -> None:
    schedule = make_schedule()
    first = datetime(2027, 3, 1, 8, tzinfo=UTC)

    beat(first - timedelta(minutes=30) + timedelta(hours=1))
    for minutes in range(-30, 120, 10):
        make_next(first + timedelta(minutes=minutes))

    assert ScheduledRun.objects.filter(schedule=schedule).count() == Order.objects.count() == 1


@pytest.mark.django_db
def test_an_outage_of_years_lists_the_newest_thousand() -> None:
    schedule = make_schedule(start_date=date(2020, 1, 1))

    beat(datetime(2027, 3, 1, 9, tzinfo=UTC))

    assert ScheduledRun.objects.filter(schedule=schedule, outcome="missed").count() == 1_000
    assert Order.objects.count() == 1
