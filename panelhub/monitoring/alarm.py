"""A dead schedule cannot say that it is dead: pages that are opened and workers that live look for it instead."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)

SOUNDED_EVERY: Final = 60.0
_listeners: Final[list[Callable[[], object]]] = []
_lock: Final = threading.Lock()
_sounded: Final[list[float]] = []


def at_alarm(listener: Callable[[], object]) -> None:
    """Have `listener` called, in a thread of its own, while a part of the hub is dead."""
    if listener not in _listeners:
        _listeners.append(listener)


def look(parts: Mapping[str, bool]) -> threading.Thread | None:
    """Sound the alarm when one of `parts` is dead, once a minute at most; returns the thread that does it.

    Called by those who checked the parts anyway; costs them no extra time.
    """
    if all(parts.values()) or not settings.PANELHUB_ALARM:
        return None
    with _lock:
        if _sounded and time.monotonic() - _sounded[0] < SOUNDED_EVERY:
            return None
        _sounded[:] = [time.monotonic()]
    thread = threading.Thread(target=_sound, name="alarm", daemon=True)
    thread.start()
    return thread


def forget() -> None:
    """Sound again at the next look, however short ago the last alarm was."""
    _sounded.clear()


def _sound() -> None:
    try:
        for listener in _listeners:
            listener()
    except Exception:
        logger.exception("The alarm could not be sent.")
    finally:
        connection.close()
