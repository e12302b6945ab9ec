"""What an order is expected to cost, in the provider's currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any, Final

from orders import order_types
from orders.models import Order
from orders.order_types import Billing, OrderType
from providers.models import MONEY, Provider

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from providers.models import Service

THOUSAND: Final = Decimal(1000)
# A rise this small is taken over like any other change of a price; a larger one was not what a person agreed to.
TOLERATED_RISE: Final = Decimal("1.01")
PLACES: Final = Decimal(1).scaleb(-MONEY["decimal_places"])
COLUMN_MAX: Final = Decimal(10) ** (MONEY["max_digits"] - MONEY["decimal_places"])
"""No amount of this size or above can be stored in a money column."""
# Wide enough that a rate of 30 digits times a count of 16 is exact before it is rounded once.
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)
_ALIKE: Final = Decimal("0.02")
_LOOKED_AT: Final = 20
_LONGEST_FACTOR: Final = 16


class TooDear(ValueError):
    """The rate and the count come to more than can be stored as an amount of money."""


@dataclass(frozen=True, slots=True)
class Price:
    """``expected`` is what the provider should charge up front, ``ceiling`` the most it can cost in all, for limits.

    ``expected`` is ``None`` when nothing is charged up front or the way of billing is not known; ``ceiling`` when
    nothing bounds what the order can cost.
    """

    billed_quantity: int | None
    expected: Decimal | None
    ceiling: Decimal | None


# How the entries of a list are distinguished when a panel counts them: lines, commas, semicolons, bars.
_ENTRIES: Final = re.compile(r"[\n,;|]")


def count_lines(text: str) -> int:
    """Return lines that hold something; blank ones are neither sent nor billed."""
    return sum(1 for line in text.splitlines() if line.strip())


def billed_quantity(known: OrderType, fields: Mapping[str, Any]) -> int | None:
    """Return how many units are billed: lines for comments, quantity times runs for drip-feed, one package."""
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
    """Price cleaned ``fields`` of an order for ``service`` (its provider loaded); raises :class:`TooDear`.

    Of a type the hub does not know nothing is expected; see :func:`_ceiling_of_unknown` for its ceiling.
    """
    if known is None:
        return Price(None, None, _ceiling_of_unknown(service, fields))
    units = billed_quantity(known, fields)
    if units is None:
        return Price(None, None, _ceiling_of_posts(service, fields))
    if known.billing is not Billing.PACKAGE:
        charge = _kept(_per_thousand(service.rate, units))
        return Price(units, charge, charge)
    return _price_of_package(service)


def _ceiling_of_posts(service: Service, fields: Mapping[str, Any]) -> Decimal | None:
    """Return the most that is charged post by post: the maximum per post for every post; ``None`` without a count of
    posts.

    A type that has no ``posts`` (likes spread) is for old posts alone.
    """
    per_post, new, old = (int(fields.get(name) or 0) for name in ("max", "posts", "old_posts"))
    known = order_types.order_type(service.type)
    is_endless = known is not None and "posts" in known.names and not new
    posts = new + old
    return None if is_endless or not per_post or not posts else _kept(_per_thousand(service.rate, per_post * posts))


def _ceiling_of_unknown(service: Service, fields: Mapping[str, Any]) -> Decimal | None:
    """Return the most an order of an unknown type can cost, if every parameter multiplies it, whatever its name.

    A whole number multiplies, and so do the entries of a list. ``None`` where a value holds figures in another
    form ("10k", "1e6"), which no one can bound.
    """
    quantity = int(fields.get("quantity") or 0)
    factor = 1
    for name, value in fields.items():
        if name in {"link", "quantity"}:
            continue
        entries = [entry.strip() for entry in _ENTRIES.split(str(value)) if entry.strip()]
        largest = 1
        for entry in entries:
            if entry.isascii() and entry.isdigit() and len(entry) < _LONGEST_FACTOR:
                largest = max(largest, int(entry))
            elif any(mark.isnumeric() for mark in entry):
                return None
        factor *= largest * max(1, len(entries))
    units = (quantity or service.min_quantity or 1) * factor
    return _kept(max(_EXACT.multiply(service.rate, Decimal(factor)), _per_thousand(service.rate, units)))


def price_of_pieces(rate: Decimal, pieces: int) -> Decimal:
    """Return the price of so many pieces of a product, whose rate is the price of one; raises :class:`TooDear`."""
    return _kept(_EXACT.multiply(rate, Decimal(pieces)))


def _price_of_package(service: Service) -> Price:
    each, per_thousand = _readings_of_package(service.rate, service.min_quantity)
    match service.provider.package_billing:
        case Provider.PackageBilling.EACH:
            return Price(1, each, each)
        case Provider.PackageBilling.PER_THOUSAND:
            return Price(1, per_thousand, per_thousand)
    return Price(1, each, max(each, per_thousand))


def _readings_of_package(rate: Decimal, minimum: int | None) -> tuple[Decimal, Decimal]:
    return _kept(rate), _kept(_per_thousand(rate, minimum or 1))


def _per_thousand(rate: Decimal, units: int) -> Decimal:
    return _EXACT.divide(_EXACT.multiply(rate, Decimal(units)), THOUSAND)


def _kept(amount: Decimal) -> Decimal:
    if amount >= COLUMN_MAX:
        raise TooDear
    return amount.quantize(PLACES, context=_EXACT)


def learn_package_billing(provider: Provider) -> str:
    """Settle what the rate of a package means at ``provider`` from charges it reported; "" while none shows it.

    What a person set stays. Two statements at most; none when it is settled already.
    """
    if provider.package_billing:
        return provider.package_billing
    packages = [slug for slug, known in order_types.TYPES.items() if known.billing is Billing.PACKAGE]
    charged: Iterable[tuple[Any, ...]] = (
        Order.objects.filter(provider=provider, service__type__in=packages, charge__gt=0, rate__gt=0)
        .order_by("-id")
        .values_list("charge", "rate", "service__min_quantity")[:_LOOKED_AT]
    )
    for charge, rate, minimum in charged:
        each, per_thousand = _readings_of_package(rate, minimum)
        is_each, is_per_thousand = _is_alike(charge, each), _is_alike(charge, per_thousand)
        # A charge that fits both readings, or neither (a partial one, a discount), proves nothing.
        if is_each == is_per_thousand:
            continue
        billing = Provider.PackageBilling.EACH if is_each else Provider.PackageBilling.PER_THOUSAND
        Provider.objects.filter(pk=provider.pk, package_billing="").update(package_billing=billing)
        provider.package_billing = billing.value
        return billing.value
    return ""


def _is_alike(charge: Decimal, reading: Decimal) -> bool:
    return abs(charge - reading) <= reading * _ALIKE
