"""The lanes of a worker: background jobs never hold up clicks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from panelhub.background.pool import TaskPool


@pytest.fixture
def pool() -> Iterator[TaskPool]:
    pool = TaskPool(limit=4)
    yield pool
    pool.on_stop()


def apply(pool: TaskPool, work: Any, *, queue: str, settings: Any) -> Any:
    """Hand over `work` the way Celery does for a message from `queue`."""
    request = {"delivery_info": {"routing_key": f"{settings.PANELHUB_QUEUE_PREFIX}{queue}"}}
    return pool.on_apply(lambda *_: work(), ("task", "id", request, b"", "application/json", "utf-8"))


def test_clicks_run_while_background_jobs_fill_their_lane(pool: TaskPool, settings: Any) -> None:
    release = threading.Event()
    for _ in range(20):
        apply(pool, lambda: release.wait(20), queue="background", settings=settings)
    ran_click = threading.Event()

    apply(pool, ran_click.set, queue="clicks", settings=settings)

    assert ran_click.wait(10)
    release.set()


def test_background_jobs_run_while_clicks_fill_their_lane(pool: TaskPool, settings: Any) -> None:
    release = threading.Event()
    for _ in range(20):
        apply(pool, lambda: release.wait(20), queue="clicks", settings=settings)
    ran_job = threading.Event()

    apply(pool, ran_job.set, queue="background", settings=settings)

    assert ran_job.wait(10)
    release.set()


def test_even_one_thread_makes_two_lanes(settings: Any) -> None:
    pool = TaskPool(limit=1)
    try:
        ran = [threading.Event(), threading.Event()]
        apply(pool, ran[0].set, queue="clicks", settings=settings)
        apply(pool, ran[1].set, queue="background", settings=settings)

        assert all(event.wait(10) for event in ran)
    finally:
        pool.on_stop()


def test_work_without_a_queue_goes_to_the_background(pool: TaskPool) -> None:
    ran = threading.Event()

    pool.on_apply(ran.set, ())

    assert ran.wait(10)
