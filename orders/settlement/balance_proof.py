"""Hold the readings round an unlisted refusal against everything that could have hidden its charge.

:func:`why_not_proven` is the whole rule: a reading from before the call, a price that would show, a balance that was
seen to follow orders, no other paid call and no other money in between, readings that agree, and no refund of another
order. Whatever is missing leaves the order unconfirmed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from orders.accounting.balance_evidence import Move, Reading, find_finest_step, is_big_enough, why_not_followed
from orders.accounting.balance_moves import later_changes, shown_balances
from orders.models import Attempt, BalanceCheck, ChargeDelta, LedgerEntry, Order, ProductOrder, WindowSearch
from orders.polling import subjects
from orders.polling.batches import BatchRequest
from orders.submission.services import SWEEP_AFTER
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.client.errors import ProviderError
from providers.client.types import UNKNOWN_STATUS
from providers.models import BalanceReading, Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

CallOutcome = Attempt.Outcome
FOLLOWS_WITHIN: Final = timedelta(minutes=10)
"""A charge has to have been seen to come within this time of its order; the readings that count are later than that."""
LOOK_BACK: Final = timedelta(days=30)
UNEXPLAINED_FOR: Final = timedelta(days=7)
MOST_READINGS: Final = 500
MOST_ASKED: Final = 300
_REFUNDED: Final = ("partial", "canceled", "refunded", "failed")

REASONS: Final = {
    "settled": lazy("it was resolved meanwhile"),
    "no_balance": lazy("the balance could not be read"),
    "no_reading_before": lazy("there is no balance reading from before the call"),
    "no_price": lazy("its price isn’t known in advance"),
    "too_small": lazy("its price is too small to show in this balance"),
    "moved": lazy("the balance changed"),
    "other_calls": lazy("other paid calls happened at the same time"),
    "earlier_try": lazy("an earlier attempt is unconfirmed too"),
    "money_moved": lazy("a refund, top-up or changed charge happened at the same time"),
    "found": lazy("a matching ID was found"),
    "not_followed": lazy("this account’s balance doesn’t follow accepted orders"),
    "slow": lazy("this account is charged late"),
    "unexplained": lazy("this account has unexplained balance changes"),
    "refunds_unknown": lazy("another order may have been refunded meanwhile"),
}


def why_not_proven(check: BalanceCheck, provider: Provider) -> str:
    """Return why the balance does not prove that nothing was bought, as a key of ``REASONS``; "" when it does.

    Polls the provider's other orders, since a refund of the same amount would hide the charge.
    """
    if reason := why_lost(check, provider):
        return reason
    step = find_finest_step([*shown_balances(provider), Decimal(check.readings[-1]["balance"])])
    if reason := _why_history_fails(check, provider, step):
        return reason
    if not _knows_refunds(check, provider, step):
        return "refunds_unknown"
    return why_lost(check, provider)


def why_lost(check: BalanceCheck, provider: Provider) -> str:
    """Return the first reason that speaks against a proof already; "" when none does."""
    attempt = check.attempt
    before, before_at = attempt.balance_before, attempt.balance_before_at
    if before is None or before_at is None or before_at > attempt.started_at:
        return "no_reading_before"
    if check.price is None or check.price <= 0:
        return "no_price"
    if not is_big_enough(check.price, find_finest_step([*shown_balances(provider), before])):
        return "too_small"
    moved = BalanceReading.objects.filter(provider=provider, at__gt=before_at).exists()
    if moved or any(Decimal(reading["balance"]) != before for reading in check.readings):
        return "moved"
    if _other_calls(attempt, before_at):
        return "other_calls"
    row = check.order or check.product_order
    tries = row.attempts.exclude(pk=attempt.pk) if row is not None else Attempt.objects.none()
    if tries.filter(Q(outcome__in=(CallOutcome.OPEN, CallOutcome.UNKNOWN)) | ~Q(late_id="")).exists():
        return "earlier_try"
    if _money_moved(provider, before_at):
        return "money_moved"
    search = WindowSearch.objects.filter(order=check.order).first() if check.order_id else None
    if search is not None and any(found.get("fits") for found in search.candidates):
        return "found"
    return ""


def _other_calls(attempt: Attempt, since: datetime) -> bool:
    """Return whether another paid call of the account is not known, or was accepted, between the readings."""
    margin = timedelta(seconds=SWEEP_AFTER)
    others = Attempt.objects.filter(provider_id=attempt.provider_id).exclude(pk=attempt.pk)
    open_ones = others.filter(outcome__in=(CallOutcome.OPEN, CallOutcome.UNKNOWN), started_at__gt=since - margin)
    accepted = others.filter(outcome=CallOutcome.ACCEPTED, started_at__gt=since)
    return open_ones.exclude(balance_check__state=BalanceCheck.State.REJECTED).exists() or accepted.exists()


def _money_moved(provider: Provider, since: datetime) -> bool:
    changed = later_changes(ChargeDelta.objects.filter(provider=provider, at__gt=since))
    entered = LedgerEntry.objects.filter(provider=provider, at__gt=since)
    if changed.exists() or entered.exists():
        return True
    return any(
        model.objects.filter(provider=provider, status__in=_REFUNDED, moved_at__gt=since).exists()
        for model in (Order, ProductOrder)
    )


def _why_history_fails(check: BalanceCheck, provider: Provider, step: Decimal) -> str:
    """Return why this account's past does not show a balance that follows its orders; "" when it does."""
    until = check.attempt.balance_before_at or check.made_at
    since = until - LOOK_BACK
    found = BalanceReading.objects.filter(provider=provider, at__gt=since, at__lte=until).order_by("-id")
    readings = [Reading(at, balance) for at, balance in found.values_list("at", "balance")[:MOST_READINGS]][::-1]
    if len(set(found.values_list("currency", flat=True))) > 1 or not readings:
        return "not_followed"
    first = readings[0].at
    moves: list[Move] = []
    for model in (Order, ProductOrder):
        placed = model.objects.filter(provider=provider, placed_at__gt=first, placed_at__lte=until)
        expected = placed.values_list("placed_at", Coalesce("expected_charge", "charge"))
        moves += [Move(at, amount, is_order=True) for at, amount in expected]
    changes = later_changes(ChargeDelta.objects.filter(provider=provider, at__gt=first, at__lte=until))
    moves += [Move(at, amount) for at, amount in changes.values_list("at", "amount")]
    entries = LedgerEntry.objects.filter(provider=provider, at__gt=first, at__lte=until)
    entries = entries.filter(Q(recognised=False) | Q(created_by__isnull=False))
    moves += [Move(at, -amount) for at, amount in entries.values_list("at", "amount")]
    return why_not_followed(readings, moves, step=step, within=FOLLOWS_WITHIN, since=until - UNEXPLAINED_FOR)


def _knows_refunds(check: BalanceCheck, provider: Provider, step: Decimal) -> bool:
    """Poll every order whose refund could hide this charge; return whether all of them were answered."""
    price = check.price or Decimal(0)
    for subject in (subjects.ORDERS, subjects.PRODUCT_ORDERS):
        rows = subject.rows(provider.pk, subjects.BY_HAND).exclude(status__in=("canceled", "refunded"))
        rows = rows.alias(paid=Coalesce("charge", "expected_charge")).filter(
            Q(paid__isnull=True) | Q(paid__gte=price - step)
        )
        asked = subject.read(rows.order_by("pk")[: MOST_ASKED + 1])
        if len(asked) > MOST_ASKED or not _ask(subject, provider, asked):
            return False
    return True


def _ask(subject: subjects.Tracked, provider: Provider, rows: Sequence[tuple[Any, ...]]) -> bool:
    if not rows:
        return True
    speaks = provider.speaks
    if not (speaks.can(subject.question.one) or speaks.can(subject.question.many)):
        return False
    batch_request = BatchRequest(provider, subject.question, CallPriority.POLL)
    try:
        for start in range(0, len(rows), batch_request.batch):
            batch_request.ask([row[1] for row in rows[start : start + batch_request.batch]])
    except (ProviderError, BudgetExhausted):
        return False
    subject.apply(
        provider,
        rows,
        batch_request.answers,
        now=timezone.now(),
        unasked=batch_request.unasked,
        poison=batch_request.poison,
    )
    states = (getattr(batch_request.answers.get(row[1]), "status", UNKNOWN_STATUS) for row in rows)
    return all(state != UNKNOWN_STATUS for state in states)
