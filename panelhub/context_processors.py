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

from panelhub.monitoring import alarm
from panelhub.monitoring.health import judge_signs, read_signs

LOOKED_EVERY: Final = 5.0
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
    if not parts["worker"]:
        return [_("No worker is running: orders are kept, and are sent when one is back.")]
    if not parts["schedule"]:
        return [_("The schedule is not running: states, balances and catalogues are not refreshed by themselves.")]
    return []


def forget_look() -> None:
    """Look again at the next page, however short ago the last look was."""
    _seen.clear()


def _look() -> dict[str, bool]:
    now = time.monotonic()
    if not _seen or now - _seen[0][0] > LOOKED_EVERY:
        try:
            parts = judge_signs(read_signs(), now=timezone.now())
        except Error:
            parts = {"worker": False, "schedule": False}
        _seen[:] = [(now, parts)]
        alarm.look(parts)
    return _seen[0][1]


def _is_logged_in(request: HttpRequest) -> bool:
    # Error pages may be rendered before anybody was looked up.
    return bool(getattr(request, "user", None) and request.user.is_authenticated)
