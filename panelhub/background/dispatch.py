"""Notify a worker that a row is waiting for it.

The row is the queue and the message only a doorbell: one that is lost costs seconds, until the schedule's next
look at the rows. So a broker that is down or slow must not fail or hold up anyone: a message is tried with short
time limits, and after a failure no one tries again for a few seconds.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.db import transaction

from panelhub.background.transports import SHORT_LIMITS, transport_scheme
from panelhub.schedule import BACKGROUND

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 1
QUIET_SECONDS: Final = 5.0
# A ring no one heard for this long has been overtaken by many looks of the schedule.
MESSAGE_EXPIRES_SECONDS: Final = 600.0


def notify_worker(task: str, *args: Any, queue: str = BACKGROUND) -> None:
    """Have `task` run with `args` by a worker of `queue`, once the current transaction is committed.

    Returns nothing and never raises: whether the message arrived is no one's business.
    """
    transaction.on_commit(partial(publish, task, *args, queue=queue), robust=True)


def publish(task: str, *args: Any, queue: str = BACKGROUND, expires: float = MESSAGE_EXPIRES_SECONDS) -> bool:
    """Send the message now; False, after a line in the log, when the broker did not take it."""
    try:
        return _notifier().send(task, args, queue=f"{settings.PANELHUB_QUEUE_PREFIX}{queue}", expires=expires)
    except Exception as error:
        logger.warning("The broker did not take %s: %s", task, error)
        return False


class _Notifier:
    """One connection to the broker, shared by the threads of a process."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._lock = threading.Lock()
        self._producer: Any = None
        self._quiet_until = 0.0

    def send(self, task: str, args: tuple[Any, ...], *, queue: str, expires: float) -> bool:
        if time.monotonic() < self._quiet_until or not self._lock.acquire(timeout=CONNECT_SECONDS):
            return False
        try:
            kept = self._producer is not None
            try:
                self._send(task, args, queue=queue, expires=expires)
            except Exception:
                self.hang_up()
                if not kept:
                    raise
                # The broker may have been restarted since the last message.
                self._send(task, args, queue=queue, expires=expires)
        except Exception:
            self._quiet_until = time.monotonic() + QUIET_SECONDS
            self.hang_up()
            raise
        finally:
            self._lock.release()
        return True

    def _send(self, task: str, args: tuple[Any, ...], *, queue: str, expires: float) -> None:
        if self._producer is None:
            connection = current_app.connection_for_write(
                settings.CELERY_BROKER_URL,
                connect_timeout=CONNECT_SECONDS,
                transport_options=SHORT_LIMITS.get(transport_scheme(settings.CELERY_BROKER_URL), {}),
            )
            self._producer = current_app.amqp.Producer(connection, auto_declare=False)
        current_app.send_task(task, args=args, queue=queue, expires=expires, producer=self._producer, retry=False)

    def hang_up(self) -> None:
        """Close the connection; the next message opens a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(Exception):
                producer.connection.collect(socket_timeout=0.1)


_current_notifier = _Notifier()


def forget_broker() -> None:
    """Try the broker again with the next message, on a new connection."""
    global _current_notifier
    if _current_notifier.pid == os.getpid():
        # A forked child must not write into its parent's connection, not even to close it.
        _current_notifier.hang_up()
    _current_notifier = _Notifier()


def _notifier() -> _Notifier:
    if _current_notifier.pid != os.getpid():
        forget_broker()
    return _current_notifier
