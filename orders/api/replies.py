"""The hub's rows in the field's standard shapes: strings where the standard has strings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from orders import states, types
from orders.api.shelf import Offered, Terms, terms_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orders.models import ApiOrder, Order, ProductOrder, Refill

_WAITING: Final = dict.fromkeys((states.HELD, states.QUEUED, states.SENDING, states.UNCONFIRMED), "Pending")
_NOTHING_BOUGHT: Final = frozenset({"rejected", states.WITHDRAWN, states.GIVEN_UP})
ORDER_WORDS: Final[Mapping[str, str]] = {
    **_WAITING,
    **dict.fromkeys((*_NOTHING_BOUGHT, "canceled", "refunded", "failed"), "Canceled"),
    "pending": "Pending",
    "processing": "Processing",
    "in_progress": "In progress",
    "completed": "Completed",
    "partial": "Partial",
}
"""The standard's six words for every state of the hub."""

REFILL_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys((states.QUEUED, states.SENDING, states.UNCONFIRMED, "pending"), "Pending"),
    **dict.fromkeys(("refused", states.WITHDRAWN, states.GIVEN_UP, "rejected", "error"), "Rejected"),
    "in_progress": "In progress",
    "completed": "Completed",
}


def _plain(amount: Decimal) -> str:
    text = format(amount.normalize(), "f")
    return "0" if text in {"-0", ""} else text


def service_row(offered: Offered) -> dict[str, Any]:
    """One row of ``services``."""
    service = offered.open_as.service
    assert service is not None  # noqa: S101 - Shelf.services yields services only
    known = types.order_type(service.type)
    return {
        "service": offered.open_as.pk,
        "name": offered.open_as.name or service.name,
        "type": service.type_label or (str(known.label) if known else service.type),
        "category": service.category,
        "rate": _plain(offered.terms.rate(service.rate)),
        "min": "" if service.min_quantity is None else str(service.min_quantity),
        "max": "" if service.max_quantity is None else str(service.max_quantity),
        "refill": bool(service.refill),
        "cancel": bool(service.cancel),
        "dripfeed": bool(service.dripfeed),
    }


def product_row(offered: Offered) -> dict[str, Any]:
    """One row of ``products``, in the types of the smmvna.com document."""
    product = offered.open_as.product
    assert product is not None  # noqa: S101 - Shelf.products yields products only
    row: dict[str, Any] = {
        "product": offered.open_as.pk,
        "name": offered.open_as.name or product.name,
        "require": product.require,
        "rate": float(offered.terms.rate(product.rate)),
        "min": product.min_quantity or 1,
        "max": product.max_quantity or 1,
        "category": product.category,
        "status": "In stock" if product.in_stock else "Out of stock",
        "type": product.type,
    }
    if product.inventory is not None:
        row["inventory"] = product.inventory
    return row


def order_row(order: Order, sold: ApiOrder | None, currency: str) -> dict[str, str]:
    """The status of one order; what the provider did not say is an empty string."""
    return {
        "charge": _plain(_order_charge(order, terms_of(sold))),
        "start_count": "" if order.start_count is None else str(order.start_count),
        "status": ORDER_WORDS[order.status],
        "remains": str(_remains(order)),
        "currency": currency,
    }


def _remains(order: Order) -> int | str:
    if order.remains is not None:
        return order.remains
    untouched = order.status in states.OWN and order.quantity is not None
    return order.quantity or "" if untouched else ""


def _order_charge(order: Order, terms: Terms) -> Decimal:
    if order.status in _NOTHING_BOUGHT:
        return Decimal(0)
    charge = order.charge if order.charge is not None else order.expected_charge
    if not charge:
        return Decimal(0)
    return terms.charge(charge, _share_billed(order, charge))


def _share_billed(order: Order, charge: Decimal) -> int:
    """The units the addition is asked for: those that were charged, where a part was paid back."""
    billed = order.billed_quantity or 0
    if order.charge is None or not order.expected_charge:
        return billed
    return int(billed * min(Decimal(1), charge / order.expected_charge))


def product_order_row(order: ProductOrder, sold: ApiOrder | None) -> dict[str, Any]:
    """The status of one product order, in the types of the smmvna.com document."""
    nothing = order.status in _NOTHING_BOUGHT
    charge = order.charge if order.charge is not None else order.expected_charge
    told = Decimal(0) if nothing or not charge else terms_of(sold).charge(charge, order.quantity, per=Decimal(1))
    row: dict[str, Any] = {"charge": float(told), "status": ORDER_WORDS[order.status]}
    if order.remains is not None:
        row["remains"] = order.remains
    if order.goods:
        row["result"] = str(order.uid)
    if order.provider_note:
        row["note"] = order.provider_note
    return row


def refill_word(refill: Refill) -> str:
    """The standard's word for a refill's state."""
    return REFILL_WORDS[refill.status]
