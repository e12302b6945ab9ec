"""The catalogue of products as it is looked through: its filters, its orders, its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from panelhub.ui.filters import ListFilter
from panelhub.ui.formatting import format_count, format_money
from panelhub.ui.pagination import Sort, amount, number
from panelhub.ui.widgets import PlainSelect
from providers.catalogue.filters import describe_range
from providers.catalogue.search import search_products
from providers.models import Product
from providers.permissions import Seen, VisibleProviders

PAGE_SIZE: Final = 50
MOST_CATEGORIES: Final = 500
SORTS: Final[tuple[Sort, ...]] = (
    Sort("name", lazy("Name"), ("name", "id"), (str, number)),
    Sort("price", lazy("Price: low to high"), ("rate", "id"), (amount, number)),
    Sort("-price", lazy("Price: high to low"), ("rate", "id"), (amount, number), descending=True),
    Sort("new", lazy("Newest first"), ("id",), (number,), descending=True),
)
COLUMNS: Final = (
    "id", "provider_id", "external_id", "name", "require", "rate", "min_quantity", "max_quantity", "category",
    "in_stock", "inventory", "type", "is_available",
)  # fmt: skip
SOLD_OUT: Final = Q(in_stock=False) | Q(inventory=0)
# "Not stated" is neither in stock nor out of it: comparing with a null would lose such rows.
IN_STOCK: Final = (Q(in_stock=True) | Q(in_stock__isnull=True)) & (Q(inventory__isnull=True) | ~Q(inventory=0))


class ProductFilter(ListFilter):
    """The filters of the catalogue; providers and categories are those that have products."""

    chip_fields: ClassVar[tuple[str, ...]] = ("q", "provider", "category", "stock")

    q = forms.CharField(required=False, max_length=200, label=lazy("Search"))
    provider = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label=lazy("Provider"), widget=PlainSelect
    )
    category = forms.ChoiceField(required=False, label=lazy("Category"), widget=PlainSelect)
    stock = forms.ChoiceField(
        required=False,
        label=lazy("Stock"),
        widget=PlainSelect,
        choices=[
            ("", lazy("All listed")),
            ("in", lazy("Can be ordered")),
            ("out", lazy("Out of stock")),
            ("closed", lazy("No longer listed")),
        ],
    )
    sort = forms.ChoiceField(
        required=False,
        label=lazy("Sort by"),
        widget=PlainSelect,
        choices=[(sort.slug, sort.label) for sort in SORTS],
    )

    def __init__(self, data: Any, *, visible: VisibleProviders, sees_cost: bool) -> None:
        super().__init__(data)
        self.visible = visible
        # The address of a page in an order by price holds prices.
        self.sorts = [sort for sort in SORTS if sees_cost or "rate" not in sort.columns]
        shelves = visible.narrow(Product.objects.order_by("category", "provider_id"))
        known = list(shelves.values_list("category", "provider_id").distinct()[:MOST_CATEGORIES])
        sellers = {provider_id for _category, provider_id in known}
        fields: dict[str, Any] = self.fields
        fields["provider"].choices = [
            ("", _("Any provider")),
            *((str(pk), seen.name) for pk, seen in visible.providers.items() if pk in sellers),
        ]
        names = dict.fromkeys(category for category, _provider in known if category)
        fields["category"].choices = [("", _("Any category")), *((name, name) for name in names)]
        fields["sort"].choices = [(sort.slug, sort.label) for sort in self.sorts]
        self.is_valid()

    @property
    def chosen_sort(self) -> Sort:
        """Return the requested sort order; by name when none is."""
        return next((sort for sort in self.sorts if sort.slug == self.cleaned_data.get("sort")), self.sorts[0])

    def find(self) -> QuerySet[Product]:
        """Return the products that match, as far as the filters make sense."""
        given = self.cleaned_data
        off = [pk for pk, seen in self.visible.providers.items() if not seen.is_active]
        is_listed = Q(is_available=True) & ~Q(provider_id__in=off) if off else Q(is_available=True)
        match given.get("stock"):
            case "in":
                wanted = is_listed & IN_STOCK
            case "out":
                wanted = is_listed & SOLD_OUT
            case "closed":
                wanted = ~is_listed
            case _:
                wanted = is_listed
        for name, column in (("provider", "provider_id"), ("category", "category")):
            if given.get(name):
                wanted &= Q(**{column: given[name]})
        found: QuerySet[Product] = self.visible.narrow(Product.objects.filter(wanted))
        return search_products(found, given["q"]) if given.get("q") else found


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product as a row shows it; ``closed`` says why it cannot be ordered, "" when it can."""

    pk: int
    external_id: str
    name: str
    category: str
    require: str
    provider: str
    type: str
    rate: SafeString
    limits: str
    stock: str
    stock_tone: str
    closed: str


def rows_of(found: Iterable[Mapping[str, Any]], providers: Mapping[int, Seen]) -> list[ProductRow]:
    """Return the rows for ``found`` (the columns of ``COLUMNS``)."""
    # What came with an account that was added meanwhile is shown the next time.
    return [_row(values, providers[values["provider_id"]]) for values in found if values["provider_id"] in providers]


def _row(values: Mapping[str, Any], provider: Seen) -> ProductRow:
    stock, tone = describe_stock(in_stock=values["in_stock"], inventory=values["inventory"])
    return ProductRow(
        pk=values["id"],
        external_id=values["external_id"],
        name=values["name"],
        category=values["category"],
        require=values["require"],
        provider=provider.name,
        type=describe_type(values["type"]),
        rate=format_money(values["rate"], provider.currency),
        limits=describe_range(values["min_quantity"], values["max_quantity"]),
        stock=stock,
        stock_tone=tone,
        closed=_why_closed(values, provider),
    )


def _why_closed(values: Mapping[str, Any], provider: Seen) -> str:
    if not provider.is_active:
        return _("provider disabled")
    return "" if values["is_available"] else _("no longer listed")


def describe_type(slug: str) -> str:
    """Return a type as the document writes it; another one as it came."""
    return slug.replace("_", " ").capitalize()


def describe_stock(*, in_stock: bool | None, inventory: int | None) -> tuple[str, str]:
    """Return how much there is, as the provider says, and a tone for it; a dash where it says nothing."""
    if in_stock is False or inventory == 0:
        return _("Out of stock"), "bad"
    if inventory is not None:
        return _("%(count)s in stock") % {"count": format_count(inventory)}, "good"
    return (_("In stock"), "good") if in_stock else ("–", "")
