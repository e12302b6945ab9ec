"""Is the hub alive? For load balancers, for monitoring, and for a line on every page when it is not."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from panelhub.background.scheduler import SCHEDULE_BEAT
from panelhub.background.transports import SHORT_LIMITS, transport_scheme
from panelhub.models import TASKS_BEAT, WORKER_BEAT, Heartbeat

logger = logging.getLogger(__name__)

# Signs come every 15 seconds; four in a row may be missed.
ALIVE: Final = timedelta(seconds=60)
# Proof that tasks are run waits its turn behind other tasks; it may take longer when much is to do.
WORKING: Final = timedelta(minutes=3)
BROKER_CHECKED_EVERY: Final = 10.0
_broker_seen: dict[str, tuple[float, bool]] = {}


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while all parts are alive, else 503; which is which, and nothing more, as JSON."""
    parts = look_at_parts()
    missing = [name for name, alive in parts.items() if alive is False]
    body: dict[str, Any] = {"status": "failing" if missing else "ok", "failing": missing, "parts": parts}
    return JsonResponse(body, status=503 if missing else 200)


def look_at_parts() -> dict[str, bool | None]:
    """Whether each part is alive: web, database, broker, worker, schedule; None where nobody can tell."""
    try:
        judged: Mapping[str, bool | None] = judge_signs(read_signs(), now=timezone.now())
        database = True
    except Error as error:
        logger.error("The database does not answer: %s", error)
        judged, database = {"worker": None, "schedule": None}, False
    return {"web": True, "database": database, "broker": is_broker_alive(), **judged}


def read_signs() -> Mapping[str, datetime]:
    """Every sign of life, by name."""
    return dict(Heartbeat.objects.values_list("name", "at"))


def judge_signs(signs: Mapping[str, datetime], *, now: datetime) -> dict[str, bool]:
    """Whether a worker and the schedule are alive, by their signs.

    A worker whose process lives while the schedule's ticks pile up unheard for minutes counts as dead.
    """
    schedule = _is_fresh(signs.get(SCHEDULE_BEAT), now=now, age=ALIVE)
    worker = any(_is_fresh(at, now=now, age=ALIVE) for name, at in signs.items() if name.startswith(WORKER_BEAT))
    tasks = signs.get(TASKS_BEAT)
    stuck = schedule and tasks is not None and not _is_fresh(tasks, now=now, age=WORKING)
    return {"worker": worker and not stuck, "schedule": schedule}


def find_silent(now: datetime) -> list[str]:
    """The parts, ``worker`` and ``schedule``, that showed signs of life, took no leave, and are silent since.

    One that never ran here, or was stopped as it should be, is not among them.
    """
    signs = read_signs()
    alive = judge_signs(signs, now=now)
    known = {"worker": any(name.startswith(WORKER_BEAT) for name in signs), "schedule": SCHEDULE_BEAT in signs}
    return [part for part, is_known in known.items() if is_known and not alive[part]]


def is_broker_alive() -> bool:
    """Whether the broker takes connections; looked at every few seconds at most."""
    url = settings.CELERY_BROKER_URL
    checked_at, alive = _broker_seen.get(url, (float("-inf"), False))
    if time.monotonic() - checked_at < BROKER_CHECKED_EVERY:
        return alive
    alive = _reach_broker(url)
    _broker_seen[url] = (time.monotonic(), alive)
    return alive


def forget_broker() -> None:
    """Look at the broker again, however short ago the last look was."""
    _broker_seen.clear()


def _reach_broker(url: str) -> bool:
    limits = SHORT_LIMITS.get(transport_scheme(url), {})
    try:
        with current_app.connection_for_write(url, connect_timeout=1, transport_options=limits) as connection:
            connection.default_channel.close()  # type: ignore[attr-defined]
    except Exception as error:
        logger.error("The broker does not answer: %s", error)
        return False
    return True


def _is_fresh(at: datetime | None, *, now: datetime, age: timedelta) -> bool:
    return at is not None and now - at < age
