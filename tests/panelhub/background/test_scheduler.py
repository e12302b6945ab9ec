"""The schedule: everything at the start, nothing made up for, one scheduler at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from celery import current_app

from panelhub.background import scheduler as background_scheduler
from panelhub.background.jobs import take_lease
from panelhub.models import Heartbeat, JobLease
from panelhub.schedule import all_ticks

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    """A monotonic clock that tests turn."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(background_scheduler, "time", clock)
    return clock


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    sent: Counter[str] = Counter()

    def note(task: str, **options: Any) -> bool:
        sent[task] += 1
        return True

    monkeypatch.setattr(background_scheduler, "publish", note)
    return sent


@pytest.fixture
def scheduler(clock: Clock) -> Iterator[background_scheduler.HubScheduler]:
    scheduler = background_scheduler.HubScheduler(app=current_app)
    yield scheduler
    scheduler.close()


def test_every_tick_is_sent_once_at_the_start(scheduler: background_scheduler.HubScheduler, sent: Counter[str]) -> None:
    wait = scheduler.tick()
    scheduler.tick()

    assert sent == Counter({tick.task: 1 for tick in all_ticks()})
    assert 0 < wait <= 5
    assert Heartbeat.objects.filter(name="schedule").exists()


def test_each_tick_comes_again_after_its_interval(
    scheduler: background_scheduler.HubScheduler, sent: Counter[str], clock: Clock
) -> None:
    # Counted from when each was sent: half a second later at most.
    for _ in range(60 * 4 + 2):
        scheduler.tick()
        clock.now += 0.25

    for tick in all_ticks():
        assert sent[tick.task] == 1 + 60 // tick.every, tick


def test_a_day_asleep_is_not_made_up_for(
    scheduler: background_scheduler.HubScheduler, sent: Counter[str], clock: Clock
) -> None:
    scheduler.tick()
    clock.now += 86_400
    for _ in range(5):
        scheduler.tick()

    assert sent == Counter({tick.task: 2 for tick in all_ticks()})


def test_a_wall_clock_that_jumps_changes_nothing(
    scheduler: background_scheduler.HubScheduler, sent: Counter[str], clock: Clock
) -> None:
    scheduler.tick()
    with time_machine.travel("2020-01-01"):
        clock.now += 10
        scheduler.tick()

    assert sent["orders.submission.tasks.submit_due"] == 2


def test_of_two_schedulers_one_stands_by_until_the_other_ends(
    scheduler: background_scheduler.HubScheduler, sent: Counter[str], clock: Clock
) -> None:
    second = background_scheduler.HubScheduler(app=current_app)
    scheduler.tick()
    second.tick()
    assert sent == Counter({tick.task: 1 for tick in all_ticks()})

    scheduler.close()
    clock.now += 15
    second.tick()
    assert sent == Counter({tick.task: 2 for tick in all_ticks()})
    second.close()


def test_a_scheduler_that_lost_its_lease_falls_silent(
    scheduler: background_scheduler.HubScheduler, sent: Counter[str], clock: Clock
) -> None:
    scheduler.tick()
    JobLease.objects.filter(job="schedule").update(token="somebody else's")
    clock.now += 30
    scheduler.tick()

    assert sent == Counter({tick.task: 1 for tick in all_ticks()})


def test_ending_frees_the_schedule_at_once(scheduler: background_scheduler.HubScheduler, sent: Counter[str]) -> None:
    scheduler.tick()
    scheduler.close()

    assert not Heartbeat.objects.filter(name="schedule").exists()
    assert take_lease("schedule")


def test_names_of_ticks_are_names_of_tasks() -> None:
    current_app.loader.import_default_modules()

    assert {tick.task for tick in all_ticks()} <= set(current_app.tasks)
