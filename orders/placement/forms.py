"""What people type about orders: the filters of the list, and the form of an order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.order_types import LINK, MAX_TEXT, QUANTITY, Parameter, ParameterKind
from orders.placement.service_rules import Rules
from panelhub.ui.formatting import format_number
from panelhub.ui.widgets import PlainInput, PlainSelect

RAW = Parameter(
    "raw",
    lazy("Parameters"),
    ParameterKind.LINES,
    help=lazy("One name=value per line, sent as typed. \\n is a line break."),
)


class ClientInput(PlainInput):
    """A field for the name of a client that suggests those there are; a new name can be typed."""

    def __init__(self) -> None:
        super().__init__(
            attrs={
                "list": "client-names",
                "autocomplete": "off",
                "hx-get": reverse_lazy("orders:client_names"),
                "hx-target": "#client-names",
                "hx-trigger": "focus once, input changed delay:200ms",
                "hx-sync": "this:replace",
            }
        )

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return super().render(name, value, attrs, renderer) + SafeString('<datalist id="client-names"></datalist>')


def client_field() -> forms.CharField:
    """Return the field of forms for whom something is ordered."""
    return forms.CharField(
        required=False,
        max_length=100,
        label=lazy("Client"),
        help_text=lazy("Not sent to the provider."),
        widget=ClientInput,
    )


class ShownForm(forms.Form):
    """A form for showing only: what is typed is checked elsewhere, and its sentences are put here."""

    use_required_attribute = False

    note = forms.CharField(
        required=False,
        max_length=2_000,
        label=lazy("Note"),
        help_text=lazy("Not sent to the provider."),
        widget=forms.Textarea(attrs={"rows": 2, "class": "short"}),
    )
    client_label = client_field()

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
        """Return the fields that only the hub uses."""
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
        case ParameterKind.LINES:
            return forms.Textarea(attrs={"rows": 7, "maxlength": MAX_TEXT, "spellcheck": "false"})
        case ParameterKind.CHOICE:
            return PlainSelect(choices=[("", _("Choose")), *parameter.choices])
        case ParameterKind.NUMBER:
            return PlainInput(attrs={**plain, "inputmode": "numeric", "class": "number"})
        case ParameterKind.DATE:
            return PlainInput(attrs={**plain, "placeholder": _("day/month/year")})
        case ParameterKind.LINK:
            return PlainInput(attrs={**plain, "inputmode": "url", "placeholder": "https://", "autofocus": True})
    return PlainInput(attrs=plain)


def _help(parameter: Parameter, rules: Rules) -> str:
    """Return what the type says of a parameter, and the limits of the service where they apply to it."""
    known = rules.known
    counted = known is not None and parameter.name in {"quantity", known.counted, "min", "max"}
    limits = describe_limits(rules.service.min_quantity, rules.service.max_quantity) if counted else ""
    return " ".join(part for part in (str(parameter.help), limits) if part)


def describe_limits(lowest: int | None, highest: int | None) -> str:
    """Return the limits of a service as a short sentence; "" when none is stated."""
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
