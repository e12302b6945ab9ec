"""What every page gets: an end to forgotten sessions, and no copies in caches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from decimal import DecimalException
from typing import Final

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase
from django.views.defaults import bad_request

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]

STARTED: Final = "panelhub_started"
SEEN: Final = "panelhub_seen"
# The addresses of the API for programs.
PROGRAMS: Final = frozenset({"/api/v2", "/api/v2/"})
# The header of requests that a page makes by itself, to refresh its rows: no one needs to sit there.
POLL_HEADER: Final = "X-Poll"
# The time of the last request is stored this coarsely, so that reading a page does not write to the database.
SEEN_GRAIN_SECONDS: Final = 60
_OUT_OF_RANGE: Final = (
    *("NUL", "null character", "out of range", "integer string conversion", "surrogates not allowed"),
    # Said by a field that is looked up by what stands in the address, as the add pages of admin do.
    "expected a number but got",
)


class ProgramsMiddleware:
    """Drops the cookies of calls to the API: a token alone says whose they are, and no session is looked up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in PROGRAMS:
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)


class SessionLimitsMiddleware:
    """Ends a login after so long without a click, and after so long in any case."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            self._check(request)
        return self.get_response(request)

    def _check(self, request: HttpRequest) -> None:
        now = int(time.time())
        started = request.session.get(STARTED)
        seen = request.session.get(SEEN, now)
        if started is None:
            request.session[STARTED] = request.session[SEEN] = now
            return
        idle = now - seen > settings.PANELHUB_SESSION_IDLE_SECONDS
        old = now - started > settings.PANELHUB_SESSION_SECONDS
        if idle or old:
            logout(request)
        elif now - seen > SEEN_GRAIN_SECONDS and POLL_HEADER not in request.headers:
            request.session[SEEN] = now


class OutOfRangeMiddleware:
    """Answers 400 where a value was too much for the database or for reckoning with it, whichever page did not see it.

    Forms say so beside the field; this is for the parameters that no one types, in the lists of admin for instance.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        if not (request.GET or request.method == "POST"):
            return None
        if not is_out_of_range(problem) and not _is_nameless(request, problem):
            return None
        logger.warning("A value that was sent is out of range", exc_info=problem)
        return bad_request(request, problem)


def _is_nameless(request: HttpRequest, problem: Exception) -> bool:
    """Return whether admin looked an empty ``_to_field`` up as the name of a field."""
    sent = (request.GET.get("_to_field"), request.POST.get("_to_field"))
    return isinstance(problem, FieldDoesNotExist) and "" in sent


def is_out_of_range(problem: Exception) -> bool:
    """Return whether this is said of a value that no column holds, no date is, or no calculation can end with."""
    if isinstance(problem, OverflowError | DecimalException | UnicodeError | DataError):
        return True
    # What psycopg, int() and the drivers say in a ValueError.
    words = str(problem)
    return isinstance(problem, ValueError) and any(part in words for part in _OUT_OF_RANGE)


class PrivatePagesMiddleware:
    """Keeps what a logged-in person saw out of every cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response
