"""Fields that take only what every database, zone and calculation of the hub can hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# A day more or less, or the zone farthest away, never leads out of what a date can be.
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2999


def is_usable(day: date | datetime) -> bool:
    """Return whether dates can be reckoned with around this one."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def check_year(day: date | datetime | None) -> None:
    """Refuse a date that lies centuries away; raises ``ValidationError``."""
    if day is not None and not is_usable(day):
        raise ValidationError(
            _("Enter a year between %(first)s and %(last)s."), params={"first": FIRST_YEAR, "last": LAST_YEAR}
        )


class DayField(forms.DateField):
    """A day between 1970 and 2999."""

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        check_year(day)
        return day


class MomentField(forms.DateTimeField):
    """A moment between 1970 and 2999."""

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        check_year(moment)
        return moment
