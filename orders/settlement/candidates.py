"""Candidates of a search: what the provider says of an id, whether that fits a lost order, and why not."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from orders.accounting.balance_moves import fits
from orders.accounting.delivery import units_of
from orders.models import Order
from orders.order_types import Billing, order_type
from orders.placement.pricing import price_of
from providers.client.replies.scalars import storable_money
from providers.client.types import StatusRow


def candidate(order: Order, external_id: str, row: StatusRow, *, seen: bool = False) -> dict[str, Any]:
    """Store one id that answered: what the provider said, whether it fits, and why not."""
    why = why_not_fit(order, row)
    return {
        "id": external_id,
        "status": row.status,
        "word": row.word,
        "charge": None if row.charge is None else str(row.charge),
        "currency": row.currency or "",
        "start_count": row.start_count,
        "remains": row.remains,
        "children": list(row.children),
        "seen": seen,
        "fits": not why,
        "why": why,
    }


def why_not_fit(order: Order, row: StatusRow) -> str:
    """Why what the provider says of an id cannot be ``order``; "" when it can."""
    units = units_of(order)
    if units is not None and row.remains is not None and row.remains > units:
        return _("More remains than was ordered.")
    if row.currency and order.provider.currency and row.currency != order.provider.currency:
        return _("It is in another currency.")
    prices = prices_of(order)
    if row.charge is None or not prices:
        return ""
    if any(fits(row.charge, price) for price in prices):
        return ""
    # A refund lowers the charge: such an order can have cost more than it shows now.
    if row.status in {"partial", "canceled", "refunded", "failed"} and row.charge <= max(prices):
        return ""
    return _("Its charge doesn’t match.")


def prices_of(order: Order) -> set[Decimal]:
    """What the provider may have charged: the expected price, and both readings of a package's rate."""
    prices = {order.expected_charge}
    service = order.service
    known = order_type(service.type) if service is not None else None
    if service is not None and known is not None and known.billing is not Billing.LATER:
        # Parameters of an order made by another door may hold anything.
        with suppress(ValueError):
            price = price_of(service, known, {**order.parameters, "quantity": order.quantity})
            if order.expected_charge is None or known.billing is Billing.PACKAGE:
                prices |= {price.expected, price.ceiling}
    return {price for price in prices if price is not None}


def status_of(kept: dict[str, Any]) -> StatusRow:
    """The provider's words of a candidate as they were read."""
    try:
        charge = Decimal(kept["charge"]) if kept.get("charge") is not None else None
    except InvalidOperation:
        charge = None
    return StatusRow(
        status=kept["status"],
        word=kept["word"],
        charge=storable_money(charge),
        start_count=kept.get("start_count"),
        remains=kept.get("remains"),
        currency=kept.get("currency") or None,
        children=tuple(kept.get("children") or ()),
    )
