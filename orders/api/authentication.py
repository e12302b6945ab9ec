"""Who calls: a token, identified by its hash, within its addresses and its budget."""

from __future__ import annotations

import hashlib
import secrets
import time
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from orders.api.request import ACCOUNT_OFF, BAD_KEY, RATE_LIMIT, ApiRefused
from orders.models import ApiCall, ApiToken, WrongToken

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW: Final = 60.0
WRONG_TRIES: Final = 10
WRONG_WINDOW: Final = 900.0
KEPT_CALLS: Final = 100
_TIDY_EVERY: Final = 20
_BYTES: Final = 32


def hash_token(token: str) -> str:
    """Return the stored hash of a token. It is random and long, so a plain hash is enough and quick."""
    return hashlib.sha256(f"panelhub-api:{token}".encode()).hexdigest()


def new_token(row: ApiToken) -> str:
    """Give ``row``, which is not saved yet, a new token; returns the token, which is never to be had again."""
    token = secrets.token_urlsafe(_BYTES)
    row.token_hash, row.tail = hash_token(token), token[-4:]
    return token


def make_token(person: Any, name: str, *, all_services: bool = True, **settings: Any) -> tuple[ApiToken, str]:
    """Make a token for ``person``, by themselves; returns the row and the token, which is never shown again."""
    row = ApiToken(person=person, name=name[:100], **{"made_by": person, "all_services": all_services} | settings)
    token = new_token(row)
    row.save()
    return row, token


def find_token(token: str, *, ip: str) -> ApiToken:
    """Return the token of a call, its person loaded.

    Raises :class:`ApiRefused` for one that does not exist, is off, or is used from an address it is
    not for. An address that goes on guessing has to wait; a right token behind the same address
    is not held up by it.
    """
    row = ApiToken.objects.select_related("person").filter(token_hash=hash_token(token)).first() if token else None
    if row is None or not address_allowed(ip, row.addresses):
        _refuse_wrong(ip)
        raise ApiRefused(BAD_KEY)
    if not row.is_active or row.is_waiting or not row.person.is_active:
        raise ApiRefused(ACCOUNT_OFF)
    return row


def _refuse_wrong(ip: str) -> None:
    now = time.time()
    wrong = WrongToken.objects.filter(pk=ip).values_list("tries", "since").first()
    if wrong and wrong[0] >= WRONG_TRIES and now - WRONG_WINDOW < wrong[1] <= now + WINDOW:
        raise ApiRefused(RATE_LIMIT, status=429, retry_after=int(wrong[1] + WRONG_WINDOW - now) + 1)
    _note_wrong(ip, now)


def address_allowed(ip: str, addresses: Sequence[str]) -> bool:
    """Return whether ``ip`` is one of ``addresses`` (addresses or networks); none of them means any."""
    if not addresses:
        return True
    try:
        caller: IPv4Address | IPv6Address = ip_address(ip)
        caller = getattr(caller, "ipv4_mapped", None) or caller
        return any(caller in ip_network(one, strict=False) for one in addresses)
    except ValueError:
        return False


def spend_call(token: ApiToken) -> None:
    """Count one call against the token's budget, in one statement; raises :class:`ApiRefused` when it is used up."""
    now = time.time()
    # A window far in the future was opened by a clock that has been put right since; one that begins a moment from
    # now, by another process that looked at the time a little later than this one.
    is_over = Q(window_at__lte=now - WINDOW) | Q(window_at__gt=now + WINDOW)
    counted = (
        ApiToken.objects.filter(pk=token.pk)
        .filter(is_over | Q(window_calls__lt=token.requests_per_minute))
        .update(
            window_calls=Case(When(is_over, then=Value(1)), default=F("window_calls") + 1),
            window_at=Case(When(is_over, then=Value(now)), default=F("window_at")),
            last_used_at=timezone.now(),
        )
    )
    if not counted:
        token.refresh_from_db(fields=["window_at"])
        wait = max(1, min(int(WINDOW) + 1, int(token.window_at + WINDOW - now) + 1))
        raise ApiRefused(RATE_LIMIT, status=429, retry_after=wait)


def _note_wrong(ip: str, now: float) -> None:
    WrongToken.objects.bulk_create([WrongToken(ip=ip, since=now)], ignore_conflicts=True)
    is_over = Q(since__lte=now - WRONG_WINDOW) | Q(since__gt=now + WINDOW)
    WrongToken.objects.filter(pk=ip).update(
        tries=Case(When(is_over, then=Value(1)), default=F("tries") + 1),
        since=Case(When(is_over, then=Value(now)), default=F("since")),
    )
    # Addresses that came once are forgotten here, so that the table stays as small as the last quarter of an hour.
    WrongToken.objects.filter(since__lte=now - WRONG_WINDOW).delete()


def note_call(token: ApiToken, *, action: str, ip: str, answer: str) -> None:
    """Store one call among the last ones of a token, without its parameters."""
    ApiCall.objects.create(token=token, action=action[:40], ip=ip, answer=answer[:300])
    # Once in a while, at random, so that no token's calls grow without end and hardly any call pays for it.
    if secrets.randbelow(_TIDY_EVERY) == 0:
        kept = ApiCall.objects.filter(token=token).order_by("-id").values_list("id", flat=True)
        oldest = kept[KEPT_CALLS - 1 : KEPT_CALLS].first()
        if oldest is not None:
            ApiCall.objects.filter(token=token, id__lt=oldest).delete()
