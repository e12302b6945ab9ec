"""Prices of all providers in the hub's one currency. Who keeps the exchange rates registers itself here.

What a currency is worth is said with its day and source; where no one said it there is no price in
the hub's currency, and pages say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import CharField, Value

from panelhub.db.prepared import as_decimal


@dataclass(frozen=True, slots=True)
class Worth:
    """What one unit of a currency is worth in the hub's; ``day`` is None for the hub's own."""

    rate: Decimal
    day: date | None = None
    source: str = ""


_OWN: Final = Worth(Decimal(1))


@dataclass(frozen=True, slots=True)
class HubPrices:
    """The hub's currency, and the newest known worth of others."""

    currency: str
    known: Mapping[str, Worth] = field(default_factory=dict)

    def worth_of(self, currency: str) -> Worth | None:
        """Return what one unit of ``currency`` is worth; None when no one said. A blank one counts as the hub's own."""
        return _OWN if currency in ("", self.currency) else self.known.get(currency)


Columns = Mapping[str, Any]

_columns: Final[dict[str, Any]] = {}


def register_hub_prices(columns: Columns) -> None:
    """Enter what a statement over providers reads of their currencies: expressions for ``READ``."""
    _columns.update(columns)


READ: Final = ("hub", "worth", "worth_day", "worth_source")
"""The hub's currency; and the newest worth of a provider's, its day and its source, or NULL."""


def price_columns() -> dict[str, Any]:
    """Return the expressions for ``READ``; empty values where no one keeps exchange rates."""
    return _columns or {name: Value("") if name == "hub" else Value(None, CharField()) for name in READ}


def read_prices(rows: Iterable[tuple[str, tuple[Any, ...]]]) -> HubPrices:
    """Return what is known from pairs of a provider's currency and its ``READ``, as a driver gives them."""
    hub, known = "", {}
    for currency, (own, rate, day, source) in rows:
        hub = own or hub
        worth = as_decimal(rate)
        if worth is not None:
            known[currency] = Worth(worth, day if isinstance(day, date) else date.fromisoformat(day), source)
    return HubPrices(hub, known)
