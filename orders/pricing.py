"""What an order is expected to cost, in the provider's currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orders.types import Billing, OrderType
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.models import Service

THOUSAND = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Price:
    """``expected`` is what the provider should charge, ``ceiling`` the dearer reading for limits.

    Both are ``None`` when nothing is charged up front or the type is not known.
    """

    billed_quantity: int | None
    expected: Decimal | None
    ceiling: Decimal | None


def count_lines(text: str) -> int:
    """Lines that hold something; blank ones are neither sent nor billed."""
    return sum(1 for line in text.splitlines() if line.strip())


def billed_quantity(known: OrderType, fields: Mapping[str, Any]) -> int | None:
    """How many units are billed: lines for comments, quantity times runs for drip-feed, one package."""
    match known.billing:
        case Billing.PACKAGE:
            return 1
        case Billing.LATER:
            return None
        case Billing.LINES:
            return count_lines(str(fields.get(known.counted, "")))
        case Billing.QUANTITY:
            return int(fields.get("quantity") or 0) * max(1, int(fields.get("runs") or 1))


def price_of(service: Service, known: OrderType | None, fields: Mapping[str, Any]) -> Price:
    """Price cleaned ``fields`` of an order for ``service`` (its provider loaded)."""
    if known is None:
        return Price(None, None, None)
    units = billed_quantity(known, fields)
    if units is None:
        return Price(None, None, None)
    if known.billing is not Billing.PACKAGE:
        charge = service.rate * units / THOUSAND
        return Price(units, charge, charge)
    each = service.rate
    per_thousand = service.rate * (service.min_quantity or 1) / THOUSAND
    match service.provider.package_billing:
        case Provider.PackageBilling.EACH:
            return Price(units, each, each)
        case Provider.PackageBilling.PER_THOUSAND:
            return Price(units, per_thousand, per_thousand)
    return Price(units, each, max(each, per_thousand))
