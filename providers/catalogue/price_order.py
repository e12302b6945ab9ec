"""The catalogue in the order of its prices, although these are in several currencies.

A database has the services of one currency in the order of their prices, by an index; in the hub's
currency they stay in that order. So the list is read in strands, one for each exchange rate (or
provider), each from its own place in the index, and what they give is put in order here, exactly. Services whose
price is not known in the hub's currency come after those whose is.

Where the list is grouped, strands run by platform, kind and price: the same kind of service lies
side by side, the cheapest first. What names no platform comes at the end.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.http import QueryDict

from panelhub.ui.pagination import SEPARATOR, Page, make_page, merge_branches, number
from providers.hub_prices import HubPrices
from providers.models import MONEY, Service
from providers.permissions import Seen

Row = Mapping[str, Any]

NEEDED: Final = ("id", "provider_id", "platform", "kind", "rate")
"""The columns without which a row has no place."""
_UNIT: Final = 10 ** MONEY["decimal_places"]
_MOST: Final = Decimal(10) ** (MONEY["max_digits"] - MONEY["decimal_places"])
_FRACTION: Final = re.compile(r"\d{1,60}(?:/\d{1,60})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PriceOrder:
    """One order of the list by price."""

    slug: str
    label: Any
    grouped: bool = False
    descending: bool = False


class Place(NamedTuple):
    """Where a service stands: places compare as their services follow each other, in an order that ascends."""

    nameless: int
    platform: str
    kind: str
    unpriced: int
    price: Fraction
    pk: int


class _Pair(Func):
    """Two columns together at or after (``>=``) two values, or at or before them, as an index of both has them."""

    output_field = BooleanField()

    def __init__(self, *expressions: Any, sign: str) -> None:
        super().__init__(*expressions)
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        texts, values = [], []
        for expression in self.get_source_expressions():
            text, parameters = compiler.compile(expression)
            texts.append(text)
            values.extend(parameters)
        left, right = ", ".join(texts[:2]), ", ".join(texts[2:])
        return f"({left}) {self.sign} ({right})", values


@dataclass(frozen=True, slots=True)
class Strand:
    """Services that one scan of an index gives in order; ``worth`` is None where no exchange rate is known."""

    condition: Q
    worth: Fraction | None
    nameless: int
    order: PriceOrder

    @property
    def unpriced(self) -> int:
        return int(self.worth is None)

    def whole(self) -> Q:
        """Return all services of this strand."""
        if not self.order.grouped:
            return self.condition
        return self.condition & (Q(platform="") if self.nameless else Q(platform__gt=""))

    def ordering(self, *, backwards: bool) -> list[str]:
        """Return what ``order_by`` takes."""
        if self.order.grouped:
            return [("-" if backwards else "") + column for column in ("platform", "kind", "rate", "id")]
        return [("-" if backwards != self.order.descending else "") + column for column in ("rate", "id")]

    def beyond(self, place: Place, *, backwards: bool) -> Q | None:
        """Return the services of this strand that come after ``place``; None when none does."""
        if self.nameless != place.nameless:
            return self.whole() if (self.nameless > place.nameless) != backwards else None
        inner = self._beyond_price(place, backwards=backwards)
        if not self.order.grouped:
            return None if inner is None else self.condition & inner
        side, sign = ("lt", "<=") if backwards else ("gt", ">=")
        same_kind = Q(**{f"kind__{side}": place.kind})
        if inner is not None:
            same_kind |= Q(kind=place.kind) & inner
        # Onwards, that a platform is named follows from the place. SQLite would start there if the statement said so.
        rest = self.condition if not (backwards or self.nameless) else self.whole()
        # The first condition says nothing new, but it is the one an index can start from.
        return (
            rest
            & Q(_Pair(F("platform"), F("kind"), Value(place.platform), Value(place.kind), sign=sign))
            & (Q(**{f"platform__{side}": place.platform}) | (Q(platform=place.platform) & same_kind))
        )

    def _beyond_price(self, place: Place, *, backwards: bool) -> Q | None:
        if self.unpriced != place.unpriced:
            return Q() if (self.unpriced > place.unpriced) != backwards else None
        up = backwards == self.order.descending
        # The place's price in this strand's currency, as far as a column can hold it.
        exact = place.price / (self.worth or 1) * _UNIT
        bound = Decimal(exact.numerator // exact.denominator).scaleb(-MONEY["decimal_places"])
        if bound >= _MOST:
            return None if up else Q()
        side = "gt" if up else "lt"
        if exact.denominator != 1:
            return Q(rate__gt=bound) if up else Q(rate__lte=bound)
        return Q(**{f"rate__{side}e": bound}) & (Q(**{f"rate__{side}": bound}) | Q(**{f"pk__{side}": place.pk}))


def plan_strands(
    order: PriceOrder, providers: Mapping[int, Seen], prices: HubPrices, *, named: bool = False
) -> list[Strand]:
    """Return the strands of the services of ``providers``; ``named`` when all that are requested name a platform."""
    by_worth: dict[Fraction | None, list[int]] = {}
    for pk, seen in providers.items():
        known = prices.worth_of(seen.currency)
        by_worth.setdefault(Fraction(known.rate) if known else None, []).append(pk)
    # One strand needs no list of its providers: whoever sees few has the list narrowed anyway.
    if len(by_worth) < 2:
        parts: list[tuple[Q, Fraction | None]] = [(Q(), worth) for worth in by_worth or (Fraction(1),)]
    elif order.grouped:
        parts = [(Q(provider_id__in=pks), worth) for worth, pks in by_worth.items()]
    else:
        # By price alone a dear currency fills one end of the index: each provider's own has no others to skip.
        parts = [(Q(provider_id=pk), worth) for worth, pks in by_worth.items() for pk in pks]
    if not order.grouped:
        return [Strand(mine, worth, 0, order) for mine, worth in parts]
    strands = [Strand(mine, worth, 0, order) for mine, worth in parts]
    return strands if named else [*strands, *(Strand(mine, worth, 1, order) for mine, worth in parts)]


def place_finder(order: PriceOrder, providers: Mapping[int, Seen], prices: HubPrices) -> Callable[[Row], Place]:
    """Return a function that returns the place of a row (with the columns of ``NEEDED``)."""
    worths = {pk: prices.worth_of(seen.currency) for pk, seen in providers.items()}

    def find(row: Row) -> Place:
        # An account that was added meanwhile stands where no price is known.
        worth = worths.get(row["provider_id"])
        price = Fraction(row["rate"]) * (Fraction(worth.rate) if worth else 1)
        if not order.grouped:
            return Place(0, "", "", int(worth is None), price, row["id"])
        return Place(int(not row["platform"]), row["platform"], row["kind"], int(worth is None), price, row["id"])

    return find


def in_order(order: PriceOrder, place: Place) -> tuple[Any, ...]:
    """Return what rows are sorted by: their place, turned round where the most expensive come first."""
    if not order.descending:
        return place
    return (*place[:4], -place.price, -place.pk)


def iterate_by_price(
    queryset: QuerySet[Service], strands: Sequence[Strand], *, place: Place | None = None, backwards: bool = False
) -> list[QuerySet[Service]]:
    """Return the services of each strand after ``place``, in their order."""
    branches = []
    for strand in strands:
        wanted = strand.beyond(place, backwards=backwards) if place is not None else strand.whole()
        if wanted is not None:
            found = queryset.filter(wanted)
            branches.append(found.order_by(*strand.ordering(backwards=backwards)))
    return branches


def take_priced_page(
    queryset: QuerySet[Service],
    *,
    order: PriceOrder,
    strands: Sequence[Strand],
    find_place: Callable[[Row], Place],
    size: int,
    parameters: QueryDict,
    shape: Callable[[QuerySet[Service]], QuerySet[Service, Any]],
) -> Page[Any]:
    """Return the page of ``queryset`` that the address asks for with ``after`` or ``before``; one statement."""
    backwards = "before" in parameters
    place = read_place(parameters.get("before" if backwards else "after", ""))
    backwards = backwards and place is not None
    branches = iterate_by_price(queryset, strands, place=place, backwards=backwards)
    if len(branches) == 1:
        rows = list(shape(branches[0])[: size + 1])
    elif branches:
        # No strand gives more than a page, and the page is among what all of them give.
        found = shape(merge_branches([branch[: size + 1] for branch in branches]).order_by())
        rows = sorted(found, key=lambda row: in_order(order, find_place(row)), reverse=backwards)
    else:
        rows = []
    return make_page(
        rows[: size + 1],
        size=size,
        parameters=parameters,
        backwards=backwards,
        is_first=place is None,
        cursor_of=find_place,
    )


def read_in_order(
    branches: Sequence[QuerySet[Service, Any]], *, order: PriceOrder, find_place: Callable[[Row], Place], at_once: int
) -> Iterator[Row]:
    """Return all rows of ``branches`` (of :func:`iterate_by_price`, shaped) one by one, in the order of the list."""
    return heapq.merge(
        *(branch.iterator(chunk_size=at_once) for branch in branches), key=lambda row: in_order(order, find_place(row))
    )


def read_place(text: str) -> Place | None:
    """Return a place as a page's address writes it; None when it is none."""
    parts = text.split(SEPARATOR)
    if len(parts) != len(Place._fields):
        return None
    nameless, platform, kind, unpriced, price, pk = parts
    if {nameless, unpriced} - {"0", "1"} or not _FRACTION.fullmatch(price) or "\0" in platform + kind:
        return None
    try:
        return Place(int(nameless), platform, kind, int(unpriced), Fraction(price), number(pk))
    except (ValueError, ZeroDivisionError):
        return None
