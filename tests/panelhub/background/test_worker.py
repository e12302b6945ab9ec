"""A real worker process: it takes what is rung for, shows its life, and may be killed at any time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from panelhub.background.dispatch import notify_worker, publish
from panelhub.models import Heartbeat, JobLease
from panelhub.monitoring.health import ALIVE, find_silent, read_background
from tests.helpers.waiting import wait_until
from tests.helpers.workers import WorkerProcess

TASK = "panelhub.tasks.beat_heartbeat"
StartWorker = Callable[..., WorkerProcess]


def has_sign(name: str) -> bool:
    return Heartbeat.objects.filter(name=name).exists()


@pytest.mark.parametrize("queue", ["clicks", "background"])
def test_a_message_is_received(start_worker: StartWorker, queue: str) -> None:
    start_worker()

    notify_worker(TASK, queue=queue)

    wait_until(lambda: has_sign("tasks"), what="the task")


def test_a_message_waits_for_a_worker(start_worker: StartWorker) -> None:
    assert publish(TASK, queue="clicks")

    start_worker()

    wait_until(lambda: has_sign("tasks"), what="the task")


def test_an_expired_message_is_not_received(start_worker: StartWorker) -> None:
    assert publish(TASK, queue="clicks", expires=-1)
    assert publish("panelhub.tasks.tidy", queue="clicks")
    Heartbeat.objects.create(name="long gone", at=timezone.now() - timedelta(days=3))

    start_worker()

    wait_until(lambda: not has_sign("long gone"), what="the message behind it")
    assert not has_sign("tasks")


def test_a_worker_that_ends_signs_off_and_one_that_is_killed_does_not(start_worker: StartWorker) -> None:
    ended, killed = start_worker(), start_worker()

    assert ended.stop() == 0
    killed.kill()

    assert not has_sign(f"worker:{ended.name}")
    assert has_sign(f"worker:{killed.name}")


def test_a_killed_worker_started_again_takes_the_next_message(start_worker: StartWorker) -> None:
    worker = start_worker()
    worker.kill()
    publish(TASK, queue="clicks")

    worker.start()

    wait_until(lambda: has_sign("tasks"), what="the task")


def test_a_worker_with_the_schedule_keeps_the_hub_alive(start_worker: StartWorker) -> None:
    start_worker(options=("--with-schedule",))

    wait_until(lambda: all(read_background().values()), what="signs of all parts")
    assert read_background() == {"clicks": True, "background": True, "schedule": True}


@pytest.mark.parametrize("queue", ["clicks", "background"])
def test_a_worker_shows_only_the_queue_that_it_works(start_worker: StartWorker, queue: str) -> None:
    start_worker(queues=(queue,))

    wait_until(lambda: read_background()[queue], what="its sign")
    assert [name for name, alive in read_background().items() if alive] == [queue]


def test_a_worker_that_lives_and_takes_nothing_shows_nothing(start_worker: StartWorker) -> None:
    worker = start_worker()
    wait_until(lambda: all(read_background()[queue] for queue in ("clicks", "background")), what="its signs")
    os.kill(worker.pid, signal.SIGSTOP)
    try:
        Heartbeat.objects.filter(name__in=["clicks", "background"]).update(at=F("at") - ALIVE)
        assert find_silent() == ["clicks", "background"]
    finally:
        os.kill(worker.pid, signal.SIGCONT)
    # It is heard again as soon as it works again.
    wait_until(lambda: read_background()["clicks"], seconds=30, what="the next sign")


def test_the_schedule_of_a_killed_worker_is_taken_over_at_once(start_worker: StartWorker) -> None:
    first = start_worker(options=("--with-schedule",))
    wait_until(lambda: has_sign("schedule"), what="the schedule")
    first.kill()
    before: Any = JobLease.objects.get(job="schedule").token

    start_worker(options=("--with-schedule",))

    wait_until(lambda: JobLease.objects.get(job="schedule").token not in {before, ""}, seconds=10, what="the takeover")
