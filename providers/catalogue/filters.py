"""The catalogue as it is looked through: its filters, its orders, its rows.

Prices are in the hub's currency, unknown ones last. Each order of the list has its index; a filter that narrows little
is tested along the way:

==============  ======================================
kind            ``service_shelf_price``, with a platform and a kind ``service_kind_price``
price           ``service_price``, with a provider, platform or type ``service_provider_price`` and so on
highest price   ``service_price_down``
provider        ``service_provider_price``
newest          the key
name            ``service_by_name``
search          the text index of `providers.catalogue.search.index`
==============  ======================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from panelhub.ui.filters import ListFilter
from panelhub.ui.formatting import format_count
from panelhub.ui.pagination import Sort, amount, number
from panelhub.ui.widgets import PlainCheckbox, PlainInput, PlainSelect
from providers.catalogue.search import explain_search
from providers.catalogue.search.words import has_refill
from providers.dialects import DIALECTS
from providers.hooks import dripfeed_types, type_labels
from providers.models import MONEY, Service
from providers.models.hub_rates import BEYOND_ALL, PLACES
from providers.models.platforms import TITLES
from providers.models.service_names.countries import NAMES
from providers.models.service_names.refill import LIFETIME
from providers.permissions import Seen, VisibleProviders

PAGE_SIZE: Final = 50
BY_KIND: Final = Sort(
    "kind", lazy("By type, lowest price first"), ("shelf", "kind", "price", "id"), (str, str, amount, number)
)
BY_KIND_OF_ONE: Final = replace(BY_KIND, columns=("platform", *BY_KIND.columns[1:]))
"""The same on one platform, from the index of platforms."""
CHEAPEST: Final = Sort("price", lazy("Price: low to high"), ("price", "id"), (amount, number))
BY_NAME: Final = Sort("name", lazy("Name"), ("name", "id"), (str, number))
SORTS: Final[tuple[Sort, ...]] = (
    CHEAPEST,
    Sort("-price", lazy("Price: high to low"), ("price_down", "id"), (amount, number)),
    BY_NAME,
    Sort("-name", lazy("Name, Z to A"), ("name", "id"), (str, number), descending=True),
    Sort("provider", lazy("Provider, then price"), ("provider_id", "price", "id"), (number, amount, number)),
    Sort("new", lazy("Newest first"), ("id",), (number,), descending=True),
)
COLUMNS: Final = (
    "id", "provider_id", "external_id", "name", "category", "platform", "type", "type_label", "rate", "hub_rate",
    "min_quantity", "max_quantity", "min_unread", "max_unread", "refill", "cancel", "dripfeed", "is_available",
    "hold_reason", "average_time",
    "country", "quality", "refill_days", "speed_per_day", "start_minutes",
)  # fmt: skip
FLAGS: Final[tuple[tuple[str, Any], ...]] = (
    ("refill", lazy("Refill")),
    ("cancel", lazy("Cancel")),
    ("dripfeed", lazy("Drip-feed")),
)
PRICES: Final = frozenset({"price", "price_down", "rate", "hub_rate"})
PRICE: Final[dict[str, Any]] = {**MONEY, "required": False, "min_value": 0}
COUNTRY_CHOICES: Final = sorted(NAMES.items(), key=lambda pair: pair[1])
_DIGITS: Final = {"inputmode": "numeric", "size": 5}
_DECIMAL: Final = {"inputmode": "decimal", "size": 6}


def list_types() -> list[tuple[str, Any]]:
    """Return the choices of the filter by type: any, and every order type that the hub knows."""
    return [("", lazy("Any type")), *type_labels().items()]


class ServiceFilter(ListFilter):
    """The filters of the catalogue; what makes no sense is reported and left out, never an error page."""

    all_sorts: ClassVar[Sequence[Sort]] = SORTS
    chip_fields: ClassVar[tuple[str, ...]] = (
        *("q", "provider", "platform", "type", "category", "country", "quality", "refill", "cancel", "dripfeed"),
        *("refill_days", "speed_per_day", "start_minutes", "least", "most", "available"),
    )
    columns: ClassVar[Mapping[str, str]] = {
        "provider": "provider_id",
        "platform": "platform",
        "type": "type",
        "category": "category",
        "country": "country",
        "quality": "quality",
        "refill_days": "refill_days__gte",
        "speed_per_day": "speed_per_day__gte",
    }

    q = forms.CharField(required=False, max_length=200, label=lazy("Search"))
    provider = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label=lazy("Provider"), widget=PlainSelect
    )
    platform = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Platform"),
        choices=[("", lazy("Any platform")), *sorted(TITLES.items(), key=lambda p: p[1])],
    )
    type = forms.ChoiceField(required=False, widget=PlainSelect, label=lazy("Type"), choices=list_types)
    category = forms.CharField(required=False, max_length=300, label=lazy("Category"), widget=forms.HiddenInput)
    country = forms.ChoiceField(
        required=False, widget=PlainSelect, label=lazy("Country"), choices=[("", lazy("Any country")), *COUNTRY_CHOICES]
    )
    quality = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Quality"),
        choices=[("", lazy("Any quality")), *Service.Quality.choices],
    )
    refill_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LIFETIME,
        label=lazy("Refill, days (min.)"),
        widget=PlainInput(attrs=_DIGITS),
    )
    speed_per_day = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10**12,
        label=lazy("Speed per day (min.)"),
        widget=PlainInput(attrs=_DIGITS),
    )
    start_minutes = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=10**6,
        label=lazy("Start time, minutes"),
        widget=PlainInput(attrs=_DIGITS),
    )
    refill = forms.BooleanField(required=False, widget=PlainCheckbox, label=lazy("Refill"))
    cancel = forms.BooleanField(required=False, widget=PlainCheckbox, label=lazy("Cancel"))
    dripfeed = forms.BooleanField(required=False, widget=PlainCheckbox, label=lazy("Drip-feed"))
    least = forms.DecimalField(label=lazy("Price (min.)"), widget=PlainInput(attrs=_DECIMAL), **PRICE)
    most = forms.DecimalField(label=lazy("Price (max.)"), widget=PlainInput(attrs=_DECIMAL), **PRICE)
    available = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Availability"),
        choices=[("", lazy("Can be ordered")), ("closed", lazy("Closed")), ("all", lazy("Open and closed"))],
    )
    sort = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Sort by"),
        choices=[(sort.slug, sort.label) for sort in SORTS],
    )

    def __init__(self, data: Any, *, visible: VisibleProviders, sees_cost: bool = True) -> None:
        super().__init__(data)
        self.sees_cost = sees_cost
        choices = [("", _("Any provider")), *((str(pk), seen.name) for pk, seen in visible.providers.items())]
        self.fields["provider"].choices = choices  # type: ignore[attr-defined]
        self.visible = visible
        # What the words of the search were taken for, once it was done.
        self.understood: list[str] = []
        self.is_valid()
        if not sees_cost:
            # Who may not see prices could find them out with these, one guess after the other.
            self.cleaned_data |= {"least": None, "most": None}
            self.fields["sort"].widget.choices = [(sort.slug, sort.label) for sort in self.sorts]

    @property
    def sorts(self) -> list[Sort]:
        """The orders that the reader may choose. The address of a page in an order by price holds prices."""
        return [sort for sort in self.all_sorts if self.sees_cost or PRICES.isdisjoint(sort.columns)]

    @property
    def by_figures(self) -> list[Any]:
        """The filters by figures that were read from names."""
        return [self[name] for name in ("refill_days", "speed_per_day", "start_minutes")]

    @property
    def usual_sort(self) -> Sort:
        """Return the cheapest first, and by name for those who see no prices."""
        return CHEAPEST if self.sees_cost else BY_NAME

    @property
    def chosen_sort(self) -> Sort:
        """Return the requested sort order, or the usual one."""
        chosen = next((sort for sort in self.sorts if sort.slug == self.cleaned_data.get("sort")), self.usual_sort)
        return BY_KIND_OF_ONE if chosen is BY_KIND and self.cleaned_data.get("platform") else chosen

    @property
    def has_prices(self) -> bool:
        """Whether a range of prices was requested."""
        return any(self.cleaned_data.get(name) is not None for name in ("least", "most"))

    def find(self) -> QuerySet[Service]:
        """Return the requested services, as far as the filters make sense."""
        given = self.cleaned_data
        wanted = availability(given.get("available") or "", self.visible)
        for name, column in self.columns.items():
            if given.get(name):
                wanted &= Q(**{column: given[name]})
        for name, _label in FLAGS:
            if given.get(name):
                wanted &= FLAG_CONDITIONS[name]() if name in FLAG_CONDITIONS else Q(**{name: True})
        if given.get("start_minutes") is not None:
            wanted &= Q(start_minutes__lte=given["start_minutes"])
        found: QuerySet[Service] = self.visible.narrow(Service.objects.filter(wanted))
        if self.has_prices:
            # An unknown price lies between no two prices.
            least, most = given.get("least"), given.get("most")
            found = found.alias(price=PLACES["price"]).filter(
                price__gte=0 if least is None else least, price__lte=BEYOND_ALL - 1 if most is None else most
            )
        if given.get("q"):
            found, self.understood = explain_search(found, given["q"])
        return found.annotate(**{name: PLACES[name] for name in self.chosen_sort.columns if name in PLACES})


def may_be_dripfeed() -> Q:
    """Return the condition that a service is offered as a drip-feed: its list says so, or the document and not its
    list.

    The order form decides the same way (:func:`orders.placement.service_rules.why_no_dripfeed`).
    """
    described = [slug for slug, dialect in DIALECTS.items() if dialect.describes_dripfeed]
    by_document = Q(dripfeed__isnull=True, provider__dialect__in=described)
    return (Q(dripfeed=True) | by_document) & Q(type__in=dripfeed_types())


# Flags that mean more than their column.
FLAG_CONDITIONS: Final[Mapping[str, Callable[[], Q]]] = {"dripfeed": may_be_dripfeed, "refill": has_refill}


def availability(which: str, visible: VisibleProviders) -> Q:
    """Open services; a provider that is switched off closes all of its own."""
    off = [pk for pk, seen in visible.providers.items() if not seen.is_active]
    is_open = Q(is_available=True, hold_reason="")
    if which == "all":
        return Q()
    if which == "closed":
        return ~is_open | Q(provider_id__in=off) if off else ~is_open
    return is_open & ~Q(provider_id__in=off) if off else is_open


def why_closed(values: Mapping[str, Any], provider: Seen) -> str:
    """Return why a service cannot be ordered, in a few words; "" when it can."""
    if not provider.is_active:
        return _("provider disabled")
    if not values["is_available"]:
        return _("no longer listed")
    if values["hold_reason"] == Service.Hold.RENUMBERED:
        return _("list renumbered")
    if values["hold_reason"] == Service.Hold.REFUSED:
        return _("orders rejected")
    return _("price jumped") if values["hold_reason"] else ""


def describe_range(lowest: int | None, highest: int | None, lowest_unread: str = "", highest_unread: str = "") -> str:
    """Return the limits of a service as a range; a dash where none is stated, its text where one cannot be read."""
    if lowest is None and highest is None and not (lowest_unread or highest_unread):
        return "–"
    low = _unread(lowest_unread) if lowest is None and lowest_unread else format_count(lowest)
    high = format_count(highest) if highest is not None else _unread(highest_unread) if highest_unread else "∞"
    return f"{low} – {high}"


def _unread(text: str) -> str:
    return _("unreadable: “%(text)s”") % {"text": text}
