"""How an account is doing: the breaker, the pause, and the one place that decides about both.

The breaker opens when a provider cannot be reached or keeps failing, and closes when a read
works again; what probes it is ``balance``, never a paid call. A pause follows a refusal that
is about the account (key, funds, maintenance): calling on would only make things worse.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Q, Value
from django.db.models.functions import Least
from django.utils import timezone

from providers.models import Provider
from providers.wire.outcomes import AccountRefused, NotSent, NotSupported, ProviderError, RateLimited, Refused

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

FAILURES_TO_OPEN = 3
FIRST_BREAK = 15.0
LONGEST_BREAK = 900.0
RATE_LIMIT_PAUSE = 60.0
LONGEST_RETRY_AFTER = 900.0


def is_open_for_paid_calls(provider: Provider, now: datetime) -> bool:
    """Whether a paid call may go out now."""
    return provider.is_active and not provider.pause_kind and not is_broken(provider, now)


def is_broken(provider: Provider, now: datetime) -> bool:
    """Whether the breaker is open."""
    return provider.breaker_until is not None and provider.breaker_until > now


def note_success(provider: Provider, *, paid: bool) -> None:
    """Remember that the provider answered sensibly; a row is written only when that is news."""
    news = Q(failures_in_a_row__gt=0) | Q(breaker_until__isnull=False)
    now = timezone.now()
    stale = Q(last_success_at__isnull=True) | Q(last_success_at__lt=now - timedelta(minutes=1))
    paid_failures = Value(0) if paid else Least(F("paid_failures"), Value(FAILURES_TO_OPEN - 1))
    Provider.objects.filter(news | stale | Q(paid_failures__gt=0 if paid else FAILURES_TO_OPEN - 1), pk=provider.pk).update(
        failures_in_a_row=0, breaker_until=None, paid_failures=paid_failures, last_success_at=now
    )


def note_failure(provider: Provider, error: ProviderError | Exception, *, paid: bool) -> None:
    """Remember a failed call and open the breaker where the failure says so."""
    if isinstance(error, NotSupported):
        return
    if isinstance(error, AccountRefused):
        pause(provider, kind=error.kind, text=error.error)
        return
    if isinstance(error, RateLimited):
        from providers.budget import hold_lane  # noqa: PLC0415 - budget imports models only

        hold_lane(provider.pk, retry_seconds(error))
        return
    if isinstance(error, Refused):
        note_success(provider, paid=paid)
        return
    now = timezone.now()
    Provider.objects.filter(pk=provider.pk).update(
        failures_in_a_row=F("failures_in_a_row") + 1,
        paid_failures=F("paid_failures") + (1 if paid and not isinstance(error, NotSent) else 0),
        last_failure=str(error)[:500],
        last_failure_at=now,
    )
    provider.refresh_from_db(fields=["failures_in_a_row", "paid_failures", "breaker_until"])
    worst = max(provider.failures_in_a_row, provider.paid_failures)
    if isinstance(error, NotSent) or worst >= FAILURES_TO_OPEN:
        rounds = max(0, worst - (1 if isinstance(error, NotSent) else FAILURES_TO_OPEN))
        length = min(LONGEST_BREAK, FIRST_BREAK * 2.0 ** min(rounds, 10))
        until = now + timedelta(seconds=length * random.uniform(0.8, 1.2))  # noqa: S311
        Provider.objects.filter(pk=provider.pk).update(breaker_until=until)
        provider.breaker_until = until


def retry_seconds(error: RateLimited) -> float:
    """How long to wait after a rate limit: what the provider asked for, at most a quarter of an hour."""
    if error.retry_after is None or error.retry_after <= 0:
        return RATE_LIMIT_PAUSE
    return min(error.retry_after, LONGEST_RETRY_AFTER)


def pause(provider: Provider, *, kind: str, text: str) -> bool:
    """Stop paid calls of an account; returns whether this is news (staff are told once)."""
    return bool(
        Provider.objects.filter(pk=provider.pk, pause_kind="").update(
            pause_kind=kind,
            pause_text=text[:500],
            paused_at=timezone.now(),
            pause_balance=F("balance"),
            last_failure=text[:500],
            last_failure_at=timezone.now(),
        )
    )


def resume(provider: Provider) -> bool:
    """Let paid calls out again, by a person's word or after a good balance."""
    return bool(
        Provider.objects.filter(pk=provider.pk).exclude(pause_kind="").update(
            pause_kind="", pause_text="", paused_at=None, pause_balance=None
        )
    )


def note_balance(provider: Provider, balance: Decimal) -> None:
    """A balance was read: that ends every pause but a person's, and one for want of funds once it rose."""
    Provider.objects.filter(pk=provider.pk).exclude(pause_kind__in=["", Provider.Pause.BY_HAND]).filter(
        ~Q(pause_kind=Provider.Pause.NO_FUNDS) | Q(pause_balance__isnull=True) | Q(pause_balance__lt=balance)
    ).update(pause_kind="", pause_text="", paused_at=None, pause_balance=None)
