"""Guesses of passwords, counted three ways: one name from one network, one network over all names, one name over all.

A network is an IPv4 address, or the /64 that one IPv6 customer has. What is counted are passwords that were checked and
were wrong; a try that is turned away costs no check and extends nothing, so a lockout lasts for the window at most.
Wrong guesses at a name from elsewhere do not lock out its owner where they logged in before.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, Final

from axes.handlers.base import AxesHandler
from axes.models import AccessFailureLog, AccessLog
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from panelhub.http.client_ip import client_ip, tried_name

KNOWN_FOR: Final = timedelta(days=30)
KEPT_FOR: Final = timedelta(days=1)
_TIDY_EVERY: Final = 20
# How many passwords one process looks at together, and how long another waits for its turn: each takes a processor
# for a third of a second, and the pages of everybody else go through the same processors.
HASHES_AT_ONCE: Final = 2
SECONDS_FOR_A_TURN: Final = 2.0
_turns = threading.BoundedSemaphore(HASHES_AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """After ``most`` wrong passwords of the same name, network or both within the window, no more are checked."""

    by: tuple[str, ...]
    most: int
    window: timedelta
    spares_known: bool = False


RULES: Final = (
    Rule(by=("username", "ip_address"), most=5, window=timedelta(minutes=15)),
    Rule(by=("ip_address",), most=20, window=timedelta(minutes=15)),
    Rule(by=("username",), most=15, window=timedelta(minutes=5), spares_known=True),
)


def network_of(request: HttpRequest | None) -> str | None:
    """Return the address that guesses from this client count for; ``None`` when none is known."""
    try:
        address = ip_address(client_ip(request) if request else "")
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False).network_address)


def is_locked(name: str, network: str | None, *, now: datetime | None = None) -> bool:
    """Return whether no password for this name is looked at that comes from this network."""
    now = now or timezone.now()
    given = {"username": name, "ip_address": network}
    for rule in RULES:
        wanted = {column: given[column] for column in rule.by}
        if None in wanted.values():
            continue
        wrong = AccessFailureLog.objects.filter(**wanted, attempt_time__gt=now - rule.window, attempt_time__lte=now)
        if len(wrong.order_by().values_list("pk")[: rule.most]) < rule.most:
            continue
        if not (rule.spares_known and _logins(name, network, now).exists()):
            return True
    return False


def note_wrong(name: str, network: str | None) -> None:
    """Count one wrong password."""
    AccessFailureLog.objects.create(username=name, ip_address=network)
    if secrets.randbelow(_TIDY_EVERY) == 0:
        AccessFailureLog.objects.filter(attempt_time__lt=timezone.now() - KEPT_FOR).delete()


def forget_wrong(name: str, network: str | None) -> None:
    """Forget the wrong passwords of a name from where the right one came."""
    AccessFailureLog.objects.filter(username=name, ip_address=network).delete()


@contextmanager
def turn() -> Iterator[bool]:
    """Wait for a turn to look at a password; yields whether one came."""
    came = _turns.acquire(timeout=SECONDS_FOR_A_TURN)
    try:
        yield came
    finally:
        if came:
            _turns.release()


def _logins(name: str, network: str | None, now: datetime) -> QuerySet[AccessLog]:
    found: QuerySet[AccessLog] = AccessLog.objects.filter(
        username=name, ip_address=network, attempt_time__gt=now - KNOWN_FOR
    )
    return found


class LoginThrottle(AxesHandler):
    """The rules above, behind django-axes, which asks before each login and answers 429 in place of the view."""

    def is_locked(self, request: Any, credentials: Mapping[str, Any] | None = None) -> bool:
        return is_locked(tried_name(request, dict(credentials or {})), network_of(request))

    def user_login_failed(
        self, sender: Any, credentials: Mapping[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is None or getattr(request, "axes_locked_out", False):
            return
        note_wrong(tried_name(request, dict(credentials)), network_of(request))
        if self.is_locked(request, credentials):
            request.axes_locked_out = True
            request.axes_credentials = credentials

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        name, network, now = user.get_username(), network_of(request), timezone.now()
        forget_wrong(name, network)
        if network and not _logins(name, network, now).filter(attempt_time__gt=now - timedelta(days=1)).exists():
            AccessLog.objects.filter(username=name, attempt_time__lt=now - KNOWN_FOR).delete()
            AccessLog.objects.create(username=name, ip_address=network)

    def post_save_access_attempt(self, instance: Any, **kwargs: Any) -> None:
        """Do nothing: the throttle counts no attempts of axes' own table, but its admin may save rows there."""

    def post_delete_access_attempt(self, instance: Any, **kwargs: Any) -> None:
        """Do nothing, as above, when one is deleted in admin."""
