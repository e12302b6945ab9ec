"""Find refills and cancels for their page: one table at a time, newest first, by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders import statuses
from orders.links import search_keys
from orders.listing.queries import client_named
from orders.listing.rows import words_beside
from orders.models import Cancellation, Refill
from panelhub.redaction import hide_amounts
from panelhub.ui.columns import Column, Table
from panelhub.ui.filters import ListFilter
from panelhub.ui.formatting import badge, format_when
from panelhub.ui.pagination import Sort, number
from panelhub.ui.widgets import PlainSelect
from providers.permissions import VisibleProviders

PAGE_SIZE: Final = 50
REFILLS: Final = "refill"
CANCELS: Final = "cancellation"
MODELS: Final[dict[str, type[Refill] | type[Cancellation]]] = {REFILLS: Refill, CANCELS: Cancellation}
TITLES: Final[dict[str, Any]] = {REFILLS: lazy("Refills"), CANCELS: lazy("Cancels")}
_CHOICES: Final[dict[str, Any]] = {
    REFILLS: statuses.RefillStatus.choices,
    CANCELS: statuses.CancellationStatus.choices,
}
# Rejected is one word for who looks: at once, or after the request was accepted.
_ALIKE: Final = (statuses.RefillStatus.REFUSED, statuses.RefillStatus.REJECTED)
# What may still move by itself, so that the page looks again.
OPEN: Final = frozenset({statuses.QUEUED, statuses.SENDING, *statuses.REFILL_OPEN})
NEWEST: Final = Sort("newest", lazy("Newest first"), ("id",), (number,), descending=True)
# The index `…_by_order` has the requests of an order newest first.
SORTS: Final = {
    sort.slug: sort
    for sort in (
        NEWEST,
        Sort("oldest", lazy("Oldest first"), ("id",), (number,)),
        Sort("order", lazy("Order"), ("order_id", "id"), (number, number), opposed=("id",)),
        Sort("-order", lazy("Order"), ("order_id", "id"), (number, number), descending=True, opposed=("id",)),
    )
}
TABLE: Final = Table(
    "requests",
    "orders:requests",
    (
        Column("id", lazy("Order"), "order", "-order", falls_first=True, can_hide=False),
        Column("fluid", lazy("Service and link"), can_hide=False),
        Column("from", lazy("Provider")),
        Column("state", lazy("Request"), can_hide=False),
        Column("theirs", lazy("Provider ID")),
        Column("now", lazy("Order status")),
        Column("moved", lazy("Updated"), is_number=True),
        Column("when", lazy("Requested"), "oldest", "newest", falls_first=True, is_number=True),
    ),
)
COLUMNS: Final = (
    *("pk", "status", "provider_status", "external_id", "error", "created_at", "placed_at", "finished_at"),
    *("created_by__username", "order_id", "order__link", "order__provider_id", "order__service__name"),
    *("order__status", "order__client_label"),
)


class RequestFilter(ListFilter):
    """The filters above the list of refills or cancels."""

    chip_fields = ("q", "status", "provider", "person")

    kind = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=[(slug, slug) for slug in MODELS])
    q = forms.CharField(required=False, max_length=2_000, label=lazy("Search"))
    status = forms.ChoiceField(required=False, label=lazy("Status"), widget=PlainSelect)
    provider = forms.TypedChoiceField(
        required=False, label=lazy("Provider"), coerce=int, empty_value=None, widget=PlainSelect
    )
    person = forms.ChoiceField(
        required=False, label=lazy("Person"), widget=PlainSelect, choices=[("", lazy("Anyone")), ("me", lazy("Me"))]
    )
    sort = forms.ChoiceField(
        required=False, widget=forms.HiddenInput, choices=[(slug, slug) for slug in SORTS if slug != NEWEST.slug]
    )

    def __init__(self, data: Any, *, visible: VisibleProviders, user: Any) -> None:
        super().__init__(data)
        self.visible, self.user = visible, user
        asked = str(data.get("kind", ""))
        self.slug = asked if asked in MODELS else REFILLS
        fields: Any = self.fields
        by_word = {str(label): (slug, label) for slug, label in reversed(_CHOICES[self.slug])}
        fields["status"].choices = [("", _("Any status")), *reversed(by_word.values())]
        fields["provider"].choices = [
            ("", _("Any provider")),
            *((str(pk), seen.name) for pk, seen in visible.providers.items()),
        ]
        self.is_valid()

    @property
    def chosen_sort(self) -> Sort:
        """Return the requested sort order; without one the newest first."""
        return SORTS.get(self.cleaned_data.get("sort") or "", NEWEST)

    def find(self) -> QuerySet[Any]:
        """Return the refills or cancels that match, as far as the filters make sense."""
        given = self.cleaned_data
        wanted = Q()
        if status := given.get("status"):
            wanted &= Q(status__in=_ALIKE if status in _ALIKE else (status,))
        if given.get("provider"):
            wanted &= Q(order__provider_id=given["provider"])
        if given.get("person"):
            wanted &= Q(created_by=self.user.pk)
        if given.get("q"):
            wanted &= _by_text(given["q"])
        found: QuerySet[Any] = self.visible.narrow(
            MODELS[self.slug]._default_manager.filter(wanted), "order__provider_id"
        )
        return found


def _by_text(text: str) -> Q:
    """Match an order by its number, its link or its client, and a request by the provider's ID."""
    wanted = (
        Q(external_id=text[:100]) | Q(order__target_key__in=search_keys(text)) | Q(order__client=client_named(text))
    )
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        wanted |= Q(order_id=int(digits))
    return wanted


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One refill or cancel as a row shows it."""

    pk: int
    order: int
    order_url: str
    order_badge: SafeString
    service: str
    link: str
    client: str
    provider: str
    badge: SafeString
    words: str
    external_id: str
    by: str
    requested: SafeString
    moved: SafeString
    is_open: bool
    is_queued: bool
    settle_url: str


def rows_of(
    found: Iterable[Mapping[str, Any]], form: RequestFilter, *, now: datetime, sees_cost: bool, may_settle: bool
) -> list[RequestRow]:
    """Return the rows for ``found`` (the columns of ``COLUMNS``)."""
    return [_row(values, form, now, sees_cost=sees_cost, may_settle=may_settle) for values in found]


def _row(
    values: Mapping[str, Any], form: RequestFilter, now: datetime, *, sees_cost: bool, may_settle: bool
) -> RequestRow:
    status, pk = values["status"], values["pk"]
    words = words_beside(status, values["provider_status"], values["error"])
    provider = form.visible.providers.get(values["order__provider_id"])
    untracked = form.slug == REFILLS and status in statuses.REFILL_OPEN and not values["external_id"]
    lost = status == statuses.UNCONFIRMED and may_settle
    return RequestRow(
        pk=pk,
        order=values["order_id"],
        order_url=reverse("orders:detail", args=[values["order_id"]]),
        order_badge=badge(values["order__status"]).html,
        service=values["order__service__name"] or _("unknown service"),
        link=values["order__link"],
        client=values["order__client_label"],
        provider=provider.name if provider else "",
        badge=badge(status).html,
        words=words if sees_cost else hide_amounts(words),
        external_id=_("not trackable") if untracked else values["external_id"] or "",
        by=values["created_by__username"] or "",
        requested=format_when(values["created_at"], now).html,
        moved=format_when(values["finished_at"] or values["placed_at"], now).html,
        is_open=status in OPEN and not untracked,
        is_queued=status == statuses.QUEUED,
        settle_url=reverse("orders:settle", args=[form.slug, pk]) if lost else "",
    )
