"""What people type about orders: the filters of the list, and the form of an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.listing.queries import TABS, OrderSearch
from orders.order_types import LINK, MAX_TEXT, QUANTITY, Kind, Parameter
from orders.placement.validation import Rules
from orders.statuses import OrderStatus
from panelhub.ui.filters import canonical_query
from panelhub.ui.formatting import format_number
from panelhub.ui.widgets import PlainDate, PlainInput, PlainSelect
from providers.models import Service
from providers.permissions import Sight

ME = "me"


class OrderFilter(forms.Form):
    """The filters of the list; what makes no sense is told and left out, never an error page."""

    use_required_attribute = False

    tab = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=[(tab.slug, tab.label) for tab in TABS])
    q = forms.CharField(required=False, max_length=2_000, label=lazy("Search"))
    status = forms.ChoiceField(
        required=False, label=lazy("State"), choices=[("", lazy("Any state")), *OrderStatus.choices], widget=PlainSelect
    )
    provider = forms.TypedChoiceField(
        required=False, label=lazy("Provider"), coerce=int, empty_value=None, widget=PlainSelect
    )
    person = forms.CharField(required=False, max_length=20, label=lazy("Person"))
    service = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, label=lazy("Service"))
    client = forms.CharField(required=False, max_length=100, label=lazy("Client"))
    mass = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, label=lazy("Mass order"))
    since = forms.DateField(required=False, label=lazy("From"), widget=PlainDate)
    until = forms.DateField(required=False, label=lazy("To"), widget=PlainDate)

    def __init__(self, data: Any, *, sight: Sight, user: Any, people: Mapping[int, str] | None = None) -> None:
        """``people`` are those who can be chosen, by key; needed where the form is shown."""
        super().__init__(data)
        self.user = user
        self.people = people or {}
        choices = [("", _("Any provider")), *((str(pk), seen.name) for pk, seen in sight.providers.items())]
        self.fields["provider"].choices = choices  # type: ignore[attr-defined]
        self.fields["person"].widget = PlainSelect(
            choices=[("", _("Anybody")), (ME, _("Me")), *self._somebody_else(str(data.get("person", "")))]
        )

    def _somebody_else(self, asked: str) -> list[tuple[str, str]]:
        others = [(str(pk), name) for pk, name in self.people.items() if pk != self.user.pk or asked == str(pk)]
        if asked.isascii() and asked.isdigit() and asked not in dict(others):
            others.append((asked, self._name_of(int(asked))))
        return others

    def _name_of(self, person: int) -> str:
        return self.people.get(person) or _("Person %(key)s") % {"key": person}

    def clean_q(self) -> str:
        # A link somebody pasted may bring a NUL or a line break along; neither is in any order.
        return "".join(mark for mark in str(self.cleaned_data["q"]) if mark.isprintable()).strip()

    def clean_person(self) -> int | None:
        person = str(self.cleaned_data["person"])
        if person == ME:
            return int(self.user.pk)
        return int(person) if person.isascii() and person.isdigit() and len(person) < 19 else None

    def search(self) -> OrderSearch:
        """What is asked, as far as it makes sense."""
        self.is_valid()
        given = self.cleaned_data
        words = {name: given.get(name) or "" for name in ("q", "status", "client", "tab")}
        keys = {name: given.get(name) for name in ("provider", "person", "service", "mass", "since", "until")}
        asked: dict[str, Any] = {**words, **keys}
        return OrderSearch(**asked)

    def canonical(self) -> str:
        """The same filter as a query string that is always written in one way; "" when nothing is asked."""
        return canonical_query(self)

    def kept(self) -> list[tuple[str, str]]:
        """Filters that have no field on the page but must outlive a change of those that have."""
        return [(name, self.data[name]) for name in ("service", "client", "mass") if self.data.get(name)]

    def described(self, sight: Sight) -> Iterator[tuple[str, str, str]]:
        """Each filter that is on: its parameter, its name and its value in words."""
        given = self.cleaned_data
        words: dict[str, Any] = {
            "status": lambda value: OrderStatus(value).label,
            "provider": lambda value: sight.providers[value].name,
            "person": lambda value: _("me") if value == self.user.pk else self._name_of(value),
            "service": _service_name,
            "since": _day,
            "until": _day,
        }
        for name in ("q", "status", "provider", "person", "service", "client", "mass", "since", "until"):
            if value := given.get(name):
                label = self.fields[name].label
                yield name, str(label), str(words.get(name, str)(value))


def _service_name(pk: int) -> str:
    """Only asked when a page is about one service: its list is reached from the catalogue."""
    return Service.objects.filter(pk=pk).values_list("name", flat=True).first() or f"#{pk}"


def _day(value: date) -> str:
    return date_format(value, "j M Y")


RAW = Parameter(
    "raw",
    lazy("Parameters"),
    Kind.LINES,
    help=lazy("One a line: name=value, sent as typed. \\n stands for a line break."),
)


class ShownForm(forms.Form):
    """A form for showing only: what is typed is checked elsewhere, and its sentences are put here."""

    use_required_attribute = False

    note = forms.CharField(
        required=False,
        max_length=2_000,
        label=lazy("Note"),
        help_text=lazy("For colleagues; it is not sent."),
        widget=forms.Textarea(attrs={"rows": 2, "class": "short"}),
    )
    client_label = forms.CharField(
        required=False, max_length=100, label=lazy("Client"), help_text=lazy("Whom it is for; it is not sent.")
    )

    def show_errors(self, errors: dict[str, list[str]]) -> None:
        """Put each sentence at its field; what belongs to no field stands above the form."""
        # Checked elsewhere: this form's own cleaning must not add a second opinion.
        self.cleaned_data = {}
        self._errors = forms.utils.ErrorDict()
        for name, sentences in errors.items():
            field = name if name in self.fields else None
            for sentence in sentences:
                self.add_error(field, sentence)

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields that the hub keeps for itself."""
        return [self["client_label"], self["note"]]


class OrderForm(ShownForm):
    """The fields of one service's type; what is typed is checked by `orders.placement.validation`.

    ``rules`` decide the fields; a type the hub does not know has raw parameters.
    """

    def __init__(self, data: Any = None, *, rules: Rules, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.parameters = rules.parameters if rules.known else (LINK, QUANTITY, RAW)
        own = {parameter.name: _field(parameter, rules) for parameter in self.parameters}
        self.fields = {**own, **self.fields}

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields of the type, in their order."""
        return [self[parameter.name] for parameter in self.parameters]


def _field(parameter: Parameter, rules: Rules) -> forms.Field:
    widget = _widget(parameter)
    if parameter.when:
        widget.attrs["data-when"] = "=".join(parameter.when)
    return forms.CharField(
        required=parameter.required,
        label=parameter.label,
        help_text=_help(parameter, rules),
        widget=widget,
        strip=False,
    )


def _widget(parameter: Parameter) -> forms.Widget:
    plain = {"autocomplete": "off", "spellcheck": "false"}
    match parameter.kind:
        case Kind.LINES:
            return forms.Textarea(attrs={"rows": 7, "maxlength": MAX_TEXT, "spellcheck": "false"})
        case Kind.CHOICE:
            return PlainSelect(choices=[("", _("Please choose")), *parameter.choices])
        case Kind.NUMBER:
            return PlainInput(attrs={**plain, "inputmode": "numeric", "class": "number"})
        case Kind.DATE:
            return PlainInput(attrs={**plain, "placeholder": _("day/month/year")})
        case Kind.LINK:
            return PlainInput(attrs={**plain, "inputmode": "url", "placeholder": "https://"})
    return PlainInput(attrs=plain)


def _help(parameter: Parameter, rules: Rules) -> str:
    """What the type says of a parameter, and the limits of the service where they apply to it."""
    known = rules.known
    counted = known is not None and parameter.name in {"quantity", known.counted, "min", "max"}
    limits = describe_limits(rules.service.min_quantity, rules.service.max_quantity) if counted else ""
    return " ".join(part for part in (str(parameter.help), limits) if part)


def describe_limits(lowest: int | None, highest: int | None) -> str:
    """The limits of a service as a short sentence; "" when none is stated."""
    if lowest is not None and highest is not None:
        return _("From %(lowest)s to %(highest)s.") % {
            "lowest": format_number(lowest),
            "highest": format_number(highest),
        }
    if lowest is not None:
        return _("At least %(lowest)s.") % {"lowest": format_number(lowest)}
    if highest is not None:
        return _("At most %(highest)s.") % {"highest": format_number(highest)}
    return ""
