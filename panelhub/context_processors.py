"""What every template may show."""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings
from django.db import Error
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from panelhub.launcher.plan import read_ended
from panelhub.monitoring import alarm
from panelhub.monitoring.health import read_background

LOOKED_EVERY: Final = 5.0
# How often in a row the worker has to end before people hear of it.
SEVERAL: Final = 2
_seen: list[tuple[float, dict[str, bool]]] = []


def hub(request: HttpRequest) -> dict[str, Any]:
    """`hub_warnings`: sentences for a banner on top of the page; `sandbox_origin`: set when the sandbox runs beside."""
    return {
        "hub_warnings": SimpleLazyObject(find_warnings) if _is_logged_in(request) else [],
        "sandbox_origin": settings.PANELHUB_SANDBOX_ORIGIN,
    }


def find_warnings() -> list[str]:
    """Sentences about parts of the hub that are not alive; empty when all is well."""
    parts = _look()
    ended = read_ended()
    if ended and ended.count >= SEVERAL:
        again = timezone.localtime(ended.again_at).strftime("%H:%M:%S")
        words = {"count": ended.count, "time": again}
        return [_("The worker stopped %(count)s times in a row. Orders are safe. Next start at %(time)s.") % words]
    if not parts["clicks"]:
        return [_("No worker is running. Orders are safe and will be sent when one is back.")]
    if not parts["background"]:
        return [_("No background worker is running. Statuses, balances and catalogues aren’t updated.")]
    if not parts["schedule"]:
        return [_("The scheduler isn’t running. Statuses, balances and catalogues aren’t updated.")]
    return []


def forget_look() -> None:
    """Look again at the next page, however short ago the last look was."""
    _seen.clear()


def _look() -> dict[str, bool]:
    now = time.monotonic()
    if not _seen or now - _seen[0][0] > LOOKED_EVERY:
        try:
            parts = read_background()
        except Error:
            parts = dict.fromkeys(("clicks", "background", "schedule"), False)
        _seen[:] = [(now, parts)]
        alarm.look(parts)
    return _seen[0][1]


def _is_logged_in(request: HttpRequest) -> bool:
    # Error pages may be rendered before anybody was looked up.
    return bool(getattr(request, "user", None) and request.user.is_authenticated)
