"""Instructions at which a worker under test ends itself by SIGKILL, as a power cut or the OOM killer would.

A worker that is started with ``**kill_at("after the claim")`` dies the first time it comes to that point of the way of
a paid call. It imports this module by itself (``--include``); the hub knows nothing of it.
"""

from __future__ import annotations

import os
import signal
from functools import wraps
from typing import Any, Final

from orders.submission import records
from orders.submission import services as submission_services

VARIABLE: Final = "PANELHUB_TEST_KILL_AT"

# The function that is replaced, and whether the worker dies after it instead of before.
POINTS: Final[dict[str, tuple[Any, str, bool]]] = {
    "before the claim": (submission_services, "claim", False),
    "between claim and last look": (submission_services, "still_ours", False),
    "before the socket opens": (submission_services, "calling", False),
    "between answer and record": (records, "record", False),
    "within the record": (records, "_write_events", False),
    "after the record": (records, "record", True),
}


def kill_at(point: str) -> dict[str, Any]:
    """Arguments of ``start_worker`` for a worker that dies at ``point``."""
    assert point in POINTS
    return {"options": ("--include", __name__), "environment": {VARIABLE: point}}


def _arm(point: str) -> None:
    module, name, after = POINTS[point]
    real = getattr(module, name)

    @wraps(real)
    def deadly(*args: Any, **kwargs: Any) -> None:
        if after:
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, deadly)


if point := os.environ.get(VARIABLE):
    _arm(point)
