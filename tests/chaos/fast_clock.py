"""Time runs faster here: what the hub would wait out by the clock, minutes and hours of it, is over within a second.

An administrator who never sleeps opens paused and broken accounts again, a rate limit's wait is cut short, and the
schedule's slower ticks are rung for every second. Nothing of this decides about a paid call: rows, claims and outcomes
are the hub's own business alone.
"""

from __future__ import annotations

import threading
from typing import Final

from django.db import Error, connection
from django.db.models import Q

from orders.submission.call_types import CALL_TYPES
from panelhub.background.dispatch import publish
from panelhub.schedule import CLICKS
from providers.calls import circuit_breaker
from providers.models import Provider, RequestBudget

EVERY_SECONDS: Final = 1.0
TICKS: Final = (
    ("orders.submission.tasks.submit_due", CLICKS),
    ("orders.submission.tasks.sweep", CLICKS),
    ("orders.settlement.tasks.settle_due", "background"),
)


class Hurry(threading.Thread):
    """At work from `start` until `stop`."""

    def __init__(self) -> None:
        super().__init__(name="hurry", daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        """Until it is stopped; while the database is away it waits."""
        while not self._over.wait(EVERY_SECONDS):
            try:
                hurry()
            except Error:
                pass
            finally:
                connection.close()

    def stop(self) -> None:
        """Let time run as ever."""
        self._over.set()
        self.join()


def hurry() -> None:
    """Let everything that waits for a moment to come have waited long enough."""
    for provider in Provider.objects.filter(~Q(pause_kind="") | Q(breaker_until__isnull=False)):
        circuit_breaker.resume(provider)
    RequestBudget.objects.filter(held_until__gt=0).update(held_until=0)
    for kind in CALL_TYPES:
        kind.model.objects.filter(status="queued", not_before__isnull=False).update(not_before=None)
    for task, queue in TICKS:
        publish(task, queue=queue, expires=10)
