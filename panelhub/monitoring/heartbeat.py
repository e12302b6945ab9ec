"""Workers and schedule sign that they are alive."""

from __future__ import annotations

from typing import Any, Final

from django.db import Error, connection
from django.utils import timezone

from panelhub.background.worker import WorkerThread, logger

SIGN_SECONDS: Final = 15.0


class SignOfLife(WorkerThread):
    """Writes a heartbeat for as long as the worker's main process lives, and removes it at the end."""

    def work(self, parent: Any) -> None:
        from panelhub.models import WORKER_BEAT, Heartbeat

        name = f"{WORKER_BEAT}{parent.hostname}"
        while True:
            self._write(lambda: Heartbeat.beat(name))
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


def _look_around() -> None:
    """A worker that lives notices when the schedule does not."""
    from panelhub.monitoring import alarm
    from panelhub.monitoring.health import judge_signs, read_signs

    alarm.look(judge_signs(read_signs(), now=timezone.now()))
