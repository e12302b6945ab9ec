"""The catalogue as people compare it: grouped by kind, priced in one currency, with quality and favourites.

Its orders and their indexes are those of `providers.catalogue.filters`; the most reliable and the quickest are looked
for among the measured services alone, of which there are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as lazy

from panelhub.db.aggregates import CappedCount
from panelhub.ui.columns import Column, Table
from panelhub.ui.pagination import Page, Sort, number, take_page
from panelhub.ui.widgets import PlainCheckbox, PlainSelect
from providers.catalogue import filters as catalogue_filters
from providers.catalogue.choices import ServiceRow, rows_of
from providers.catalogue.filters import BY_KIND, PAGE_SIZE, SORTS, ServiceFilter
from providers.hub_prices import HubPrices
from providers.models import Favourite, Service
from providers.models.service_kinds import KIND_TITLES
from providers.permissions import VisibleProviders

QUALITY: Final = (
    *("measured__orders", "measured__seconds_to_start", "measured__seconds_to_finish"),
    *("measured__completed", "measured__partial", "measured__canceled", "measured__expected"),
    *("measured__refills_asked", "measured__refills_decided", "measured__refills_honoured"),
    *("measured__price_changes", "measured__price_spread"),
)
COLUMNS: Final = (*catalogue_filters.COLUMNS, "kind", *QUALITY)
CHOICE_COLUMNS: Final = (*catalogue_filters.COLUMNS, *QUALITY)
MEASURED_SORTS: Final = (
    Sort("sure", lazy("Highest completion"), ("measured__sureness", "id"), (float, number), descending=True),
    Sort("start", lazy("Fastest start"), ("measured__seconds_to_start", "id"), (float, number)),
    Sort("finish", lazy("Fastest completion"), ("measured__seconds_to_finish", "id"), (float, number)),
)
ORDERS: Final = (BY_KIND, *SORTS[:2], *MEASURED_SORTS, *SORTS[2:])
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


class CatalogueFilter(ServiceFilter):
    """The filters and orders of the catalogue; prices are in the hub's currency."""

    chip_fields: ClassVar[tuple[str, ...]] = (
        "favourites",
        *ServiceFilter.chip_fields[:3],
        "kind",
        *ServiceFilter.chip_fields[3:],
    )
    all_sorts: ClassVar[Sequence[Sort]] = ORDERS
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
        # The usual order stands in no address.
        others = [(sort.slug, sort.label) for sort in self.sorts if sort is not self.usual_sort]
        self.fields["sort"].widget.choices = [("", self.usual_sort.label), *others]

    @property
    def usual_sort(self) -> Sort:
        """Return the order by kind; where words or prices are looked for, the cheapest first."""
        narrowed = self.data.get("q") or self.data.get("least") or self.data.get("most")
        return BY_KIND if self.sees_cost and not narrowed else super().usual_sort

    def find(self) -> QuerySet[Service]:
        found = super().find()
        if self.cleaned_data.get("favourites"):
            found = found.filter(favourites__person=self.reader.pk)
        sort = self.chosen_sort
        return found.filter(**{f"{sort.columns[0]}__isnull": False}) if sort in MEASURED_SORTS else found

    def take_page(self, parameters: QueryDict, counts: Mapping[str, Any]) -> Page[Any]:
        """Return the page requested by the address, its rows with ``total``, ``is_favourite`` and ``counts``."""
        found, sort = self.find(), self.chosen_sort
        return take_page(
            found,
            sort=sort,
            size=PAGE_SIZE,
            parameters=parameters,
            shape=lambda queryset: self._shape(queryset, total=CappedCount(found), **counts),
            cursor_of=lambda row: [row[column] for column in sort.columns],
        )

    def read_all(self) -> Iterator[Mapping[str, Any]]:
        """Return every row that is requested, in the order of the list, read as it is taken."""
        ordered = self.find().order_by(*self.chosen_sort.ordering(backwards=False))
        return self._shape(ordered).iterator(chunk_size=ROWS_AT_ONCE)

    def _shape(self, queryset: QuerySet[Service], **more: Any) -> QuerySet[Service, Any]:
        marked = Favourite.objects.filter(person=self.reader.pk, service=OuterRef("pk"))
        sorted_by = [column for column in self.chosen_sort.columns if column not in COLUMNS]
        shaped: QuerySet[Service, Any] = queryset.values(*COLUMNS, *sorted_by, is_favourite=Exists(marked), **more)
        return shaped


def choose_services(form: CatalogueFilter, *, most: int) -> list[ServiceRow]:
    """Return the first services that ``form`` asks for, for a picker.

    The cheapest in the hub's currency come first; for whom prices are not to be seen, they come by name.
    """
    ordered = form.find().order_by(*form.chosen_sort.ordering(backwards=False))
    found = ordered.values(*CHOICE_COLUMNS)[:most]
    return rows_of(found, form.visible.providers, sees_cost=form.sees_cost, prices=form.prices)
