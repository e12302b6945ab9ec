"""The result of an order in units and money: delivered, charged, and what the provider still owes.

Panels lower the reported charge themselves when they refund; what is expected back is counted from the full
price, so a charge that was lowered already is not claimed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from orders.models import ProductOrder
from orders.order_types import Billing, order_type

if TYPE_CHECKING:
    from orders.models import Order

GIVES_BACK_ALL = frozenset({"canceled", "refunded", "failed"})
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Units are counts, money is in ``currency``; ``None`` means that it cannot be known.

    ``surplus`` is what was delivered beyond the order (remains below zero), ``full`` the price
    of the whole order, ``charged`` what the provider reports now, ``back`` what the order's state
    lets one expect back of the full price, ``owed`` what of that the reported charge does not
    show yet.
    """

    ordered: int | None
    delivered: int | None
    surplus: int
    full: Decimal | None
    charged: Decimal | None
    back: Decimal | None
    owed: Decimal | None
    currency: str


def outcome_of(order: Order | ProductOrder) -> Delivery:
    """Return the result of ``order``, as far as its provider has reported it; provider and service should be loaded."""
    ordered = units_of(order)
    delivered = None if ordered is None or order.remains is None else max(0, ordered - order.remains)
    surplus = -order.remains if order.remains is not None and order.remains < 0 else 0
    full = order.expected_charge if order.expected_charge is not None else order.charge
    back = expected_back(order, full=full, ordered=ordered)
    owed = None
    if back is not None and full is not None:
        given = ZERO if order.charge is None else max(ZERO, full - order.charge)
        owed = max(ZERO, back - given)
    return Delivery(
        ordered=ordered,
        delivered=delivered,
        surplus=surplus,
        full=full,
        charged=order.charge,
        back=back,
        owed=owed,
        currency=order.currency or order.provider.currency,
    )


def units_of(order: Order | ProductOrder) -> int | None:
    """Return how many units the order is for; ``None`` where that was not said (packages, subscriptions,
    adopted ones).
    """
    if isinstance(order, ProductOrder):
        return order.quantity
    known = order_type(order.service.type) if order.service is not None else None
    if known is not None and known.billing is Billing.PACKAGE:
        return None
    if order.billed_quantity is not None:
        return order.billed_quantity
    if order.quantity is None:
        return None
    runs = str(order.parameters.get("runs") or "1")
    return order.quantity * (int(runs) if runs.isdigit() else 1)


def expected_back(order: Order | ProductOrder, *, full: Decimal | None, ordered: int | None) -> Decimal | None:
    """Return what the state of ``order`` lets one expect back of its full price; never below zero, never above it."""
    if full is None:
        return None
    if order.status in GIVES_BACK_ALL:
        return max(ZERO, full)
    if order.status != "partial":
        return ZERO
    if not ordered or order.remains is None:
        return None
    missing = min(max(order.remains, 0), ordered)
    return max(ZERO, full) * missing / ordered
