"""A real worker process: it takes what is rung for, shows its life, and may be killed at any time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from panelhub.background.dispatch import publish, ring
from panelhub.models import Heartbeat, JobLease
from panelhub.monitoring.health import judge_signs, read_signs
from tests.helpers.waiting import wait_until
from tests.helpers.workers import WorkerProcess

TASK = "panelhub.tasks.beat_heartbeat"
StartWorker = Callable[..., WorkerProcess]


def has_sign(name: str) -> bool:
    return Heartbeat.objects.filter(name=name).exists()


@pytest.mark.parametrize("queue", ["clicks", "background"])
def test_a_ring_is_heard(start_worker: StartWorker, queue: str) -> None:
    start_worker()

    ring(TASK, queue=queue)

    wait_until(lambda: has_sign("tasks"), what="the task")


def test_a_ring_waits_for_a_worker(start_worker: StartWorker) -> None:
    assert publish(TASK, queue="clicks")

    start_worker()

    wait_until(lambda: has_sign("tasks"), what="the task")


def test_an_expired_ring_is_not_heard(start_worker: StartWorker) -> None:
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


def test_a_killed_worker_started_again_takes_the_next_ring(start_worker: StartWorker) -> None:
    worker = start_worker()
    worker.kill()
    publish(TASK, queue="clicks")

    worker.start()

    wait_until(lambda: has_sign("tasks"), what="the task")


def test_a_worker_with_the_schedule_keeps_the_hub_alive(start_worker: StartWorker) -> None:
    start_worker(options=("--with-schedule",))

    wait_until(lambda: has_sign("schedule") and has_sign("tasks"), what="the schedule")
    assert judge_signs(read_signs(), now=timezone.now()) == {"worker": True, "schedule": True}


def test_the_schedule_of_a_killed_worker_is_taken_over_at_once(start_worker: StartWorker) -> None:
    first = start_worker(options=("--with-schedule",))
    wait_until(lambda: has_sign("schedule"), what="the schedule")
    first.kill()
    before: Any = JobLease.objects.get(job="schedule").token

    start_worker(options=("--with-schedule",))

    wait_until(lambda: JobLease.objects.get(job="schedule").token not in {before, ""}, seconds=10, what="the takeover")
