"""Reading balances: what is left on each account, and the probe that says whether a provider is well again."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from providers import intervals
from providers.calls import circuit_breaker
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.calls.services import calling
from providers.catalogue.hub_rates import refresh_hub_rates
from providers.client.errors import ProviderError, Unknown
from providers.client.replies.scalars import storable_money
from providers.dialects import Action
from providers.models import BalanceReading, Provider

if TYPE_CHECKING:
    from datetime import datetime

    from providers.models import ProviderQuerySet


def sync_balance(provider: Provider, *, priority: CallPriority = CallPriority.POLL) -> Counter[str]:
    """Read the balance of ``provider`` and store it; a reading is only written when it moved.

    A balance that comes back ends what stood in the way of paid calls, as far as it can: see
    ``condition``. Raises ``ProviderError`` when there is none to be had.
    """
    with calling(provider, Action.balance, priority=priority) as client:
        answer = client.balance()
        balance = storable_money(answer.balance)
        if balance is None:
            raise Unknown("The balance is a number beyond all measure.")
    now = timezone.now()
    last = Provider.objects.values_list("balance", "currency").get(pk=provider.pk)
    currency = answer.currency or last[1]
    moved = last != (balance, currency)
    Provider.objects.filter(pk=provider.pk).update(balance=balance, currency=currency, balance_at=now)
    if currency != last[1]:
        refresh_hub_rates(pk=provider.pk)
    if moved or not BalanceReading.objects.filter(provider=provider).exists():
        BalanceReading.objects.create(provider=provider, at=now, balance=balance, currency=currency)
    circuit_breaker.note_balance(provider, balance)
    provider.refresh_from_db()
    return +Counter(read=1, moved=int(moved))


def reopen(provider: Provider, *, priority: CallPriority = CallPriority.CLICK, at_once: bool = False) -> bool:
    """Return whether paid calls may go to ``provider`` now, asking for its balance if that could change the answer.

    A broken provider is called when its probe is due, or ``at_once`` where a person waits for it; a paused
    one likewise. No one but a person ends a person's pause. Refreshes ``provider``; raises nothing that
    the provider does. Never called inside a transaction.
    """
    provider.refresh_from_db()
    if circuit_breaker.is_open_for_paid_calls(provider, timezone.now()) or not provider.is_active:
        return provider.is_active
    if provider.pause_kind in circuit_breaker.ENDED_BY_A_PERSON:
        return False
    if not (at_once or providers_due().filter(pk=provider.pk).exists()):
        return False
    if not provider.speaks.can(Action.balance):
        # Nothing to probe with: the wait alone must do.
        circuit_breaker.end_pause(provider)
        circuit_breaker.close_for_trial(provider)
    else:
        with suppress(ProviderError, BudgetExhausted):
            sync_balance(provider, priority=priority)
            if at_once:
                circuit_breaker.close_for_trial(provider)
    provider.refresh_from_db()
    return circuit_breaker.is_open_for_paid_calls(provider, timezone.now())


def providers_due() -> ProviderQuerySet:
    """Active providers whose balance is to be read now: by the clock, or as a probe."""
    now = timezone.now()
    probe = circuit_breaker.break_is_over(now)
    for kind, wait in intervals.PAUSED_PROBES.items():
        probe |= (
            Q(pause_kind=kind, breaker_until__isnull=True)
            & _not_since("balance_at", now - wait)
            & _not_since("last_failure_at", now - wait)
        )
    regular = _not_since("balance_at", now - intervals.BALANCES) & Q(breaker_until__isnull=True)
    return (
        Provider.objects.active()
        .not_held()
        .filter(probe | (regular & ~Q(pause_kind__in=list(intervals.PAUSED_PROBES))))
    )


def _not_since(column: str, moment: datetime) -> Q:
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__lte": moment})
