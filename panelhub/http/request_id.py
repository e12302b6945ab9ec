"""One id from a click to the calls it leads to: on the request, in the message to a worker, on the call's record.

It is bound to the running request or task, so that every line that is logged meanwhile carries it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import structlog
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest, HttpResponseBase

NAME: Final = "request_id"
HEADER: Final = "X-Request-ID"
LONGEST: Final = 64
_FIT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def current_id() -> str:
    """The id of the request or task that runs here, or "" outside of any."""
    return str(structlog.contextvars.get_contextvars().get(NAME, ""))


def new_id() -> str:
    """An id that nothing else has."""
    return uuid.uuid4().hex


@contextmanager
def bound_id(given: str = "") -> Iterator[str]:
    """Give what runs in the block an id: ``given`` if it looks like one, else a new one."""
    chosen = given if _FIT.fullmatch(given) else new_id()
    with structlog.contextvars.bound_contextvars(**{NAME: chosen}):
        yield chosen


class RequestIdMiddleware:
    """Gives each request an id, the one of the proxy in front if it sends one, and tells it in the reply."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with bound_id(request.headers.get(HEADER, "")) as chosen:
            response = self.get_response(request)
        response[HEADER] = chosen
        return response


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
