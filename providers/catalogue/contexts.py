"""The catalogue as people compare it: grouped by kind, priced in one currency, with quality and favourites.

Each order of the list has its index; a filter that narrows little is tested along the way:

==============================  ======================================
by kind                         ``service_kind_rate``, a strand for each exchange rate
price                           ``service_by_rate``; with several exchange rates ``service_provider_rate``
most reliable, quickest                the measured services alone, of which there are few
provider, newest, name, search  as in `providers.catalogue.filters`
==============================  ======================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as lazy

from panelhub.db.aggregates import CappedCount
from panelhub.ui.columns import Column, Table
from panelhub.ui.pagination import Page, Sort, number, take_page
from panelhub.ui.widgets import PlainCheckbox, PlainSelect
from providers.catalogue import filters as catalogue_filters
from providers.catalogue.choices import ServiceRow, rows_of
from providers.catalogue.filters import PAGE_SIZE, ServiceFilter, price_between
from providers.catalogue.price_order import (
    PriceOrder,
    iterate_by_price,
    place_finder,
    plan_strands,
    read_in_order,
    take_priced_page,
)
from providers.hub_prices import HubPrices
from providers.models import MONEY, Favourite, Service
from providers.models.service_kinds import KIND_TITLES
from providers.permissions import VisibleProviders

QUALITY: Final = (
    *("measured__orders", "measured__seconds_to_start", "measured__seconds_to_finish"),
    *("measured__completed", "measured__partial", "measured__canceled"),
)
COLUMNS: Final = (*catalogue_filters.COLUMNS, "kind", *QUALITY)
BY_KIND: Final = PriceOrder("kind", lazy("By type, lowest price first"), grouped=True)
CHEAPEST: Final = PriceOrder("price", lazy("Price: low to high"))
MEASURED_SORTS: Final = (
    Sort("sure", lazy("Highest completion"), ("measured__sureness", "id"), (float, number), descending=True),
    Sort("start", lazy("Fastest start"), ("measured__seconds_to_start", "id"), (float, number)),
    Sort("finish", lazy("Fastest completion"), ("measured__seconds_to_finish", "id"), (float, number)),
)
ORDERS: Final[tuple[PriceOrder | Sort, ...]] = (
    BY_KIND,
    CHEAPEST,
    PriceOrder("-price", lazy("Price: high to low"), descending=True),
    *MEASURED_SORTS,
    *(sort for sort in catalogue_filters.SORTS if sort.slug not in {"price", "-price"}),
)
PRICELESS: Final[tuple[Sort, ...]] = tuple(
    order for order in ORDERS if isinstance(order, Sort) and "rate" not in order.columns
)
BY_NAME: Final = next(order for order in PRICELESS if order.slug == "name")
TABLE: Final = Table(
    "services",
    "providers:services",
    (
        Column("service", lazy("Service"), "name", "-name", can_hide=False),
        Column("from", lazy("Provider"), "provider", can_hide=False),
        Column("terms", lazy("Terms")),
        Column("limits", lazy("Limits"), is_number=True),
        Column("measured", lazy("Measured"), descending="sure", falls_first=True),
        Column("rate", lazy("Per 1,000"), "price", "-price", is_number=True, is_cost=True, can_hide=False),
    ),
)
ROWS_AT_ONCE: Final = 2_000
_CENT: Final = Decimal(1).scaleb(-MONEY["decimal_places"])
_MOST: Final[Decimal] = Decimal(10) ** (MONEY["max_digits"] - MONEY["decimal_places"])


class CatalogueFilter(ServiceFilter):
    """The filters and orders of the catalogue; prices are in the hub's currency."""

    chip_fields: ClassVar[tuple[str, ...]] = (
        "favourites",
        *ServiceFilter.chip_fields[:3],
        "kind",
        *ServiceFilter.chip_fields[3:],
    )
    columns: ClassVar[Mapping[str, str]] = {**ServiceFilter.columns, "kind": "kind"}

    kind = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Kind"),
        choices=lambda: [("", lazy("Any kind")), *sorted(KIND_TITLES.items(), key=lambda pair: str(pair[1]))],
    )
    favourites = forms.BooleanField(required=False, widget=PlainCheckbox, label=lazy("Favourites"))
    sort = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Sort by"),
        choices=[(order.slug, order.label) for order in ORDERS],
    )

    def __init__(self, data: Any, *, visible: VisibleProviders, prices: HubPrices, reader: Any) -> None:
        self.prices = prices
        self.reader = reader
        super().__init__(data, visible=visible, sees_cost=bool(reader.has_perm("orders.view_cost")))
        usual = self.usual_order()
        # The usual order stands in no address.
        others = [(order.slug, order.label) for order in self.orders if order is not usual]
        self.fields["sort"].widget.choices = [("", usual.label), *others]

    @property
    def orders(self) -> Sequence[PriceOrder | Sort]:
        """The orders that the reader may choose. The address of a page in an order by price holds prices."""
        return ORDERS if self.sees_cost else PRICELESS

    def usual_order(self) -> PriceOrder | Sort:
        """Return what is looked for by words is of few kinds, and lies scattered over the index of all of them."""
        if not self.sees_cost:
            return BY_NAME
        return CHEAPEST if self.data.get("q") else BY_KIND

    @property
    def chosen_order(self) -> PriceOrder | Sort:
        """Return the requested sort order, or the default one."""
        asked = self.cleaned_data.get("sort")
        return next((order for order in self.orders if order.slug == asked), self.usual_order())

    def find(self) -> QuerySet[Service]:
        found = super().find()
        if self.cleaned_data.get("favourites"):
            found = found.filter(favourites__person=self.reader.pk)
        order = self.chosen_order
        if order in MEASURED_SORTS and isinstance(order, Sort):
            found = found.filter(**{f"{order.columns[0]}__isnull": False})
        return found

    def within_prices(self) -> Q:
        least, most = self.cleaned_data.get("least"), self.cleaned_data.get("most")
        if least is None and most is None:
            return Q()
        wanted = Q(pk__in=[])
        for worth, pks in self._by_worth().items():
            # A price that is not known in the hub's currency lies between no two prices.
            if worth is not None:
                wanted |= Q(provider_id__in=pks) & price_between(
                    _divide(least, worth, ROUND_CEILING), _divide(most, worth, ROUND_FLOOR)
                )
        return wanted

    def _by_worth(self) -> dict[Decimal | None, list[int]]:
        groups: dict[Decimal | None, list[int]] = {}
        for pk, seen in self.visible.providers.items():
            worth = self.prices.worth_of(seen.currency)
            groups.setdefault(worth.rate if worth else None, []).append(pk)
        return groups

    def _listed_providers(self) -> Mapping[int, Any]:
        """Return the providers whose services are listed: the one that was chosen, or all."""
        chosen = self.cleaned_data.get("provider")
        return {chosen: self.visible.providers[chosen]} if chosen else self.visible.providers

    def take_page(self, parameters: QueryDict, counts: Mapping[str, Any]) -> Page[Any]:
        """Return the page requested by the address, its rows with ``total``, ``is_favourite`` and ``counts``."""
        found, order = self.find(), self.chosen_order

        def shape(queryset: QuerySet[Service]) -> QuerySet[Service, Any]:
            return self._shape(queryset, total=CappedCount(found), **counts)

        if isinstance(order, Sort):
            return take_page(
                found,
                sort=order,
                size=PAGE_SIZE,
                parameters=parameters,
                shape=shape,
                cursor_of=lambda row: [row[column] for column in order.columns],
            )
        return take_priced_page(
            found,
            order=order,
            strands=plan_strands(
                order, self._listed_providers(), self.prices, named=bool(self.cleaned_data.get("platform"))
            ),
            find_place=place_finder(order, self._listed_providers(), self.prices),
            size=PAGE_SIZE,
            parameters=parameters,
            shape=shape,
        )

    def read_all(self) -> Iterator[Mapping[str, Any]]:
        """Return every row that is requested, in the order of the list, read as it is taken."""
        found, order = self.find(), self.chosen_order
        if isinstance(order, Sort):
            ordered = found.order_by(*order.ordering(backwards=False))
            return self._shape(ordered).iterator(chunk_size=ROWS_AT_ONCE)
        strands = plan_strands(
            order, self._listed_providers(), self.prices, named=bool(self.cleaned_data.get("platform"))
        )
        return read_in_order(
            [self._shape(branch) for branch in iterate_by_price(found, strands)],
            order=order,
            find_place=place_finder(order, self._listed_providers(), self.prices),
            at_once=ROWS_AT_ONCE,
        )

    def _shape(self, queryset: QuerySet[Service], **more: Any) -> QuerySet[Service, Any]:
        marked = Favourite.objects.filter(person=self.reader.pk, service=OuterRef("pk"))
        sorted_by = [column for column in getattr(self.chosen_order, "columns", ()) if column not in COLUMNS]
        shaped: QuerySet[Service, Any] = queryset.values(*COLUMNS, *sorted_by, is_favourite=Exists(marked), **more)
        return shaped


def choose_services(form: CatalogueFilter, *, most: int) -> list[ServiceRow]:
    """Return the first services that ``form`` asks for, for a picker.

    The cheapest in the hub's currency come first; for whom prices are not to be seen, they come by name.
    """
    found, providers, prices = form.find(), form.visible.providers, form.prices
    if not form.sees_cost:
        by_name = found.order_by(*BY_NAME.ordering(backwards=False)).values(*catalogue_filters.COLUMNS)
        return rows_of(by_name[:most], providers, sees_cost=False)
    page = take_priced_page(
        found,
        order=CHEAPEST,
        strands=plan_strands(CHEAPEST, providers, prices),
        find_place=place_finder(CHEAPEST, providers, prices),
        size=most,
        parameters=QueryDict(),
        shape=lambda services: services.values(*catalogue_filters.COLUMNS),
    )
    return rows_of(page.rows, providers, sees_cost=True, prices=prices)


def _divide(amount: Decimal | None, worth: Decimal, rounding: str) -> Decimal | None:
    """Return a price in the currency of ``worth``, at the last decimal a column holds."""
    if amount is None:
        return None
    with localcontext(prec=80):
        price: Decimal = (amount / worth).quantize(_CENT, rounding=rounding)
        return min(price, _MOST - 1)
