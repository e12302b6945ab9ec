"""The feed of changes as it is looked through: its filters and its rows. It runs by time, newest first.

Each filter is tested along ``service_change_feed`` (time) or, with a provider, ``service_change_provider``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.db.models import Case, DecimalField, F, Q, QuerySet, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from panelhub.ui.filters import ListFilter
from panelhub.ui.formatting import format_when
from panelhub.ui.pagination import Sort, moment, number
from panelhub.ui.widgets import PlainCheckbox, PlainSelect
from providers.catalogue.changes import PRICE_KINDS, Mark, once_each, price_step, show_value, start_of_yesterday
from providers.catalogue.filters import why_closed
from providers.models import MONEY, ServiceChange
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES
from providers.permissions import Seen, VisibleProviders

ChangeKind = ServiceChange.Kind

SORT: Final = Sort("newest", lazy("Newest first"), ("at", "id"), (moment, number), descending=True)
COLUMNS: Final = (
    *("id", "at", "kind", "before", "after", "provider_id", "service_id"),
    *("service__name", "service__external_id", "service__is_available", "service__hold_reason"),
)
SINCE: Final[Mapping[str, tuple[Any, timedelta | None]]] = {
    "": (lazy("Since yesterday"), None),
    "7": (lazy("Last 7 days"), timedelta(days=7)),
    "30": (lazy("Last 30 days"), timedelta(days=30)),
}
WHAT: Final[tuple[tuple[str, Any], ...]] = (
    ("", lazy("Any change")),
    ("increased", lazy("Price increased")),
    ("decreased", lazy("Price decreased")),
    (ChangeKind.APPEARED, lazy("New")),
    (ChangeKind.CLOSED, lazy("Closed")),
    (ChangeKind.RETURNED, lazy("Reopened")),
    (ChangeKind.LIMITS, lazy("Limits")),
    (ChangeKind.FLAGS, lazy("Refill, cancel or drip-feed")),
    (ChangeKind.NAME, lazy("Renamed")),
    (ChangeKind.TYPE, lazy("Type")),
    (ChangeKind.CATEGORY, lazy("Category")),
    (ChangeKind.JUMP, lazy("Closed by a price jump")),
    (ChangeKind.ACCEPTED, lazy("Price accepted")),
)
_TONES: Final[Mapping[str, tuple[str, Any]]] = {
    ChangeKind.APPEARED: ("info", lazy("new")),
    ChangeKind.CLOSED: ("bad", lazy("closed")),
    ChangeKind.RETURNED: ("info", lazy("reopened")),
    ChangeKind.LIMITS: ("warn", lazy("limits")),
    ChangeKind.FLAGS: ("warn", lazy("terms")),
    ChangeKind.NAME: ("warn", lazy("renamed")),
    ChangeKind.TYPE: ("warn", lazy("type")),
    ChangeKind.CATEGORY: ("neutral", lazy("category")),
    ChangeKind.JUMP: ("bad", lazy("price jumped")),
    ChangeKind.ACCEPTED: ("good", lazy("price accepted")),
    ChangeKind.RATE: ("neutral", lazy("price")),
}


class ChangeFilter(ListFilter):
    """The filters of the feed."""

    chip_fields = ("what", "provider", "platform", "kind", "favourites", "since")

    what = forms.ChoiceField(required=False, widget=PlainSelect, label=lazy("Change"), choices=WHAT)
    provider = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label=lazy("Provider"), widget=PlainSelect
    )
    platform = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Platform"),
        choices=[("", lazy("Any platform")), *sorted(TITLES.items(), key=lambda pair: pair[1])],
    )
    kind = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Kind"),
        choices=lambda: [("", lazy("Any kind")), *sorted(KIND_TITLES.items(), key=lambda pair: str(pair[1]))],
    )
    favourites = forms.BooleanField(required=False, widget=PlainCheckbox, label=lazy("Favourites only"))
    since = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label=lazy("Period"),
        choices=[(slug, label) for slug, (label, _length) in SINCE.items()],
    )

    def __init__(self, data: Any, *, visible: VisibleProviders, reader: Any, sees_cost: bool) -> None:
        super().__init__(data)
        self.visible, self.reader, self.sees_cost = visible, reader, sees_cost
        choices = [("", _("Any provider")), *((str(pk), seen.name) for pk, seen in visible.providers.items())]
        self.fields["provider"].choices = choices  # type: ignore[attr-defined]
        if not sees_cost:
            hidden = {"increased", "decreased", ChangeKind.JUMP, ChangeKind.ACCEPTED}
            self.fields["what"].choices = [pair for pair in WHAT if pair[0] not in hidden]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def starts_at(self) -> datetime:
        """The first moment that is looked at."""
        length = SINCE[self.cleaned_data.get("since") or ""][1]
        return start_of_yesterday() if length is None else timezone.now() - length

    def find(self) -> QuerySet[ServiceChange]:
        """Return the requested changes, as far as the filters make sense."""
        given = self.cleaned_data
        wanted = Q(at__gte=self.starts_at)
        for name, column in (
            ("provider", "provider_id"),
            ("platform", "service__platform"),
            ("kind", "service__kind"),
        ):
            if given.get(name):
                wanted &= Q(**{column: given[name]})
        if given.get("favourites"):
            wanted &= Q(service__favourites__person=self.reader.pk)
        found: QuerySet[ServiceChange] = self.visible.narrow(ServiceChange.objects.filter(wanted))
        if not self.sees_cost:
            found = found.exclude(kind__in=PRICE_KINDS - {ChangeKind.APPEARED})
        what = given.get("what") or ""
        if what in ("increased", "decreased"):
            return _by_direction(found, what)
        return found.filter(kind=what) if what else once_each(found)


def _by_direction(found: QuerySet[ServiceChange], what: str) -> QuerySet[ServiceChange]:
    money = DecimalField(**MONEY)
    # Only lines of a price are read as one: a database may look at conditions in any order.
    prices = {
        side: Case(When(kind=ChangeKind.RATE, then=Cast(side, money)), output_field=money)
        for side in ("before", "after")
    }
    found = found.filter(kind=ChangeKind.RATE).annotate(old=prices["before"], new=prices["after"])
    return found.filter(new__gt=F("old")) if what == "increased" else found.filter(new__lt=F("old"))


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change as a row shows it."""

    pk: int
    when: SafeString
    service_url: str
    name: str
    external_id: str
    provider: str
    currency: str
    mark: Mark
    before: str
    after: str
    order_url: str


def rows_of(found: Iterable[Mapping[str, Any]], form: ChangeFilter, *, may_order: bool) -> list[ChangeRow]:
    """Return the rows for ``found`` (the columns of ``COLUMNS``)."""
    now = timezone.now()
    create = reverse("orders:create")
    return [
        _row(values, form.visible.providers[values["provider_id"]], form, now, create if may_order else "")
        for values in found
        # What came with an account that was added meanwhile is shown the next time.
        if values["provider_id"] in form.visible.providers
    ]


def _row(values: Mapping[str, Any], seen: Seen, form: ChangeFilter, now: datetime, create: str) -> ChangeRow:
    state = {"is_available": values["service__is_available"], "hold_reason": values["service__hold_reason"]}
    is_open = not why_closed(state, seen)
    shows_values = form.sees_cost or values["kind"] not in PRICE_KINDS
    return ChangeRow(
        pk=values["id"],
        when=format_when(values["at"], now).html,
        service_url=reverse("providers:service", args=[values["service_id"]]),
        name=values["service__name"],
        external_id=values["service__external_id"],
        provider=seen.name,
        currency=seen.currency if values["kind"] in PRICE_KINDS else "",
        mark=mark_of(values["kind"], values["before"], values["after"]),
        before=show_value(values["kind"], values["before"]) if shows_values else "",
        after=show_value(values["kind"], values["after"]) if shows_values else "",
        order_url=f"{create}?service={values['service_id']}" if create and is_open else "",
    )


def mark_of(kind: str, before: str, after: str) -> Mark:
    """Return a change as a tag; a price says how far it went."""
    if kind == ChangeKind.RATE and (step := price_step(before, after)):
        return step
    if kind == ChangeKind.JUMP and (step := price_step(before, after)):
        return Mark(step.tone, _("closed: %(change)s") % {"change": step.word})
    tone, word = _TONES.get(kind, ("neutral", kind))
    return Mark(tone, str(word))
