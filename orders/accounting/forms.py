"""Forms of the money page: which period is shown, and entries made by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.accounting.reconciliation import LONGEST
from orders.models import LedgerEntry
from panelhub.ui.fields import DayField, MomentField
from providers.permissions import VisibleProviders


class PeriodForm(forms.Form):
    """Which provider, or all of them, and from when to when; without anything the last two weeks."""

    use_required_attribute = False

    provider = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=lazy("Provider"))
    since = DayField(
        required=False, label=lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = DayField(
        required=False, label=lazy("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, *, visible: VisibleProviders) -> None:
        super().__init__(data)
        choice: Any = self.fields["provider"]
        choice.choices = [("", _("All providers")), *((pk, seen.name) for pk, seen in visible.providers.items())]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since is None or until is None:
            return given
        if since > until:
            self.add_error("until", _("The end date is before the start date."))
        elif until - since >= LONGEST:
            self.add_error("since", _("Choose at most %(days)s days.") % {"days": LONGEST.days})
        return given


class EntryForm(forms.ModelForm):
    """A top-up or an adjustment as it is typed in."""

    class Meta:
        model = LedgerEntry
        fields = ("kind", "amount", "at", "text")
        field_classes = {"at": MomentField}
        labels = {"kind": lazy("What"), "amount": lazy("Amount"), "at": lazy("When"), "text": lazy("Description")}
        widgets = {
            "at": forms.DateTimeInput(attrs={"type": "datetime-local", "class": "input"}, format="%Y-%m-%dT%H:%M")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].initial = timezone.localtime().replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        amount = given.get("amount")
        if amount is not None and not amount.is_finite():
            self.add_error("amount", _("Enter an amount."))
        elif amount == 0:
            self.add_error("amount", _("The amount can’t be zero."))
        elif amount is not None and given.get("kind") == LedgerEntry.Kind.TOP_UP and amount < 0:
            self.add_error("amount", _("A top-up must be positive. An adjustment can be negative."))
        return given
