"""Money that moved outside orders: entered by people, or recognised from a balance that rose by itself.

What is recognised is a guess, and counts only once a person has confirmed it; one that was deleted is not
recognised again, because the readings it came from are behind the cursor.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.accounting.balance_moves import bought_between, fits, later_changes
from orders.models import ChargeDelta, LedgerEntry, Order, PollRound, ProductOrder
from orders.placement.pricing import learn_package_billing
from panelhub import audit
from panelhub.background.jobs import job
from panelhub.db.aggregates import MoneySum
from providers.models import BalanceReading, Provider

if TYPE_CHECKING:
    from django.http import HttpRequest

# Refunds are seen by the next look at their orders: a rise is judged when that has had its time.
SETTLED_AFTER: Final = timedelta(minutes=30)
NEAR: Final = timedelta(hours=24)
READINGS_AT_ONCE: Final = 2_000
CURSOR: Final = "top_ups"
JOB: Final = "reconcile"
ZERO: Final = Decimal(0)


def enter(
    provider: Provider,
    *,
    kind: str,
    amount: Decimal,
    at: datetime,
    text: str,
    by: Any,
    request: HttpRequest | None = None,
) -> LedgerEntry:
    """Enter money that moved outside orders; a top-up is positive, an adjustment either way."""
    with transaction.atomic():
        entry = LedgerEntry.objects.create(
            provider=provider,
            kind=kind,
            amount=amount,
            at=at,
            text=text.strip()[:300],
            currency=provider.currency,
            created_by=by,
        )
        audit.record(by, "ledger.entered", entry, entry.text, request=request, provider=provider.pk, amount=str(amount))
    return entry


def confirm_entry(entry: LedgerEntry, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Say that a recognised top-up was one; ``False`` when someone has confirmed or deleted it meanwhile."""
    with transaction.atomic():
        done = LedgerEntry.objects.filter(pk=entry.pk, recognised=True, created_by=None).update(created_by=by)
        if done:
            audit.record(by, "ledger.confirmed", entry, request=request, amount=str(entry.amount))
    return bool(done)


def delete_entry(entry: LedgerEntry, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Take an entry out; what it was stays in the audit record."""
    with transaction.atomic():
        gone, _rows = LedgerEntry.objects.filter(pk=entry.pk).delete()
        if gone:
            audit.record(
                by,
                "ledger.deleted",
                entry,
                entry.text,
                request=request,
                provider=entry.provider_id,
                amount=str(entry.amount),
                at=entry.at.isoformat(),
                recognised=entry.recognised,
            )
    return bool(gone)


def recognise_top_ups(provider: Provider) -> int:
    """Look through the readings since the last time for rises that charges do not explain; how many were found."""
    poll_round, _new = PollRound.objects.get_or_create(provider=provider, kind=CURSOR, tier=0)
    readings = BalanceReading.objects.filter(provider=provider)
    ripe = readings.filter(pk__gt=poll_round.cursor, at__lte=timezone.now() - SETTLED_AFTER).order_by("id")
    before = readings.filter(pk=poll_round.cursor).first()
    found = 0
    for reading in ripe[:READINGS_AT_ONCE]:
        if before is not None and reading.balance > before.balance and before.currency == reading.currency:
            found += _recognise(provider, before, reading)
        before = reading
    if before is not None and before.pk > poll_round.cursor:
        PollRound.objects.filter(pk=poll_round.pk, cursor=poll_round.cursor).update(cursor=before.pk)
    return found


def _recognise(provider: Provider, before: BalanceReading, after: BalanceReading) -> int:
    amount = unexplained_rise(provider, before, after)
    if amount <= max((after.balance - before.balance) / 100, Decimal("0.01")):
        return 0
    near = LedgerEntry.objects.filter(provider=provider, at__range=(after.at - NEAR, after.at + NEAR))
    if any(fits(entered, amount) for entered in near.values_list("amount", flat=True)):
        return 0
    LedgerEntry.objects.create(
        provider=provider,
        kind=LedgerEntry.Kind.TOP_UP,
        at=after.at,
        amount=amount,
        currency=after.currency or provider.currency,
        text=_("Detected: the balance rose from %(before)s to %(after)s.")
        % {"before": f"{before.balance.normalize():f}", "after": f"{after.balance.normalize():f}"},
        recognised=True,
    )
    return 1


def unexplained_rise(provider: Provider, before: BalanceReading, after: BalanceReading) -> Decimal:
    """Return by how much the balance rose between two readings beyond refunds and entries, what was bought meanwhile
    added.
    """
    bought = ZERO
    for model in (Order, ProductOrder):
        placed = bought_between(model, provider, before.at, after.at)
        bought += placed.aggregate(sum=MoneySum(Coalesce("expected_charge", "charge")))["sum"] or ZERO
    changes = later_changes(
        ChargeDelta.objects.filter(provider=provider, at__gt=before.at, at__lte=after.at + SETTLED_AFTER)
    )
    refunded = -(changes.filter(amount__lt=0).aggregate(sum=MoneySum("amount"))["sum"] or ZERO)
    added = changes.filter(amount__gt=0, at__lte=after.at).aggregate(sum=MoneySum("amount"))["sum"] or ZERO
    entered = LedgerEntry.objects.filter(provider=provider, at__gt=before.at, at__lte=after.at).filter(
        Q(recognised=False) | Q(created_by__isnull=False)
    )
    by_hand = entered.aggregate(sum=MoneySum("amount"))["sum"] or ZERO
    rise = after.balance - before.balance
    return (rise + bought + added - refunded - by_hand).quantize(Decimal(1).scaleb(-8))


def learn_from_charges() -> Counter[str]:
    """Recognise top-ups, and settle what the rate of a package means, at every active provider; figures of it."""
    figures: Counter[str] = Counter(providers=0, top_ups=0, packages=0)
    for provider in Provider.objects.active():
        with job(JOB, provider=provider.name) as run:
            if run is None:
                continue
            was_open = not provider.package_billing
            found = recognise_top_ups(provider)
            learnt = int(was_open and bool(learn_package_billing(provider)))
            run.count(top_ups=found, packages=learnt)
            figures.update(providers=1, top_ups=found, packages=learnt)
    return figures
