"""The rate of a service in the hub's currency, stored with it so that a database can filter and sort by price.

It is null where no exchange rate is known. `providers.catalogue.hub_rates` recomputes it when an exchange rate changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from typing import Any, Final

from django.db import connection
from django.db.models import DecimalField, F, Func, TextField

from panelhub.db.prepared import as_decimal
from providers.client.replies.scalars import storable_money
from providers.hub_prices import READ, price_columns, read_prices
from providers.models.base import MONEY
from providers.models.provider import Provider

# SQLite keeps fifteen digits of a decimal; a price with more would look changed at every sync.
_SQLITE: Final = Context(prec=15)
BEYOND_ALL: Final = Decimal(10) ** 19
"""Stands for an unknown price in an index: no stored hub rate is as high."""


class Price(DecimalField):
    """An amount that is compared as it stands in an index: Django casts decimals on SQLite, in an index twice."""

    def __init__(self, **_options: Any) -> None:
        super().__init__(**MONEY)

    def get_internal_type(self) -> str:
        return "Price"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        amount = super().get_db_prep_value(value, connection, prepared)
        return float(amount) if connection.vendor == "sqlite" and amount is not None else amount

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Decimal | None:
        return as_decimal(value)


def _in_sql(template: str, column: str, output_field: Any) -> Func:
    """Return an SQL expression without parameters, which an index can hold."""
    return Func(F(column), template=template, output_field=output_field)


PLACES: Final[dict[str, Func]] = {
    "price": _in_sql("COALESCE(%(expressions)s, 1e19)", "hub_rate", Price()),
    "price_down": _in_sql("COALESCE(-(%(expressions)s), 1e19)", "hub_rate", Price()),
    "shelf": _in_sql("COALESCE(NULLIF(%(expressions)s, ''), 'zzzz')", "platform", TextField()),
}
"""What lists sort by, each ascending: unknown prices and unread platforms come last. Annotate a queryset with them."""


def storable_rate(rate: Decimal) -> Decimal | None:
    """Return a price as this database gives it back once stored; None when no column can hold it."""
    stored = storable_money(rate)
    return _SQLITE.plus(stored) if stored is not None and connection.vendor == "sqlite" else stored


def in_hub_currency(rate: Decimal, worth: Decimal | None) -> Decimal | None:
    """Return what is stored of a price whose currency is worth so much; None when that is not known."""
    if worth is None:
        return None
    with localcontext(prec=80):
        stored = storable_rate(rate * worth)
    return stored if stored is not None and stored < BEYOND_ALL else None


def worths_of(providers: Iterable[int]) -> dict[int, Decimal | None]:
    """Return what one unit of each provider's currency is worth in the hub's; one statement."""
    rows = Provider.objects.filter(pk__in=set(providers)).order_by().annotate(**price_columns())
    found = list(rows.values_list("pk", "currency", *READ))
    prices = read_prices((currency, tuple(read)) for _pk, currency, *read in found)
    worths = {pk: prices.worth_of(currency) for pk, currency, *_read in found}
    return {pk: worth.rate if worth else None for pk, worth in worths.items()}
