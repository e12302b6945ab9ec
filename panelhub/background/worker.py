"""Extend a worker beyond running tasks: show its life, call providers, run the schedule where configured."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

import click
from celery import Celery, bootsteps
from celery.signals import worker_shutting_down

from panelhub.background import pool

logger = logging.getLogger(__name__)

STOP_SECONDS: Final = 2.0
# Longer than any call may take.
CALL_SECONDS: Final = 45.0
_stopping = threading.Event()


def is_stopping() -> bool:
    """Return whether this worker was requested to stop: long loops should end after the call they are at.

    Known in workers that run tasks in threads; a forked child does not know.
    """
    return _stopping.is_set()


def set_up_worker(app: Celery, *steps: type[bootsteps.StartStopStep]) -> None:
    """Give workers of ``app`` these threads, those for calls, and the schedule with the option --with-schedule."""
    app.steps["worker"].update({CallThreads, EmbeddedSchedule, *steps})
    app.user_options["worker"].add(
        click.Option(["--with-schedule"], is_flag=True, help="Keep the schedule too, in a thread of this worker.")
    )


@worker_shutting_down.connect(weak=False)
def _note_stopping(**kwargs: Any) -> None:
    _stopping.set()


class CallThreads(bootsteps.StartStopStep):
    """The threads in which this worker calls providers."""

    requires = ("celery.worker.components:Pool",)

    def start(self, parent: Any) -> None:
        pool.start_pool()

    def stop(self, parent: Any) -> None:
        # A paid call in flight ends as it should; whoever cannot wait for it kills the worker.
        if not pool.stop_pool(CALL_SECONDS):
            logger.warning("Calls to providers were still on their way when the worker ended.")

    def terminate(self, parent: Any) -> None:
        pool.stop_pool(0.0)


class WorkerThread(bootsteps.StartStopStep):
    """A part of the worker that is a thread."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.stopped = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self, parent: Any) -> None:
        self.thread = threading.Thread(target=self.work, args=(parent,), name=type(self).__name__, daemon=True)
        self.thread.start()

    def stop(self, parent: Any) -> None:
        self.stopped.set()
        if self.thread:
            self.thread.join(timeout=STOP_SECONDS)

    def terminate(self, parent: Any) -> None:
        self.stop(parent)

    def work(self, parent: Any) -> None:
        raise NotImplementedError


class EmbeddedSchedule(WorkerThread):
    """The schedule in a thread of the worker: a process less than Celery's own -B, and none to leave behind."""

    def __init__(self, parent: Any, *, with_schedule: bool = False, **options: Any) -> None:
        super().__init__(parent, **options)
        self.enabled = with_schedule

    def work(self, parent: Any) -> None:
        from panelhub.background.scheduler import HubScheduler

        scheduler = HubScheduler(app=parent.app)
        try:
            while not self.stopped.wait(scheduler.tick()):
                pass
        finally:
            scheduler.close()
