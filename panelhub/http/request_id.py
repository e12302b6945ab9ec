"""One id from a click to the calls it leads to: on the request, in the message to a worker, on the call's record.

It is bound to the running request or task, so that every line that is logged meanwhile carries it.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

import structlog
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest, HttpResponseBase

NAME: Final = "request_id"
HEADER: Final = "X-Request-ID"
LONGEST: Final = 64
_FIT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

logger = structlog.get_logger(__name__)
# Static files have no route; these two are asked by machines.
_PROBES: Final = frozenset({"healthz", "metrics"})
GetResponse = Callable[[HttpRequest], HttpResponseBase]


def current_id() -> str:
    """Return the id of the request or task that runs here, or "" outside of any."""
    return str(structlog.contextvars.get_contextvars().get(NAME, ""))


def new_id() -> str:
    """Return an id that nothing else has."""
    return uuid.uuid4().hex


@contextmanager
def bound_id(given: str = "") -> Iterator[str]:
    """Give what runs in the block an id: ``given`` if it looks like one, else a new one."""
    chosen = given if _FIT.fullmatch(given) else new_id()
    with structlog.contextvars.bound_contextvars(**{NAME: chosen}):
        yield chosen


def is_id(text: str) -> bool:
    """Return whether a text may be an id, of a click or of a line of an upload."""
    return bool(_FIT.fullmatch(text))


@contextmanager
def restored_ids() -> Iterator[None]:
    """Undo at the end of the block whatever was bound in it."""
    before = structlog.contextvars.get_contextvars()
    try:
        yield
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**before)


def bind_clicks(ids: Iterable[str]) -> None:
    """Go by the ids of the clicks that made some rows, to the end of a block of `restored_ids`.

    One takes the place of the task's own id; several are named beside it.
    """
    clicks = sorted({click for click in ids if click})
    if len(clicks) == 1:
        structlog.contextvars.bind_contextvars(**{NAME: clicks[0]})
    elif clicks:
        structlog.contextvars.bind_contextvars(clicks=" ".join(clicks))


class RequestIdMiddleware:
    """Gives each request an id (the proxy's, if it sends one), returns it in the reply, and logs the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        with bound_id(request.headers.get(HEADER, "")) as chosen:
            response = self.get_response(request)
            _log_request(request, response.status_code, seconds=time.monotonic() - started)
        response[HEADER] = chosen
        return response


def _log_request(request: HttpRequest, status: int, *, seconds: float) -> None:
    """A line for each request. What is asked every few seconds, and found, only where everything is wanted."""
    match = request.resolver_match
    route = f"/{match.route}" if match else "(none)"
    quiet = status < HTTPStatus.BAD_REQUEST and (match is None or match.view_name in _PROBES)
    say = logger.debug if quiet else logger.info
    say("request", method=request.method, route=route, status=status, ms=round(seconds * 1000))


@before_task_publish.connect(weak=False)
def _put_into_message(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers.setdefault(NAME, current_id() or new_id())


@task_prerun.connect(weak=False)
def _take_from_message(task: Any = None, task_id: str = "", **_: Any) -> None:
    if task.request.is_eager:
        return
    given = str(task.request.get(NAME) or "")
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{NAME: given if _FIT.fullmatch(given) else task_id, "task": task.name})


@task_postrun.connect(weak=False)
def _let_go(task: Any = None, **_: Any) -> None:
    if not task.request.is_eager:
        structlog.contextvars.clear_contextvars()
