"""The schedule: Celery's own scheduler, with the ticks of `panelhub.schedule` as its entries.

Three things differ. It counts on a clock that never jumps; it sends through `dispatch`, so a broker that is down does
not stop it; and it sends only while it holds a lease in the database, so of several schedulers one works and the
others stand by.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from celery.beat import Scheduler
from celery.schedules import schedule
from django.db import Error, connection

from panelhub.background.dispatch import publish
from panelhub.background.jobs import give_back_lease, keep_lease, take_lease
from panelhub.models import Heartbeat
from panelhub.schedule import all_ticks

logger = logging.getLogger(__name__)

SCHEDULE_BEAT: Final = "schedule"
LEASE_NAME: Final = "schedule"
SIGN_SECONDS: Final = 10.0
# How long a scheduler that was requested to stop may need to notice.
LONGEST_WAIT: Final = 5
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


def steady_now() -> datetime:
    """Return a moment that goes on with the monotonic clock, whatever the clock on the wall does."""
    return _BEGINNING + timedelta(seconds=time.monotonic())


class HubScheduler(Scheduler):
    """Sends each tick once at the start and then at its interval; what was missed is not made up for."""

    # Celery would wait here for a connection of its own.
    producer: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._token = ""
        self._sign_due = 0.0
        super().__init__(*args, **kwargs)
        self.max_interval = LONGEST_WAIT

    def setup_schedule(self) -> None:
        """Every tick is due at once: a hub that was off for a day looks for work when it is back."""
        self.update_from_dict(
            {
                tick.task: {
                    "task": tick.task,
                    "schedule": schedule(timedelta(seconds=tick.every), nowfun=steady_now, app=self.app),
                    "last_run_at": steady_now() - timedelta(days=365),
                }
                for tick in all_ticks()
            }
        )

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; return how many seconds to wait."""
        now = time.monotonic()
        if now >= self._sign_due:
            self._sign(now)
        if not self._token:
            return min(LONGEST_WAIT, self._sign_due - now)
        while not (wait := float(super().tick(*args, **kwargs))):
            pass
        return max(0.05, min(wait, self._sign_due - time.monotonic()))

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send one tick; it expires when the next one comes."""
        tick = next(tick for tick in all_ticks() if tick.task == entry.name)
        publish(tick.task, queue=tick.queue, expires=tick.every)

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
