"""Compare an order's price of now with the one that was agreed to, and agree to it at its approval."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from orders.models import HubRules, ProductOrder
from orders.order_types import order_type
from orders.placement.pricing import Price, TooDear, price_of, price_of_pieces
from orders.placement.reserved_amounts import takes_of_today
from orders.placement.spending_limits import LimitNotSet, Spending, check_limit, is_limit_set, worth_of_one
from providers.models import MONEY


def growth_of(order: Any) -> Decimal:
    """Return by what factor an order's price moved since its rate was agreed to; 1 where none is known.

    The rate of a product is agreed to with the price of its pieces. What was free and costs something now grew
    without bound: "Infinity".
    """
    if isinstance(order, ProductOrder):
        now = round(order.product.rate * order.quantity, MONEY["decimal_places"]) if order.product else None
        agreed = order.expected_charge
    else:
        now, agreed = order.service.rate if order.service else None, order.rate
    if now is None or agreed is None or now == agreed:
        return Decimal(1)
    return now / agreed if agreed else Decimal("Infinity")


def rate_now(order: Any) -> Decimal | None:
    """Return the rate that an approval agrees to; ``None`` where none is known."""
    bought = order.product if isinstance(order, ProductOrder) else order.service
    return bought.rate if bought else None


def agree_to_amounts(order: Any, by: Any) -> dict[str, Any]:
    """Return what ``by`` agrees to by approving: what the order costs and takes of today's limit, at the rate of now.

    What it takes more of one's own limit of today must still be left of it; raises :class:`LimitPassed`, and
    :class:`LimitNotSet` for one's own order before there is a limit.
    """
    charge, takes = amounts_now(order)
    more = (takes or Decimal(0)) - ((order.reserved or Decimal(0)) if takes_of_today(order) else Decimal(0))
    if order.created_by_id == by.pk and not is_limit_set(by):
        raise LimitNotSet
    if order.created_by_id == by.pk and more > 0:
        check_limit(by, [Spending(more, HubRules.load().currency)])
    agreed = {} if growth_of(order) == 1 else {"expected_charge": charge, "reserved": takes}
    if getattr(order, "chain_id", None) is not None:
        # Its chain took of the limit what all of its orders may cost.
        agreed.pop("reserved", None)
    return {**agreed, "let_out_at": timezone.now()}


def amounts_now(order: Any) -> tuple[Decimal | None, Decimal | None]:
    """Return what an order costs at the rate of now, and what that takes of a limit; ``None`` for not known."""
    growth = growth_of(order)
    if growth.is_infinite():
        return _current_price(order)
    charge, takes = (
        amount if amount is None or growth == 1 else round(amount * growth, MONEY["decimal_places"])
        for amount in (order.expected_charge, order.reserved)
    )
    return charge, takes


def _current_price(order: Any) -> tuple[Decimal | None, Decimal | None]:
    """Return the same for what was free: nothing that was agreed to can be multiplied."""
    try:
        if isinstance(order, ProductOrder) and order.product:
            charge = price_of_pieces(order.product.rate, order.quantity)
            price = Price(order.quantity, charge, charge)
        else:
            fields = {"quantity": order.quantity, **order.parameters}
            price = price_of(order.service, order_type(order.service.type), fields)
    except TooDear:
        return None, None
    one = worth_of_one(order.currency, HubRules.load())
    takes = None if price.ceiling is None or one is None else round(price.ceiling * one, MONEY["decimal_places"])
    return price.expected, takes
