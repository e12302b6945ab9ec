"""Amounts in the hub's one currency, by the newest exchange rate that was entered or fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from orders.models import ExchangeRate, HubRules
from providers.catalogue.hub_rates import refresh_hub_rates

if TYPE_CHECKING:
    from decimal import Decimal

    from panelhub.launcher.startup import Startup

_READ: Final = {"": "rate", "_day": "day", "_source": "source"}


class RateMissing(Exception):
    """There is no exchange rate for a currency; ``currency`` names it."""

    def __init__(self, currency: str) -> None:
        super().__init__(currency)
        self.currency = currency


def to_hub(amount: Decimal, currency: str, *, rules: HubRules | None = None) -> Decimal:
    """``amount`` in the hub's currency; a blank currency counts as the hub's own.

    Raises :class:`RateMissing` when no rate is known.
    """
    hub = (rules or HubRules.load()).currency
    if not currency or currency == hub:
        return amount
    newest = ExchangeRate.objects.filter(currency=currency).order_by("-day").values_list("rate", flat=True).first()
    if newest is None:
        raise RateMissing(currency)
    return amount * newest


def rates() -> dict[str, Decimal]:
    """Return the newest rate of every currency, the hub's own included, in one statement."""
    known: dict[str, Decimal] = {}
    for currency, rate in ExchangeRate.objects.order_by("day").values_list("currency", "rate"):
        known[currency] = rate
    return known


def price_columns() -> dict[str, Any]:
    """Return what a statement over providers reads of their currencies, for `providers.hub_prices`."""
    newest = ExchangeRate.objects.filter(currency=OuterRef("currency")).order_by("-day")
    # Where the rules were never saved, they are as by default.
    hub = Coalesce(Subquery(HubRules.objects.filter(pk=1).values("currency")[:1]), Value(HubRules().currency))
    known = {f"worth{name}": Subquery(newest.values(column)[:1]) for name, column in _READ.items()}
    return {"hub": hub, **known}


def refresh_after(instance: ExchangeRate | HubRules, **_signal: Any) -> None:
    """Recompute what services cost in the hub's currency, after an exchange rate or the hub's currency was saved."""
    refresh_hub_rates(**{"currency": instance.currency} if isinstance(instance, ExchangeRate) else {})


def refresh_at_start(startup: Startup) -> None:
    """Fill in hub rates that an older version of the hub did not store."""
    if changed := refresh_hub_rates():
        startup.say(f"Prices in the hub's currency were computed: {changed} services.")


def forget_fetched_rates() -> int:
    """Drop every rate that was fetched, as when the hub's currency is another; returns how many there were."""
    dropped, _each = ExchangeRate.objects.filter(is_fetched=True).delete()
    return dropped
