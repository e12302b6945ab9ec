"""Is the hub alive? For load balancers, for monitoring, and for a line on every page when it is not."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from panelhub.background.scheduler import SCHEDULE_BEAT
from panelhub.background.transports import SHORT_LIMITS, transport_scheme
from panelhub.models import WORKER_BEAT, Heartbeat
from panelhub.schedule import BACKGROUND, CLICKS

logger = logging.getLogger(__name__)

# Signs come every ten seconds; with three missed, whatever is dead is named within a minute.
ALIVE: Final = timedelta(seconds=45)
# What was written by a clock that is ahead says nothing; a little may come from rounding.
AHEAD: Final = timedelta(seconds=2)
QUEUES: Final = (CLICKS, BACKGROUND)
WEB_SIGN: Final = "web"
LEAST_FREE_BYTES: Final = 200 * 1024 * 1024
CHECKED_EVERY: Final = 10.0
_seen: Final[dict[str, tuple[float, bool]]] = {}


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
    """Return whether each part is alive: web, database, disk, broker, clicks, background, schedule.

    None where no one can tell: messages do not come through a broker that is down, and without the database no one
    knows anything of the background.
    """
    background: Mapping[str, bool | None] = dict.fromkeys((*QUEUES, SCHEDULE_BEAT))
    broker = is_broker_alive()
    try:
        found = read_background()
        database = is_database_writable()
        background = found if broker else {**background, SCHEDULE_BEAT: found[SCHEDULE_BEAT]}
    except Error as error:
        logger.error("The database does not answer: %s", error)
        database = False
    return {"web": True, "database": database, "disk": is_disk_writable(), "broker": broker, **background}


def read_background() -> dict[str, bool]:
    """Return whether workers and scheduler are alive, by their heartbeats; one statement."""
    signs, now = read_signs()
    return judge_signs(signs, now=now)


def read_signs() -> tuple[Mapping[str, datetime], datetime]:
    """Return every sign of life by name, and the time by the clock that wrote them: the database's."""
    rows = list(Heartbeat.objects.values_list("name", "at", Now()))
    now = rows[0][2] if rows else timezone.now()
    return {name: at for name, at, _now in rows}, now


def judge_signs(signs: Mapping[str, datetime], *, now: datetime) -> dict[str, bool]:
    """Return whether clicks, background and the schedule are alive, by their signs.

    The sign of a queue is written by a message that came through it: a worker that lives and does not work its queue
    writes none.
    """
    return {name: _is_fresh(signs.get(name), now=now) for name in (*QUEUES, SCHEDULE_BEAT)}


def find_silent() -> list[str]:
    """Return the parts, ``clicks``, ``background`` and ``schedule``, that were alive, took no leave, and are silent
    since.

    One that never ran here, or was stopped as it should be, is not among them.
    """
    rows = list(Heartbeat.objects.values_list("name", "detail"))
    known = {queue for name, detail in rows if name.startswith(WORKER_BEAT) for queue in detail.split()}
    known |= {name for name, _detail in rows if name == SCHEDULE_BEAT}
    return [part for part, is_alive in read_background().items() if part in known and not is_alive]


def is_broker_alive() -> bool:
    """Return whether the broker takes connections."""
    url = settings.CELERY_BROKER_URL
    return _look_now_and_then(url, lambda: _reach_broker(url))


def is_database_writable() -> bool:
    """Return whether the database takes what is written."""
    return _look_now_and_then("database", _write_sign)


def is_disk_writable() -> bool:
    """Return whether the folder of the hub can be written and has room left."""
    return _look_now_and_then(str(settings.PANELHUB_VAR), _write_file)


def forget_looks() -> None:
    """Look again at everything, however short ago the last look was."""
    _seen.clear()


def _look_now_and_then(name: str, look: Callable[[], bool]) -> bool:
    """Return the result of ``look``, called every few seconds at most: anyone may request it."""
    checked_at, alive = _seen.get(name, (float("-inf"), False))
    if time.monotonic() - checked_at < CHECKED_EVERY:
        return alive
    alive = look()
    _seen[name] = (time.monotonic(), alive)
    return alive


def _write_sign() -> bool:
    try:
        Heartbeat.beat(WEB_SIGN)
    except Error as error:
        logger.error("The database does not take what is written: %s", error)
        return False
    return True


def _write_file() -> bool:
    try:
        free = shutil.disk_usage(settings.PANELHUB_VAR).free
        with tempfile.TemporaryFile(dir=settings.PANELHUB_VAR) as file:
            file.write(b"alive")
    except OSError as error:
        logger.error("The folder of the hub cannot be written: %s", error)
        return False
    if free < LEAST_FREE_BYTES:
        logger.error("The disk is nearly full: %.0f MB are free.", free / 1024 / 1024)
    return free >= LEAST_FREE_BYTES


def _reach_broker(url: str) -> bool:
    limits = SHORT_LIMITS.get(transport_scheme(url), {})
    try:
        with current_app.connection_for_write(url, connect_timeout=1, transport_options=limits) as connection:
            connection.default_channel.close()  # type: ignore[attr-defined]
    except Exception as error:
        logger.error("The broker does not answer: %s", error)
        return False
    return True


def _is_fresh(at: datetime | None, *, now: datetime) -> bool:
    return at is not None and -AHEAD < now - at < ALIVE
