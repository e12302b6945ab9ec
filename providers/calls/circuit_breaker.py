"""How an account is doing: the breaker, the pause, and the one place that decides about both.

The breaker opens when a provider cannot be reached or keeps failing. From ``breaker_until`` on it
may be probed; it closes when a read works, and what probes is ``balance``, never a paid call.
Where paid calls alone keep failing, a read proves little: the breaker then stays open for its
whole length, closes for a single trial, and each failed trial makes the next wait longer. A
pause follows a refusal that is about the account (key, funds, maintenance): calling on would
only make things worse.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.utils import timezone

from providers.calls.rate_limit import LONGEST_HOLD, hold_budget
from providers.client.errors import AccountRefused, NotSent, NotSupported, ProviderError, RateLimited, Refused
from providers.models import Provider

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

FAILURES_TO_OPEN: Final = 3
FIRST_BREAK_UNREACHABLE: Final = 2.0
FIRST_BREAK: Final = 15.0
LONGEST_BREAK: Final = 900.0
BEYOND_ANY_BREAK: Final = timedelta(seconds=1.3 * LONGEST_BREAK)
TRIAL_SECONDS: Final = 75.0
RATE_LIMIT_PAUSE: Final = 60.0
LONGEST_RETRY_AFTER: Final = LONGEST_HOLD
FRESH_BALANCE: Final = timedelta(seconds=90)
TEXT_LENGTH: Final = 500
ENDED_BY_A_PERSON: Final = frozenset({Provider.Pause.BY_HAND, Provider.Pause.NEW_KEY, Provider.Pause.SAME_REFUSAL})
"""Pauses that no good balance ends."""


def is_open_for_paid_calls(provider: Provider, now: datetime) -> bool:
    """Return whether a paid call may go out now."""
    return provider.is_active and not provider.pause_kind and not is_broken(provider, now)


def is_broken(provider: Provider, now: datetime) -> bool:
    """Return whether the breaker is open."""
    return provider.breaker_until is not None


def is_probe_due(provider: Provider, now: datetime) -> bool:
    """Return whether it is time to request the balance of a broken provider."""
    until = provider.breaker_until
    return until is not None and not now < until <= now + BEYOND_ANY_BREAK


def break_is_over(now: datetime) -> Q:
    """Return the condition for :func:`is_probe_due` in a statement.

    A moment further ahead than any break lasts was set by a clock that was wrong.
    """
    return Q(breaker_until__lte=now) | Q(breaker_until__gt=now + BEYOND_ANY_BREAK)


def admit_paid_call(provider: Provider) -> bool:
    """The last word before a paid call is claimed: True allows one call.

    Where paid calls failed repeatedly, only one caller at a time gets True, for a trial.
    Expects a fresh ``provider``.
    """
    now = timezone.now()
    if not is_open_for_paid_calls(provider, now):
        return False
    if provider.paid_failures < FAILURES_TO_OPEN:
        return True
    until = now + timedelta(seconds=TRIAL_SECONDS)
    return bool(
        Provider.objects.filter(
            pk=provider.pk, breaker_until__isnull=True, paid_failures=provider.paid_failures
        ).update(breaker_until=until)
    )


def note_success(provider: Provider, *, paid: bool, at: datetime | None = None) -> None:
    """Remember that the provider answered sensibly; a row is written only when that is news.

    What was answered ``at`` some moment before says nothing about later failures.
    """
    now = at or timezone.now()
    closes = Q(breaker_until__isnull=False)
    if not paid:
        closes &= Q(paid_failures__lt=FAILURES_TO_OPEN) | break_is_over(now)
    stale = Q(last_success_at__isnull=True) | Q(last_success_at__lt=now - timedelta(minutes=1))
    news = closes | stale | Q(failures_in_a_row__gt=0) | (Q(paid_failures__gt=0) if paid else Q(pk__in=[]))
    if at is not None:
        news &= Q(last_failure_at__isnull=True) | Q(last_failure_at__lt=at)
    Provider.objects.filter(news, pk=provider.pk).update(
        failures_in_a_row=0,
        last_success_at=now,
        breaker_until=Case(When(closes, then=Value(None)), default=F("breaker_until"), output_field=DateTimeField()),
        **({"paid_failures": 0} if paid else {}),
    )


def note_failure(provider: Provider, error: ProviderError | Exception, *, paid: bool) -> None:
    """Remember a failed call and open the breaker, or pause the account, where the failure says so."""
    if isinstance(error, NotSupported):
        return
    if isinstance(error, AccountRefused):
        if not pause(provider, kind=error.kind, text=error.error):
            # Still so: the next probe waits from here on.
            Provider.objects.filter(pk=provider.pk).update(
                last_failure=error.error[:TEXT_LENGTH], last_failure_at=timezone.now()
            )
    elif isinstance(error, RateLimited):
        hold_budget(provider.pk, retry_seconds(error))
    elif isinstance(error, Refused):
        note_success(provider, paid=paid)
    else:
        _count_failure(provider, error, paid=paid)


def _count_failure(provider: Provider, error: Exception, *, paid: bool) -> None:
    now = timezone.now()
    unreachable = isinstance(error, NotSent)
    Provider.objects.filter(pk=provider.pk).update(
        failures_in_a_row=F("failures_in_a_row") + 1,
        paid_failures=F("paid_failures") + (1 if paid and not unreachable else 0),
        last_failure=str(error)[:TEXT_LENGTH],
        last_failure_at=now,
    )
    fresh = Provider.objects.only("failures_in_a_row", "paid_failures").get(pk=provider.pk)
    provider.failures_in_a_row, provider.paid_failures = fresh.failures_in_a_row, fresh.paid_failures
    length = _break_length(fresh, unreachable=unreachable)
    if length:
        until = now + timedelta(seconds=length * random.uniform(0.8, 1.2))  # noqa: S311
        Provider.objects.filter(pk=provider.pk).update(breaker_until=until)
        provider.breaker_until = until


def _break_length(provider: Provider, *, unreachable: bool) -> float:
    """Return seconds to leave the provider alone after this failure; zero to go on."""
    worst = max(provider.failures_in_a_row, provider.paid_failures)
    if worst < FAILURES_TO_OPEN:
        return FIRST_BREAK_UNREACHABLE * 2.0 ** (worst - 1) if unreachable else 0.0
    return float(min(LONGEST_BREAK, FIRST_BREAK * 2.0 ** min(worst - FAILURES_TO_OPEN, 10)))


def retry_seconds(error: RateLimited) -> float:
    """Return how long to wait after a rate limit: what the provider requested, at most a quarter of an hour."""
    if error.retry_after is None or error.retry_after <= 0:
        return RATE_LIMIT_PAUSE
    return min(error.retry_after, LONGEST_RETRY_AFTER)


def pause(provider: Provider, *, kind: str, text: str) -> bool:
    """Stop paid calls of an account; returns whether this is news (staff are notified once)."""
    now = timezone.now()
    return bool(
        Provider.objects.filter(pk=provider.pk, pause_kind="").update(
            pause_kind=kind,
            pause_text=text[:TEXT_LENGTH],
            paused_at=now,
            # An older reading says nothing about what was left when the funds ran out.
            pause_balance=Case(When(balance_at__gte=now - FRESH_BALANCE, then=F("balance")), default=None),
            **({} if kind in ENDED_BY_A_PERSON else {"last_failure": text[:TEXT_LENGTH], "last_failure_at": now}),
        )
    )


def resume(provider: Provider) -> bool:
    """Let paid calls out again, by a person's word; the breaker is closed too. Whether that was news."""
    return bool(
        Provider.objects.filter(pk=provider.pk)
        .filter(~Q(pause_kind="") | Q(breaker_until__isnull=False))
        .update(
            pause_kind="",
            pause_text="",
            paused_at=None,
            pause_balance=None,
            breaker_until=None,
            failures_in_a_row=0,
            paid_failures=0,
        )
    )


def end_pause(provider: Provider) -> bool:
    """End a pause that no person set, where no action could end it; return whether there was one."""
    paused = Provider.objects.filter(pk=provider.pk).exclude(pause_kind__in=["", *ENDED_BY_A_PERSON])
    return bool(paused.update(pause_kind="", pause_text="", paused_at=None, pause_balance=None))


def close_for_trial(provider: Provider) -> bool:
    """Close the breaker of a provider that has just answered, before its time, because a person asks for it.

    Where only paid calls failed, the next one is a trial as usual. Return whether it was open.
    """
    return bool(Provider.objects.filter(pk=provider.pk, breaker_until__isnull=False).update(breaker_until=None))


def note_balance(provider: Provider, balance: Decimal) -> None:
    """A balance was read: that ends every pause but a person's, and one for want of funds once it rose.

    Where no one knows what was left when the funds ran out, the first reading ends the pause: the next
    order shows it, at the price of one more refusal.
    """
    row = Provider.objects.filter(pk=provider.pk)
    row.exclude(pause_kind__in=["", *ENDED_BY_A_PERSON]).filter(
        ~Q(pause_kind=Provider.Pause.NO_FUNDS) | Q(pause_balance__isnull=True) | Q(pause_balance__lt=balance)
    ).update(pause_kind="", pause_text="", paused_at=None, pause_balance=None)
    # Orders on their way when the funds ran out may have taken more: the rise counts from the lowest reading.
    row.filter(pause_kind=Provider.Pause.NO_FUNDS, pause_balance__gt=balance).update(pause_balance=balance)
