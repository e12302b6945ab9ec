"""The scheduler behind `celery beat` and `celery worker --with-schedule`."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from celery.beat import Scheduler
from django.db import Error, connection

from panelhub.background.dispatch import publish
from panelhub.background.jobs import give_back_lease, keep_lease, take_lease
from panelhub.models import Heartbeat
from panelhub.schedule import SCHEDULE, Tick

logger = logging.getLogger(__name__)

SCHEDULE_BEAT: Final = "schedule"
LEASE_NAME: Final = "schedule"
SIGN_SECONDS: Final = 15.0
# How long a scheduler that is asked to end may need to notice.
LONGEST_WAIT: Final = 5.0


class HubScheduler(Scheduler):
    """Sends the ticks of `panelhub.schedule`, each once at the start and then at its interval.

    It counts on the monotonic clock, so a clock that jumps neither floods nor silences it; it keeps nothing on
    disk; and it sends only while it holds a lease in the database, so of several schedulers one works and the
    others stand by.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._due: dict[Tick, float] = {}
        self._token = ""
        self._sign_due = 0.0
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Every tick is due at once: a hub that was off for a day looks for work when it is back."""
        now = time.monotonic()
        self._due = dict.fromkeys(SCHEDULE, now)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; return how many seconds to wait."""
        now = time.monotonic()
        if now >= self._sign_due:
            self._sign(now)
        if not self._token:
            return min(LONGEST_WAIT, self._sign_due - now)
        for tick, due in self._due.items():
            if due <= now:
                # Counted from now: what was missed is not made up for.
                self._due[tick] = now + tick.every
                publish(tick.task, queue=tick.queue, expires=tick.every)
        return max(0.05, min(*self._due.values(), self._sign_due, now + LONGEST_WAIT) - time.monotonic())

    def close(self) -> None:
        """Give the schedule back, so that the next scheduler starts at once."""
        try:
            if self._token:
                give_back_lease(LEASE_NAME, "", self._token)
                Heartbeat.objects.filter(name=SCHEDULE_BEAT).delete()
        except Error as error:
            logger.warning("The schedule could not be given back: %s", error)
        finally:
            self._token = ""
            connection.close()
        super().close()

    def _sign(self, now: float) -> None:
        self._sign_due = now + SIGN_SECONDS
        try:
            if not (self._token and keep_lease(LEASE_NAME, "", self._token)):
                self._token = take_lease(LEASE_NAME)
            if self._token:
                Heartbeat.beat(SCHEDULE_BEAT)
        except Error as error:
            self._token = ""
            logger.warning("The schedule waits for the database: %s", error)
        finally:
            connection.close()
