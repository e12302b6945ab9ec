"""How long an order can be refilled, and how often the hub requests it, as they are typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.aftercare.refill_rules import MOST_DAYS as MOST_INTERVAL
from orders.aftercare.refill_windows import MOST_DAYS
from panelhub.ui.widgets import PlainCheckbox, PlainInput


class RefillCareForm(forms.Form):
    """Two small forms of the order's page in one: the window (days, or a lifetime) and the rule."""

    use_required_attribute = False
    numeric = {"inputmode": "numeric", "class": "number", "autocomplete": "off"}

    days = forms.IntegerField(
        label=lazy("Days from completion"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        widget=PlainInput(attrs=numeric),
    )
    lifetime = forms.BooleanField(label=lazy("Lifetime refill"), required=False, widget=PlainCheckbox)
    every_days = forms.IntegerField(
        label=lazy("Days between requests"),
        required=False,
        min_value=1,
        max_value=MOST_INTERVAL,
        widget=PlainInput(attrs=numeric),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        if "window" in self.data:
            if given.get("lifetime"):
                given["days"] = None
            elif not given.get("days") and "days" not in self.errors:
                self.add_error("days", _("Enter a number of days, or choose a lifetime."))
        return given
