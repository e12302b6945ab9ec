"""All providers at a glance: balances, charges and entries of a period, in their own currencies and in the hub's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, OuterRef, Subquery, Value

from orders.accounting.reconciliation import UNCONFIRMED_ENTRY, ZERO, clean, start_of
from orders.models import ChargeDelta, LedgerEntry
from panelhub.db.aggregates import MoneySum
from providers.hub_prices import HubPrices
from providers.models import BalanceReading, Provider
from providers.permissions import Seen

_CENT: Final = Decimal("0.01")


@dataclass(slots=True)
class Account:
    """One provider's period. ``charged`` and the balances are in its own currency; the ``hub_`` ones in the hub's, or
    ``None`` without an exchange rate.
    """

    pk: int
    name: str
    currency: str
    opening: Decimal | None = None
    closing: Decimal | None = None
    charged: Decimal = ZERO
    entered: Decimal = ZERO
    hub_charged: Decimal | None = None
    hub_closing: Decimal | None = None

    @property
    def difference(self) -> Decimal | None:
        """What neither charges nor entries explain of the balance; ``None`` while no balance was known."""
        if self.opening is None or self.closing is None:
            return None
        return clean(self.closing - self.opening - self.entered + self.charged)


@dataclass(slots=True)
class Overview:
    """Every account, the one that was charged most first, and the sums in the hub's currency."""

    accounts: list[Account]
    currency: str
    charged: Decimal = ZERO
    closing: Decimal = ZERO
    without_rate: list[str] = field(default_factory=list)


def summarize(providers: Collection[Seen], prices: HubPrices, *, since: date, until: date) -> Overview:
    """Return what happened at all ``providers`` from ``since`` to ``until``; two statements, however many they are."""
    start, end = start_of(since), start_of(until + timedelta(days=1))
    accounts = {seen.pk: Account(seen.pk, seen.name, seen.currency) for seen in providers}
    readings = BalanceReading.objects.filter(provider=OuterRef("pk"))
    newest, oldest = readings.order_by("-at", "-id"), readings.order_by("at", "id")
    balances = (
        Provider.objects.filter(pk__in=accounts)
        .order_by()
        .values_list(
            "pk",
            Subquery(newest.filter(at__lt=start).values("balance")[:1]),
            Subquery(oldest.filter(at__gte=start, at__lt=end).values("balance")[:1]),
            Subquery(newest.filter(at__lt=end).values("balance")[:1]),
        )
    )
    for pk, before, first, last in balances:
        # Without an earlier reading the first one is where the account begins for us.
        accounts[pk].opening, accounts[pk].closing = first if before is None else before, last
    for pk, is_charge, amount in _sums(accounts, start, end):
        one = accounts[pk]
        if is_charge:
            one.charged = clean(one.charged + amount)
        else:
            one.entered = clean(one.entered + amount)
    return _in_hub(accounts.values(), prices)


def _sums(providers: Iterable[int], start: Any, end: Any) -> Iterable[tuple[int, int, Decimal]]:
    """Yield sums by provider in its own currency: of charges (1), and of entries that count (0)."""
    period = {"at__gte": start, "at__lt": end, "provider__in": list(providers)}
    charges = ChargeDelta.objects.filter(**period).filter(currency__in=("", F("provider__currency")))
    entries = LedgerEntry.objects.filter(**period).exclude(UNCONFIRMED_ENTRY)
    parts = [
        rows.order_by().annotate(part=Value(part)).values_list("provider_id", "part").annotate(sum=MoneySum("amount"))
        for rows, part in ((charges, 1), (entries, 0))
    ]
    return [(pk, part, amount or ZERO) for pk, part, amount in parts[0].union(parts[1], all=True)]


def _in_hub(accounts: Iterable[Account], prices: HubPrices) -> Overview:
    """Return the accounts with their worth in the hub's currency, and the sums."""
    found = Overview(list(accounts), prices.currency)
    for one in found.accounts:
        worth = prices.worth_of(one.currency)
        if worth is None:
            found.without_rate.append(one.currency)
            continue
        one.hub_charged = one.charged * worth.rate
        one.hub_closing = None if one.closing is None else one.closing * worth.rate
        found.charged += one.hub_charged or ZERO
        found.closing += one.hub_closing or ZERO
    found.accounts.sort(key=lambda one: (-(one.hub_charged or ZERO), one.name))
    found.without_rate = sorted(set(found.without_rate))
    found.charged, found.closing = found.charged.quantize(_CENT), found.closing.quantize(_CENT)
    return found
