"""What a worker does beside running tasks: shows its life, calls providers, keeps the schedule where asked to."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

import click
from celery import Celery, bootsteps
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db import Error, connection

from panelhub.background import pool
from panelhub.schedule import BACKGROUND, CLICKS

logger = logging.getLogger(__name__)

WORKER_BEAT: Final = "worker:"
SIGN_SECONDS: Final = 10.0
# Who comes later with it proves nothing about now.
SIGN_EXPIRES: Final = 40.0
HEARTBEAT_TASK: Final = "panelhub.tasks.beat_heartbeat"
STOP_SECONDS: Final = 2.0
# Longer than any call may take.
CALL_SECONDS: Final = 45.0
_stopping = threading.Event()


def is_stopping() -> bool:
    """Whether this worker was asked to end: long walks should end after the call they are at.

    Known in workers that run tasks in threads; a forked child is not told.
    """
    return _stopping.is_set()


def set_up_worker(app: Celery) -> None:
    """Give workers of `app` their sign of life and the option --with-schedule."""
    app.steps["worker"].update({CallThreads, SignOfLife, EmbeddedSchedule})
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


class _ThreadStep(bootsteps.StartStopStep):
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


class SignOfLife(_ThreadStep):
    """Shows that this worker lives, and that its queues are worked.

    The first is a row that is removed at the end. For the second it sends a message through the broker to each of its
    queues: a worker that lives and takes no messages, or whose threads take no work, shows nothing.
    """

    def work(self, parent: Any) -> None:
        from panelhub.background.dispatch import publish
        from panelhub.models import Heartbeat

        name = f"{WORKER_BEAT}{parent.hostname}"
        queues = _queues_of(parent.app)
        while True:
            self._write(lambda: Heartbeat.beat(name, detail=" ".join(queues)))
            for queue in queues:
                publish(HEARTBEAT_TASK, queue, queue=queue, expires=SIGN_EXPIRES)
            self._write(_look_around)
            if self.stopped.wait(SIGN_SECONDS):
                break
        self._write(lambda: Heartbeat.objects.filter(name=name).delete())

    def _write(self, write: Any) -> None:
        try:
            write()
        except Error as error:
            logger.warning("The worker waits for the database: %s", error)
        finally:
            # This thread's own connection; nobody else would close it.
            connection.close()


def _queues_of(app: Celery) -> list[str]:
    """The queues that this worker takes messages from, without the prefix."""
    prefix: str = settings.PANELHUB_QUEUE_PREFIX
    taken = {str(name).removeprefix(prefix) for name in app.amqp.queues.consume_from}
    return [queue for queue in (CLICKS, BACKGROUND) if queue in taken]


def _look_around() -> None:
    """A worker that lives notices when the schedule does not."""
    from panelhub.monitoring import alarm
    from panelhub.monitoring.health import read_background

    alarm.look(read_background())


class EmbeddedSchedule(_ThreadStep):
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
