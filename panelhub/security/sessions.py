"""Sessions of a person: listed, ended one by one or together, the tokens of their programs with them on request."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from panelhub import audit
from panelhub.http.client_ip import client_ip
from panelhub.http.middleware import SEEN, STARTED

ADDRESS: Final = "panelhub_address"
AGENT: Final = "panelhub_agent"
LONGEST_AGENT: Final = 200

EndTokens = Callable[[Any], int]
HasTokens = Callable[[Any], bool]
_enders: Final[dict[EndTokens, HasTokens]] = {}


def register_token_ender(end: EndTokens, has: HasTokens) -> None:
    """Have ``end(person)`` switch off the tokens of a person's programs and return how many there were.

    ``has(person)`` says whether there are any.
    """
    _enders[end] = has


def has_tokens(person: Any) -> bool:
    """Return whether programs of a person hold tokens that are on."""
    return any(has(person) for has in _enders.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One session as its owner may see it. ``slug`` names it without giving it away."""

    slug: str
    started_at: datetime | None
    seen_at: datetime | None
    address: str
    agent: str
    is_this: bool


def note_login(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """At login: keep from where, so that the owner can tell their sessions apart."""
    if request is not None and hasattr(request, "session"):
        request.session[ADDRESS] = client_ip(request)
        request.session[AGENT] = str(request.META.get("HTTP_USER_AGENT", ""))[:LONGEST_AGENT]
        request.session[STARTED] = request.session[SEEN] = int(time.time())


def list_sessions(request: HttpRequest) -> list[OpenSession]:
    """Return the living sessions of the request's person: this one first, then the one used last."""
    mine = request.session.session_key
    found = [_describe(row, data, is_this=row.pk == mine) for row, data in _living(request.user)]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: (one.is_this, one.seen_at or oldest), reverse=True)


def end_session(request: HttpRequest, slug: str) -> bool:
    """End one of the person's own sessions; returns whether there was one."""
    for row, _data in _living(request.user):
        if _slug(row.pk) == slug:
            row.delete()
            audit.record(request.user, "person.session_ended", request.user, request=request)  # type: ignore[arg-type]
            return True
    return False


def end_other_sessions(request: HttpRequest, *, tokens: bool) -> tuple[int, int]:
    """End all sessions of the person but this one, and their programs' tokens with ``tokens``; returns both counts."""
    person: Any = request.user
    keys = [row.pk for row, _data in _living(person) if row.pk != request.session.session_key]
    ended = Session.objects.filter(pk__in=keys).delete()[0] if keys else 0
    stopped = end_tokens(person, request=request) if tokens else 0
    audit.record(person, "person.logged_out", person, str(person), request=request, sessions=ended, tokens=stopped)
    return ended, stopped


def end_tokens(person: Any, *, request: HttpRequest | None = None, by: Any = None) -> int:
    """Switch off the tokens of a person's programs; returns how many."""
    stopped = sum(end(person) for end in _enders)
    if stopped:
        audit.record(by or person, "person.tokens_ended", person, str(person), request=request, tokens=stopped)
    return stopped


def _living(person: Any) -> Iterator[tuple[Session, dict[str, Any]]]:
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        data = row.get_decoded()
        if data.get(SESSION_KEY) == str(person.pk):
            yield row, data


def _describe(row: Session, data: dict[str, Any], *, is_this: bool) -> OpenSession:
    return OpenSession(
        slug=_slug(row.pk),
        started_at=_moment(data.get(STARTED)),
        seen_at=_moment(data.get(SEEN)),
        address=str(data.get(ADDRESS, "")),
        agent=str(data.get(AGENT, "")),
        is_this=is_this,
    )


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=UTC) if isinstance(seconds, int) else None


def _slug(key: str) -> str:
    return hashlib.sha256(f"panelhub-session:{key}".encode()).hexdigest()[:32]
