"""Who calls: a token, told by its hash, within its addresses and its budget."""

from __future__ import annotations

import hashlib
import secrets
import time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, F, Value, When
from django.utils import timezone

from orders.api.errors import ACCOUNT_OFF, BAD_KEY, RATE_LIMIT, ApiRefused
from orders.models import ApiToken, WrongToken

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW: Final = 60.0
WRONG_TRIES: Final = 10
WRONG_WINDOW: Final = 900.0
_BYTES: Final = 32


def hash_token(token: str) -> str:
    """What is kept of a token. It is random and long, so a plain hash is enough and quick."""
    return hashlib.sha256(f"panelhub-api:{token}".encode()).hexdigest()


def make_token(person: Any, name: str, **settings: Any) -> tuple[ApiToken, str]:
    """Make a token for ``person``; returns the row and the token, which is never shown again."""
    token = secrets.token_urlsafe(_BYTES)
    row = ApiToken.objects.create(
        person=person, name=name[:100], token_hash=hash_token(token), tail=token[-4:], **settings
    )
    return row, token


def find_token(token: str, *, ip: str) -> ApiToken:
    """The token of a call, its person loaded.

    Raises :class:`ApiRefused` for one that does not exist, is off, or is used from an address
    it is not for; an address that keeps guessing is not even looked up.
    """
    now = time.time()
    wrong = WrongToken.objects.filter(pk=ip).values_list("tries", "since").first()
    if wrong and wrong[0] >= WRONG_TRIES and wrong[1] > now - WRONG_WINDOW:
        raise ApiRefused(RATE_LIMIT, status=429, retry_after=int(wrong[1] + WRONG_WINDOW - now) + 1)
    row = ApiToken.objects.select_related("person").filter(token_hash=hash_token(token)).first() if token else None
    if row is None or not address_allowed(ip, row.addresses):
        _note_wrong(ip, now)
        raise ApiRefused(BAD_KEY)
    if not row.is_active or not row.person.is_active:
        raise ApiRefused(ACCOUNT_OFF)
    return row


def address_allowed(ip: str, addresses: Sequence[str]) -> bool:
    """Whether ``ip`` is one of ``addresses`` (addresses or networks); none of them means any."""
    if not addresses:
        return True
    try:
        return any(ip_address(ip) in ip_network(one, strict=False) for one in addresses)
    except ValueError:
        return False


def spend_call(token: ApiToken) -> None:
    """Count one call against the token's budget, in one statement; raises :class:`ApiRefused` when it is used up."""
    now = time.time()
    fresh = now - WINDOW
    within = ApiToken.objects.filter(pk=token.pk).filter(
        window_calls__lt=Case(
            When(window_at__lte=fresh, then=F("window_calls") + 1), default=Value(token.requests_per_minute)
        )
    )
    counted = within.update(
        window_calls=Case(When(window_at__lte=fresh, then=Value(1)), default=F("window_calls") + 1),
        window_at=Case(When(window_at__lte=fresh, then=Value(now)), default=F("window_at")),
        last_used_at=timezone.now(),
    )
    if not counted:
        token.refresh_from_db(fields=["window_at"])
        wait = max(1, int(token.window_at + WINDOW - now) + 1)
        raise ApiRefused(RATE_LIMIT, status=429, retry_after=wait)


def _note_wrong(ip: str, now: float) -> None:
    WrongToken.objects.bulk_create([WrongToken(ip=ip, since=now)], ignore_conflicts=True)
    old = now - WRONG_WINDOW
    WrongToken.objects.filter(pk=ip).update(
        tries=Case(When(since__lte=old, then=Value(1)), default=F("tries") + 1),
        since=Case(When(since__lte=old, then=Value(now)), default=F("since")),
    )
