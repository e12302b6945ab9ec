"""Sums of a client's orders: what they were charged, what is billed with the markup, and the margin between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Case, Count, DecimalField, ExpressionWrapper, F, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from orders import statuses
from orders.accounting.reconciliation import clean, start_of
from orders.currency.exchange import rates
from orders.models import HubRules
from orders.permissions import orders_for, product_orders_for
from providers.models import MONEY

ZERO: Final = Decimal(0)
CENT: Final = Decimal("0.01")
_MONEY: Final = DecimalField(**MONEY)
_HUNDRED: Final = Value(Decimal(100), output_field=_MONEY)
# SQLite would divide whole numbers as such.
_PERCENT: Final = Value(Decimal("0.01"), output_field=_MONEY)
# What is expected counts while the provider works on an order, or has finished without stating a charge.
_EXPECTED: Final = sorted(statuses.OPEN | {"completed", "partial"})
COST: Final = Case(
    When(charge__isnull=False, status__in=sorted(statuses.AT_PROVIDER), then=F("charge")),
    When(expected_charge__isnull=False, status__in=_EXPECTED, then=F("expected_charge")),
    default=Value(ZERO, output_field=_MONEY),
    output_field=_MONEY,
)
"""What one order cost as far as is known, in its currency; nothing where the provider did not accept it."""
BILLED: Final = ExpressionWrapper(
    F("cost") * (_HUNDRED + Coalesce(F("markup"), F("client__markup"), Value(ZERO, output_field=_MONEY))) * _PERCENT,
    output_field=_MONEY,
)
"""The cost with the markup of the order, or with its client's where it has none of its own."""


@dataclass(slots=True)
class Total:
    """What orders came to in one currency, or together in the hub's.

    ``without_rate`` are currencies whose worth no one stated, and which are left out.
    """

    orders: int = 0
    charged: Decimal = ZERO
    billed: Decimal = ZERO
    without_rate: frozenset[str] = frozenset()

    @property
    def margin(self) -> Decimal:
        """What is billed above what was charged."""
        return self.billed - self.charged

    def add(self, other: Total, worth: Decimal | None = Decimal(1), currency: str = "") -> None:
        """Add another total, at what its currency is worth; ``None`` where no one stated it."""
        self.orders += other.orders
        if worth is None:
            self.without_rate |= {currency}
            return
        self.charged += other.charged * worth
        self.billed += other.billed * worth


def visible_rows(user: Any) -> list[QuerySet[Any]]:
    """Return the orders that a person sees, and the product orders if they may see any."""
    found: list[QuerySet[Any]] = [orders_for(user)] if user.has_perm("orders.view_order") else []
    return [*found, product_orders_for(user)] if user.has_perm("orders.view_productorder") else found


def priced(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return orders with their ``cost`` and what is ``billed`` for them."""
    found: QuerySet[Any] = rows.annotate(cost=COST).annotate(billed=BILLED)
    return found


def placed_in(rows: QuerySet[Any], first: date, last: date) -> QuerySet[Any]:
    """Return the orders made from the first to the last day, of the hub's time zone."""
    return rows.filter(created_at__gte=start_of(first), created_at__lt=start_of(last + timedelta(days=1)))


def sum_by(rows: Iterable[QuerySet[Any]], *keys: Any, **computed: Any) -> dict[tuple[Any, ...], Total]:
    """Return totals by ``keys`` and, last in the key, the currency; one statement for each of ``rows``.

    Orders that no provider accepted are left out. ``computed`` are expressions that ``keys`` may name.
    """
    sums: defaultdict[tuple[Any, ...], Total] = defaultdict(Total)
    for one in rows:
        placed = priced(one.filter(status__in=sorted(statuses.AT_PROVIDER))).annotate(**computed)
        for *key, count, cost, billed in (
            placed.order_by()
            .values_list(*keys, "currency")
            .annotate(n=Count("pk"), costs=Sum("cost"), bills=Sum("billed"))
        ):
            sums[tuple(key)].add(Total(count, clean(cost or ZERO), clean(billed or ZERO)))
    return dict(sums)


class HubMoney:
    """Totals in several currencies as one in the hub's, by the newest exchange rates; two statements."""

    def __init__(self) -> None:
        self.currency = HubRules.load().currency
        self._rates = rates()

    def worth_of(self, currency: str) -> Decimal | None:
        """Return what one unit of a currency is worth in the hub's; ``None`` when no one stated it."""
        return Decimal(1) if currency in ("", self.currency) else self._rates.get(currency)

    def add_up(self, sums: Mapping[tuple[Any, ...], Total]) -> dict[Any, Total]:
        """Return totals by the first part of their keys; the last part is the currency."""
        found: defaultdict[Any, Total] = defaultdict(Total)
        for (first, *_more, currency), total in sums.items():
            found[first].add(total, self.worth_of(currency), currency)
        return dict(found)
