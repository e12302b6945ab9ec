"""What a worker does beside running tasks: it shows that it is alive."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from celery import bootsteps
from django.db import Error, connection

logger = logging.getLogger(__name__)

WORKER_BEAT: Final = "worker:"
SIGN_SECONDS: Final = 15.0


class SignOfLife(bootsteps.StartStopStep):
    """Writes a heartbeat from a thread of its own for as long as the worker's main process lives."""

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, parent: Any) -> None:
        self._thread = threading.Thread(target=self._run, args=(parent.hostname,), name="sign of life", daemon=True)
        self._thread.start()

    def stop(self, parent: Any) -> None:
        self._stopped.set()
        if self._thread:
            self._thread.join(timeout=2)

    def terminate(self, parent: Any) -> None:
        self.stop(parent)

    def _run(self, hostname: str) -> None:
        from panelhub.models import Heartbeat

        name = f"{WORKER_BEAT}{hostname}"
        while True:
            try:
                Heartbeat.beat(name)
            except Error as error:
                logger.warning("The worker waits for the database: %s", error)
            finally:
                connection.close()
            if self._stopped.wait(SIGN_SECONDS):
                break
        try:
            Heartbeat.objects.filter(name=name).delete()
        except Error as error:
            logger.warning("The worker could not sign off: %s", error)
        finally:
            connection.close()
