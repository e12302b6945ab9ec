"""Workers show that they live, and that their queues are worked."""

from __future__ import annotations

from typing import Any, Final

from celery import Celery
from django.conf import settings
from django.db import Error, connection

from panelhub.background.worker import WorkerThread, logger
from panelhub.schedule import BACKGROUND, CLICKS

SIGN_SECONDS: Final = 10.0
# A message that comes later than this proves nothing about now.
SIGN_EXPIRES: Final = 40.0
TASK: Final = "panelhub.tasks.beat_heartbeat"


class SignOfLife(WorkerThread):
    """Shows that this worker lives, and that its queues are worked.

    The first is a row that is removed at the end. For the second it sends a message through the broker to each of its
    queues: a worker that lives and takes no messages, or whose threads take no work, shows nothing.
    """

    def work(self, parent: Any) -> None:
        from panelhub.background.dispatch import publish
        from panelhub.models import WORKER_BEAT, Heartbeat

        name = f"{WORKER_BEAT}{parent.hostname}"
        queues = _queues_of(parent.app)
        while True:
            self._write(lambda: Heartbeat.beat(name, detail=" ".join(queues)))
            for queue in queues:
                publish(TASK, queue, queue=queue, expires=SIGN_EXPIRES)
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
            # This thread's own connection; no one else would close it.
            connection.close()


def _queues_of(app: Celery) -> list[str]:
    """Return the queues that this worker takes messages from, without the prefix."""
    prefix: str = settings.PANELHUB_QUEUE_PREFIX
    taken = {str(name).removeprefix(prefix) for name in app.amqp.queues.consume_from}
    return [queue for queue in (CLICKS, BACKGROUND) if queue in taken]


def _look_around() -> None:
    """A worker that lives notices when the schedule, or another queue's worker, does not."""
    from panelhub.monitoring import alarm
    from panelhub.monitoring.health import read_background

    alarm.look(read_background())
