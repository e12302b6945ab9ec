"""The catalogue as it is looked through: its filters, its orders, its rows.

Each order of the list has its index; a filter that narrows little is tested along the way:

==============  ======================================
price           ``service_by_rate``, with a provider ``service_provider_rate``, with a platform
                ``service_platform_rate``, with a type ``service_type_rate``
provider        ``service_provider_rate``
newest          the key
name            ``service_by_name``
search          the text index of `providers.catalogue.search_index`
==============  ======================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from panelhub.ui.filters import ListFilter
from panelhub.ui.formatting import format_count, format_money
from panelhub.ui.pagination import Sort, amount, number
from panelhub.ui.widgets import PlainCheckbox, PlainInput, PlainSelect
from providers.catalogue.search import search_services
from providers.models import MONEY, Service
from providers.models.platforms import TITLES
from providers.permissions import Seen, Sight

PAGE_SIZE: Final = 50
TYPES: Final[tuple[tuple[str, Any], ...]] = (
    ("default", lazy("Default")),
    ("package", lazy("Package")),
    ("seo", lazy("SEO")),
    ("custom_comments", lazy("Custom comments")),
    ("custom_comments_package", lazy("Custom comments package")),
    ("comment_likes", lazy("Comment likes")),
    ("comment_replies", lazy("Comment replies")),
    ("mentions", lazy("Mentions")),
    ("mentions_with_hashtags", lazy("Mentions with hashtags")),
    ("mentions_custom_list", lazy("Mentions custom list")),
    ("mentions_hashtag", lazy("Mentions hashtag")),
    ("mentions_user_followers", lazy("Mentions user followers")),
    ("mentions_media_likers", lazy("Mentions media likers")),
    ("poll", lazy("Poll")),
    ("invites_from_groups", lazy("Invites from groups")),
    ("subscriptions", lazy("Subscriptions")),
    ("web_traffic", lazy("Web traffic")),
)
TYPE_LABELS: Final = dict(TYPES)
SORTS: Final[tuple[Sort, ...]] = (
    Sort("price", lazy("Cheapest first"), ("rate", "id"), (amount, number)),
    Sort("-price", lazy("Dearest first"), ("rate", "id"), (amount, number), descending=True),
    Sort("name", lazy("Name"), ("name", "id"), (str, number)),
    Sort("provider", lazy("Provider, then price"), ("provider_id", "rate", "id"), (number, amount, number)),
    Sort("new", lazy("Newest first"), ("id",), (number,), descending=True),
)
COLUMNS: Final = (
    "id", "provider_id", "external_id", "name", "category", "platform", "type", "type_label", "rate",
    "min_quantity", "max_quantity", "refill", "cancel", "dripfeed", "is_available", "hold_reason", "average_time",
)  # fmt: skip
FLAGS: Final[tuple[tuple[str, Any], ...]] = (
    ("refill", lazy("Refill")),
    ("cancel", lazy("Cancel")),
    ("dripfeed", lazy("Drip-feed")),
)
PRICE: Final[dict[str, Any]] = {**MONEY, "required": False, "min_value": 0}
_DECIMAL: Final = {"inputmode": "decimal", "size": 6}


class ServiceFilter(ListFilter):
    """The filters of the catalogue; what makes no sense is told and left out, never an error page."""

    told: ClassVar[tuple[str, ...]] = (
        *("q", "provider", "platform", "type", "category", "refill", "cancel", "dripfeed"),
        *("least", "most", "available"),
    )
    columns: ClassVar[Mapping[str, str]] = {
        "provider": "provider_id",
        "platform": "platform",
        "type": "type",
        "category": "category",
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
    type = forms.ChoiceField(
        required=False, widget=PlainSelect, label=lazy("Type"), choices=[("", lazy("Any type")), *TYPES]
    )
    category = forms.CharField(required=False, max_length=300, label=lazy("Category"), widget=forms.HiddenInput)
    refill = forms.BooleanField(required=False, widget=PlainCheckbox, label=lazy("Refill"))
    cancel = forms.BooleanField(required=False, widget=PlainCheckbox, label=lazy("Cancel"))
    dripfeed = forms.BooleanField(required=False, widget=PlainCheckbox, label=lazy("Drip-feed"))
    least = forms.DecimalField(label=lazy("Price from"), widget=PlainInput(attrs=_DECIMAL), **PRICE)
    most = forms.DecimalField(label=lazy("Price to"), widget=PlainInput(attrs=_DECIMAL), **PRICE)
    available = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Availability"),
        choices=[("", lazy("Can be ordered")), ("closed", lazy("Closed")), ("all", lazy("Open and closed"))],
    )
    sort = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Order of the list"),
        choices=[(sort.slug, sort.label) for sort in SORTS],
    )

    def __init__(self, data: Any, *, sight: Sight, sees_cost: bool = True) -> None:
        super().__init__(data)
        self.sees_cost = sees_cost
        choices = [("", _("Any provider")), *((str(pk), seen.name) for pk, seen in sight.providers.items())]
        self.fields["provider"].choices = choices  # type: ignore[attr-defined]
        self.sight = sight
        self.is_valid()
        if not sees_cost:
            # Who may not see prices could find them out with these, one guess after the other.
            self.cleaned_data |= {"least": None, "most": None}
            self.fields["sort"].widget.choices = [(sort.slug, sort.label) for sort in self.sorts]

    @property
    def sorts(self) -> list[Sort]:
        """The orders that the reader may choose. The address of a page in an order by price holds prices."""
        return [sort for sort in SORTS if self.sees_cost or "rate" not in sort.columns]

    @property
    def chosen_sort(self) -> Sort:
        """The order asked for; without one the cheapest first, and by name for those who see no prices."""
        sorts = self.sorts
        return next((sort for sort in sorts if sort.slug == self.cleaned_data.get("sort")), sorts[0])

    def find(self) -> QuerySet[Service]:
        """The services asked for, as far as the filters make sense."""
        given = self.cleaned_data
        wanted = availability(given.get("available") or "", self.sight)
        for name, column in self.columns.items():
            if given.get(name):
                wanted &= Q(**{column: given[name]})
        for name, _label in FLAGS:
            if given.get(name):
                wanted &= Q(**{name: True})
        wanted &= self.within_prices()
        found: QuerySet[Service] = self.sight.narrow(Service.objects.filter(wanted))
        return search_services(found, given["q"]) if given.get("q") else found

    def within_prices(self) -> Q:
        """The condition on the price, in the providers' own currencies."""
        return price_between(self.cleaned_data.get("least"), self.cleaned_data.get("most"))


def price_between(least: Decimal | None, most: Decimal | None) -> Q:
    """The condition that a rate lies between two prices, of which either may be open."""
    wanted = Q()
    if least is not None:
        wanted &= Q(rate__gte=least)
    if most is not None:
        wanted &= Q(rate__lte=most)
    return wanted


def availability(which: str, sight: Sight) -> Q:
    """Open services; a provider that is switched off closes all of its own."""
    off = [pk for pk, seen in sight.providers.items() if not seen.is_active]
    is_open = Q(is_available=True, hold_reason="")
    if which == "all":
        return Q()
    if which == "closed":
        return ~is_open | Q(provider_id__in=off) if off else ~is_open
    return is_open & ~Q(provider_id__in=off) if off else is_open


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service as a row shows it."""

    pk: int
    url: str
    external_id: str
    name: str
    category: str
    platform: str
    provider: str
    is_sandbox: bool
    type: str
    rate: SafeString
    limits: str
    flags: tuple[str, ...]
    average_time: str
    closed: str


def rows_of(found: Iterable[Mapping[str, Any]], providers: Mapping[int, Seen], *, sees_cost: bool) -> list[ServiceRow]:
    """The rows for ``found`` (the columns of ``COLUMNS``)."""
    pattern = reverse("providers:service", args=[0])
    words = [(name, str(label)) for name, label in FLAGS]
    return [
        _row(values, providers[values["provider_id"]], pattern, words, sees_cost=sees_cost)
        for values in found
        # What came with an account that was added meanwhile is shown the next time.
        if values["provider_id"] in providers
    ]


def _row(
    values: Mapping[str, Any], provider: Seen, pattern: str, words: list[tuple[str, str]], *, sees_cost: bool
) -> ServiceRow:
    slug = values["type"]
    return ServiceRow(
        pk=values["id"],
        url=pattern.replace("/0/", f"/{values['id']}/"),
        external_id=values["external_id"],
        name=values["name"],
        category=values["category"],
        platform=TITLES.get(values["platform"], ""),
        provider=provider.name,
        is_sandbox=provider.is_sandbox,
        type="" if slug == "default" else str(TYPE_LABELS.get(slug) or values["type_label"] or slug),
        rate=format_money(values["rate"], provider.currency) if sees_cost else SafeString(""),
        limits=describe_range(values["min_quantity"], values["max_quantity"]),
        flags=tuple(label for name, label in words if values[name]),
        average_time=values["average_time"],
        closed=why_closed(values, provider),
    )


def why_closed(values: Mapping[str, Any], provider: Seen) -> str:
    """Why a service cannot be ordered, in a few words; "" when it can."""
    if not provider.is_active:
        return _("provider off")
    if not values["is_available"]:
        return _("no longer listed")
    if values["hold_reason"] == Service.Hold.RENUMBERED:
        return _("list renumbered")
    return _("price jumped") if values["hold_reason"] else ""


def describe_range(lowest: int | None, highest: int | None) -> str:
    """The limits of a service as a range; a dash where none is stated."""
    if lowest is None and highest is None:
        return "–"
    return f"{format_count(lowest)} – {format_count(highest) if highest is not None else '∞'}"
