"""Filter orders: the form above their list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.listing.queries import OLDEST, SORTS, TABS, OrderSearch
from orders.statuses import OrderStatus
from panelhub.ui.fields import DayField
from panelhub.ui.filters import canonical_query
from panelhub.ui.widgets import PlainDate, PlainSelect
from providers.models import Service
from providers.permissions import VisibleProviders

ME = "me"
Span = tuple[date, date]


def _last(count: int, *, ago: int = 0) -> Callable[[date], Span]:
    return lambda today: (today - timedelta(days=count - 1 + ago), today - timedelta(days=ago))


def _last_month(today: date) -> Span:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


PERIODS: Final[Mapping[str, tuple[Any, Callable[[date], Span]]]] = {
    "today": (lazy("Today"), _last(1)),
    "yesterday": (lazy("Yesterday"), _last(1, ago=1)),
    "7": (lazy("Last 7 days"), _last(7)),
    "30": (lazy("Last 30 days"), _last(30)),
    "month": (lazy("This month"), lambda today: (today.replace(day=1), today)),
    "last_month": (lazy("Last month"), _last_month),
}
PERIOD_CHOICES: Final = [("", lazy("Any time")), *((slug, label) for slug, (label, _span) in PERIODS.items())]


def days_of(slug: str) -> tuple[date | None, date | None]:
    """Return the first and the last day of a named period, as of today; ``None`` twice for a name that is none."""
    if slug not in PERIODS:
        return None, None
    return PERIODS[slug][1](timezone.localdate())


class OrderFilter(forms.Form):
    """The filters of the list; what makes no sense is reported and left out, never an error page."""

    use_required_attribute = False

    tab = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=[(tab.slug, tab.label) for tab in TABS])
    q = forms.CharField(required=False, max_length=2_000, label=lazy("Search"))
    status = forms.ChoiceField(
        required=False,
        label=lazy("Status"),
        choices=[("", lazy("Any status")), *OrderStatus.choices],
        widget=PlainSelect,
    )
    provider = forms.TypedChoiceField(
        required=False, label=lazy("Provider"), coerce=int, empty_value=None, widget=PlainSelect
    )
    person = forms.CharField(required=False, max_length=20, label=lazy("Person"))
    service = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, label=lazy("Service"))
    client = forms.CharField(required=False, max_length=100, label=lazy("Client"))
    sort = forms.ChoiceField(required=False, choices=[(slug, slug) for slug in ("", OLDEST.slug, *SORTS)])
    mass = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, label=lazy("Mass order"))
    period = forms.ChoiceField(required=False, label=lazy("Period"), choices=PERIOD_CHOICES, widget=PlainSelect)
    since = DayField(required=False, label=lazy("From"), widget=PlainDate)
    until = DayField(required=False, label=lazy("To"), widget=PlainDate)

    def __init__(
        self, data: Any, *, visible: VisibleProviders, user: Any, people: Mapping[int, str] | None = None
    ) -> None:
        """``people`` are those who can be chosen, by key; needed where the form is shown."""
        super().__init__(data)
        self.user = user
        self.people = people or {}
        choices = [("", _("Any provider")), *((str(pk), seen.name) for pk, seen in visible.providers.items())]
        self.fields["provider"].choices = choices  # type: ignore[attr-defined]
        self.fields["person"].widget = PlainSelect(
            choices=[("", _("Anyone")), (ME, _("Me")), *self._another_author(str(data.get("person", "")))]
        )

    def _another_author(self, chosen: str) -> list[tuple[str, str]]:
        others = [(str(pk), name) for pk, name in self.people.items() if pk != self.user.pk or chosen == str(pk)]
        if chosen.isascii() and chosen.isdigit() and chosen not in dict(others):
            others.append((chosen, self._name_of(int(chosen))))
        return others

    def _name_of(self, person: int) -> str:
        return self.people.get(person) or _("Person %(key)s") % {"key": person}

    def clean_q(self) -> str:
        # A link someone pasted may bring a NUL or a line break along; neither is in any order.
        return "".join(mark for mark in str(self.cleaned_data["q"]) if mark.isprintable()).strip()

    def clean_person(self) -> int | None:
        person = str(self.cleaned_data["person"])
        if person == ME:
            return int(self.user.pk)
        return int(person) if person.isascii() and person.isdigit() and len(person) < 19 else None

    def search(self) -> OrderSearch:
        """Return the search that was entered, as far as it makes sense."""
        self.is_valid()
        given = self.cleaned_data
        words = {name: given.get(name) or "" for name in ("q", "status", "client", "tab")} | {
            "order": given.get("sort") or ""
        }
        keys = {name: given.get(name) for name in ("provider", "person", "service", "mass", "since", "until")}
        first, last = days_of(given.get("period") or "")
        # Days that were typed count more than the period that was chosen.
        keys |= {"since": keys["since"] or first, "until": keys["until"] or last}
        chosen: dict[str, Any] = {**words, **keys}
        return OrderSearch(**chosen)

    def canonical(self) -> str:
        """Return the same filter as a query string that is always written in one way; "" when no filter is set."""
        return canonical_query(self)

    def kept(self) -> list[tuple[str, str]]:
        """Filters that have no field on the page but must outlive a change of those that have."""
        return [(name, self.data[name]) for name in ("service", "client", "mass", "sort") if self.data.get(name)]

    def described(self, visible: VisibleProviders) -> Iterator[tuple[str, str, str]]:
        """Yield each filter that is on: its parameter, its name and its value in words."""
        given = self.cleaned_data
        words: dict[str, Any] = {
            "status": lambda value: OrderStatus(value).label,
            "provider": lambda value: visible.providers[value].name,
            "person": lambda value: _("me") if value == self.user.pk else self._name_of(value),
            "service": lambda value: _service_name(value, visible),
            "period": lambda value: PERIODS[value][0],
            "since": _day,
            "until": _day,
        }
        for name in ("q", "status", "provider", "person", "service", "client", "mass", "period", "since", "until"):
            if value := given.get(name):
                label = self.fields[name].label
                yield name, str(label), str(words.get(name, str)(value))


def _service_name(pk: int, visible: VisibleProviders) -> str:
    """Return the name of a service, looked up when a page is about it alone; one that is hidden is as unknown as any
    other.
    """
    visible_services = visible.narrow(Service.objects.filter(pk=pk))
    return visible_services.values_list("name", flat=True).first() or f"#{pk}"


def _day(value: date) -> str:
    return date_format(value, "j M Y")
