"""When the orders of a schedule are made, as it is typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.models import Schedule
from orders.models.schedules import GRACE_HOURS
from orders.schedules.recurrence import zone_names
from orders.schedules.services import Timing
from panelhub.ui.widgets import PlainDate, PlainInput, PlainSelect

MOST_TIMES: Final = 1_000
MOST_GRACE: Final = 168
Repeat = Schedule.Repeat
# Which fields belong to which ways to repeat; the script shows those alone.
SPREAD: Final = {"data-when": "repeat=spread"}
RECURRING: Final = {"data-when": "repeat=daily|weekly|monthly"}


class ClockInput(forms.TimeInput):
    """A clock time, as browsers write it."""

    input_type = "time"
    render = PlainInput.render

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class TimingForm(forms.Form):
    """The first day, the clock time and its zone, and how the orders repeat."""

    use_required_attribute = False

    repeat = forms.ChoiceField(label=lazy("Repeat"), choices=Repeat.choices, widget=PlainSelect)
    start_date = forms.DateField(label=lazy("First day"), widget=PlainDate)
    start_time = forms.TimeField(label=lazy("Time"), widget=ClockInput)
    time_zone = forms.ChoiceField(label=lazy("Time zone"), widget=PlainSelect)
    days = forms.IntegerField(
        label=lazy("Days"),
        required=False,
        min_value=2,
        max_value=MOST_TIMES,
        help_text=lazy("Orders the quantity above once a day, this many times."),
        widget=PlainInput(attrs={"inputmode": "numeric", "class": "number", "autocomplete": "off", **SPREAD}),
    )
    until = forms.DateField(
        label=lazy("Last day"), required=False, help_text=lazy("Empty for no end."), widget=PlainDate
    )
    count = forms.IntegerField(
        label=lazy("Number of times"),
        required=False,
        min_value=1,
        max_value=MOST_TIMES,
        help_text=lazy("Skipped and missed orders count."),
        widget=PlainInput(attrs={"inputmode": "numeric", "class": "number", "autocomplete": "off", **RECURRING}),
    )
    grace_hours = forms.IntegerField(
        label=lazy("Grace period, hours"),
        min_value=1,
        max_value=MOST_GRACE,
        initial=GRACE_HOURS,
        help_text=lazy("After an outage, only the latest missed order is placed, and only within this many hours."),
        widget=PlainInput(attrs={"inputmode": "numeric", "class": "number", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, zone: str = "") -> None:
        tomorrow = timezone.localdate() + timedelta(days=1)
        initial = {
            "repeat": Repeat.ONCE,
            "start_date": tomorrow,
            "start_time": "09:00",
            "time_zone": zone or settings.TIME_ZONE,
        }
        super().__init__(data, initial=initial)
        names: Any = self.fields["time_zone"]
        names.choices = [(name, name.replace("_", " ")) for name in dict.fromkeys((settings.TIME_ZONE, *zone_names()))]
        self.fields["until"].widget.attrs.update(RECURRING)
        if not zone:
            self.fields["time_zone"].widget.attrs["data-browser-zone"] = ""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        repeat = given.get("repeat")
        if repeat == Repeat.SPREAD and not given.get("days") and "days" not in self.errors:
            self.add_error("days", _("This field is required."))
        start, until = given.get("start_date"), given.get("until")
        if repeat in (Repeat.DAILY, Repeat.WEEKLY, Repeat.MONTHLY) and start and until and until < start:
            self.add_error("until", _("The last day is before the first."))
        return given

    def timing(self) -> Timing:
        """Return what was typed, without the fields that do not belong to the way it repeats."""
        given = self.cleaned_data
        repeat = given["repeat"]
        is_recurring = repeat in (Repeat.DAILY, Repeat.WEEKLY, Repeat.MONTHLY)
        return Timing(
            repeat=repeat,
            time_zone=given["time_zone"],
            start_date=given["start_date"],
            start_time=given["start_time"].replace(second=0, microsecond=0),
            until=given["until"] if is_recurring else None,
            count=given["days"] if repeat == Repeat.SPREAD else given["count"] if is_recurring else None,
            grace_hours=given["grace_hours"],
        )
