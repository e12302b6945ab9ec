"""Forms of routes: what a route is, and an order through one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.models import Route
from orders.placement.forms import client_field
from panelhub.ui.widgets import PlainInput, PlainSelect
from providers.models import MONEY
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES

if TYPE_CHECKING:
    RouteBase = forms.ModelForm[Route]
else:
    RouteBase = forms.ModelForm

MOST_SERVICES: Final = 50
LARGEST: Final = 10**15
COSTS: Final = ("highest_rate",)
CONDITIONS: Final = ("needs_refill", "needs_cancel", "needs_dripfeed")
WEIGHTS: Final = ("weight_price", "weight_speed", "weight_completion")


class RouteForm(RouteBase):
    """Name, rule and conditions of a route; who may not see costs leaves the highest price as it is."""

    least_percent = forms.IntegerField(
        required=False, min_value=0, max_value=100, label=lazy("Lowest completion"), widget=PlainInput
    )
    patience_minutes = forms.IntegerField(
        min_value=1,
        max_value=60 * 24 * 30,
        label=lazy("Wait for a paused provider"),
        widget=PlainInput,
        help_text=lazy("After this, an order that wasn’t sent is moved to the next service."),
    )

    class Meta:
        model = Route
        fields = (
            *("name", "platform", "kind", "rule", *WEIGHTS, *CONDITIONS, "highest_rate"),
            *("min_quantity", "max_quantity", "patience_minutes", "buys_rest", "is_active", "note"),
        )
        widgets: Final = {
            "name": PlainInput,
            "rule": forms.RadioSelect,
            "highest_rate": PlainInput,
            "min_quantity": PlainInput,
            "max_quantity": PlainInput,
            "note": forms.Textarea(attrs={"rows": 2}),
        }
        labels: Final = {
            "name": lazy("Name"),
            "rule": lazy("Which service is taken"),
            "weight_price": lazy("Price"),
            "weight_speed": lazy("Speed"),
            "weight_completion": lazy("Completion"),
            "needs_refill": lazy("Refill"),
            "needs_cancel": lazy("Cancel"),
            "needs_dripfeed": lazy("Drip-feed"),
            "highest_rate": lazy("Highest price per 1,000"),
            "min_quantity": lazy("Minimum"),
            "max_quantity": lazy("Maximum"),
            "buys_rest": lazy("Buy what’s left of a partial order at the next service"),
            "is_active": lazy("Can be ordered"),
            "note": lazy("Note"),
        }
        help_texts: Final = {"name": lazy("What you order by.")}

    def __init__(self, *args: Any, sees_cost: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["platform"] = _choice(lazy("Platform"), lazy("Any platform"), TITLES)
        self.fields["kind"] = _choice(lazy("Kind"), lazy("Any kind"), KIND_TITLES)
        share = self.instance.least_completion
        self.initial.setdefault("least_percent", None if share is None else round(share * 100))
        if not sees_cost:
            for name in COSTS:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        least, most = typed.get("min_quantity"), typed.get("max_quantity")
        for name, value in (("min_quantity", least), ("max_quantity", most)):
            if value is not None and not 0 < value <= LARGEST:
                self.add_error(name, ValidationError(_("Enter a whole number above 0.")))
        if least and most and least > most:
            self.add_error("max_quantity", ValidationError(_("The maximum is below the minimum.")))
        if typed.get("rule") == Route.Rule.SCORE and not any(typed.get(name) for name in WEIGHTS):
            self.add_error("rule", ValidationError(_("At least one weight must be above 0.")))
        return typed

    def save(self, commit: bool = True) -> Route:  # noqa: FBT001, FBT002 - Django's own signature
        percent = self.cleaned_data.get("least_percent")
        self.instance.least_completion = None if percent is None else percent / 100
        saved: Route = super().save(commit)
        return saved


def _choice(label: Any, none: Any, titles: Any) -> forms.ChoiceField:
    choices = [("", none), *sorted(titles.items(), key=lambda pair: str(pair[1]))]
    return forms.ChoiceField(required=False, label=label, widget=PlainSelect, choices=choices)


class RouteOrderForm(forms.Form):
    """An order through a route; who may not see costs has no ceiling to set."""

    link = forms.CharField(max_length=2_000, label=lazy("Link"), widget=PlainInput(attrs={"autofocus": True}))
    quantity = forms.IntegerField(min_value=1, max_value=LARGEST, label=lazy("Quantity"), widget=PlainInput)
    ceiling = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        label=lazy("Ceiling"),
        widget=PlainInput,
        help_text=lazy("The most that everything may cost together. Empty: what the most expensive service costs."),
        **MONEY,
    )
    client_label = client_field()
    note = forms.CharField(
        required=False, max_length=2_000, label=lazy("Note"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, sees_cost: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_cost:
            del self.fields["ceiling"]

    def show_errors(self, errors: Any) -> None:
        """Show the sentences of a refused order beside the fields that they are about."""
        for name, sentences in errors.items():
            field = name if name in self.fields else None
            for sentence in sentences:
                self.add_error(field, sentence)
