"""The hub's rows in the field's standard shapes: strings where the standard has strings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from orders import order_types, statuses
from orders.api.offers import Money, Offered, Terms, terms_of
from orders.placement.fields import BIGGEST
from orders.placement.service_rules import may_dripfeed
from panelhub.redaction import hide_amounts
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orders.models import ApiOrder, Order, ProductOrder, Refill

_WAITING: Final = dict.fromkeys((statuses.HELD, statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED), "Pending")
_NOTHING_BOUGHT: Final = frozenset({"rejected", statuses.WITHDRAWN, statuses.GIVEN_UP})
_REVERSED: Final = frozenset({"canceled", "refunded", "failed"})
ORDER_WORDS: Final[Mapping[str, str]] = {
    **_WAITING,
    **dict.fromkeys((*_NOTHING_BOUGHT, *_REVERSED), "Canceled"),
    "pending": "Pending",
    "processing": "Processing",
    "in_progress": "In progress",
    "completed": "Completed",
    "partial": "Partial",
}
"""The standard's six words for every state of the hub."""

REFILL_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys((statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED, "pending"), "Pending"),
    **dict.fromkeys(("refused", statuses.WITHDRAWN, statuses.GIVEN_UP, "rejected", "error"), "Rejected"),
    "in_progress": "In progress",
    "completed": "Completed",
}


def _plain(amount: Decimal) -> str:
    text = format(amount.normalize(), "f")
    return "0" if text in {"-0", ""} else text


def service_row(offered: Offered, *, sees_cost: bool = True) -> dict[str, Any]:
    """Return one row of ``services``. What the provider did not state about limits is what the hub holds to."""
    row = _service_row(offered)
    if not sees_cost:
        del row["rate"]
    return row


def _service_row(offered: Offered) -> dict[str, Any]:
    service = offered.open_as.service
    assert service is not None  # noqa: S101 - Shelf.services yields services only
    dialect = service.provider.speaks
    return {
        "service": offered.open_as.pk,
        "name": offered.open_as.name or service.name,
        "type": _type_word(service.type, service.type_label),
        "category": service.category,
        "rate": _plain(offered.terms.rate(service.rate)),
        "min": str(service.min_quantity or 1),
        "max": str(BIGGEST if service.max_quantity is None else service.max_quantity),
        "refill": service.refill is not False and dialect.can(Action.refill),
        "cancel": service.cancel is not False and dialect.can(Action.cancel),
        "dripfeed": may_dripfeed(service),
    }


def _type_word(slug: str, label: str) -> str:
    """Return the standard's word for a type: "Custom Comments", whatever a panel makes of it."""
    known = order_types.order_type(slug)
    if known is None:
        return label or slug
    words = str(known.label)
    return words if words.isupper() else words.title()


def product_row(offered: Offered, *, sees_cost: bool = True) -> dict[str, Any]:
    """Return one row of ``products``, in the types of the smmvna.com document."""
    product = offered.open_as.product
    assert product is not None  # noqa: S101 - Shelf.products yields products only
    row: dict[str, Any] = {
        "product": offered.open_as.pk,
        "name": offered.open_as.name or product.name,
        "require": product.require,
        "rate": float(offered.terms.rate(product.rate)),
        "min": product.min_quantity or 1,
        "max": BIGGEST if product.max_quantity is None else product.max_quantity,
        "category": product.category,
        "status": "Out of stock" if product.in_stock is False or product.inventory == 0 else "In stock",
        "type": product.type,
    }
    if product.inventory is not None:
        row["inventory"] = product.inventory
    if not sees_cost:
        del row["rate"]
    return row


def order_row(order: Order, money: Money, *, sees_cost: bool = True) -> dict[str, str]:
    """Return the status of one order. Figures are digits, whatever the provider has said so far: importers read
    integers.
    """
    terms, currency = terms_of(_sold(order), order.currency, money)
    row = {
        "charge": _plain(_order_charge(order, terms)),
        "start_count": str(order.start_count or 0),
        "status": ORDER_WORDS[order.status],
        "remains": str(_remains(order)),
        "currency": currency,
    }
    if not sees_cost:
        del row["charge"], row["currency"]
    return row


def _sold(order: Order | ProductOrder) -> ApiOrder | None:
    return getattr(order, "sold_as", None)


def _remains(order: Order) -> int:
    """Return what the provider says remains; before it says so the whole quantity, and nothing once it is completed."""
    if order.remains is not None:
        return order.remains
    return 0 if order.status == "completed" else order.quantity or order.billed_quantity or 0


def _charge_so_far(order: Order | ProductOrder) -> Decimal:
    """Return what the provider charged, or is expected to.

    Nothing for what was not bought or was withdrawn silently.
    """
    if order.status in _NOTHING_BOUGHT:
        return Decimal(0)
    if order.charge is not None:
        return order.charge
    return Decimal(0) if order.status in _REVERSED else order.expected_charge or Decimal(0)


def _order_charge(order: Order, terms: Terms) -> Decimal:
    charge = _charge_so_far(order)
    if order.rate:
        return terms.charge(charge, charge / order.rate)
    is_bought = order.status not in _NOTHING_BOUGHT | _REVERSED
    return terms.charge(charge, Decimal(order.billed_quantity or 0) / 1000 if is_bought else Decimal(0))


def product_order_row(order: ProductOrder, money: Money, *, sees_cost: bool = True) -> dict[str, Any]:
    """Return the status of one product order, in the types of the smmvna.com document."""
    charge = _charge_so_far(order)
    pieces = Decimal(order.quantity)
    if order.expected_charge:
        pieces = pieces * charge / order.expected_charge
    elif not charge:
        pieces = Decimal(0)
    terms, _currency = terms_of(_sold(order), order.currency, money)
    row: dict[str, Any] = {"charge": float(terms.charge(charge, pieces)), "status": ORDER_WORDS[order.status]}
    if order.remains is not None:
        row["remains"] = order.remains
    if order.goods_count or order.goods_at:
        row["result"] = str(order.uid)
    if order.provider_note:
        row["note"] = order.provider_note if sees_cost else hide_amounts(order.provider_note)
    if not sees_cost:
        del row["charge"]
    return row


def refill_word(refill: Refill) -> str:
    """Return the standard's word for a refill's state."""
    return REFILL_WORDS[refill.status]
