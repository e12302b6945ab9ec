"""What administrators type about people and rules, checked in sentences before it is kept."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.models import ExchangeRate, HubRules, Person
from panelhub.security.reach import reaches_beyond

if TYPE_CHECKING:
    PersonBase = forms.ModelForm[Person]
    RulesBase = forms.ModelForm[HubRules]
    RateBase = forms.ModelForm[ExchangeRate]
else:
    PersonBase = RulesBase = RateBase = forms.ModelForm

LONGEST_PAUSE: Final = 300
_CODE: Final = re.compile(r"[A-Z]{3,5}")
ZERO_HOLDS: Final = lazy("Empty: as the rules of the hub say. 0: every order is held.")


def _not_negative(amount: Decimal | None) -> Decimal | None:
    if amount is not None and amount < 0:
        raise ValidationError(_("An amount below nought makes no sense here; leave it empty for no limit."))
    return amount


def _read_code(text: str) -> str:
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise ValidationError(_("A currency is written as its code of capital letters, like USD or TRY."))
    return code


class PersonForm(PersonBase):
    """What one person may see and spend."""

    actor: Any = None
    """Whoever fills the form in, where it chooses the person too."""

    class Meta:
        model = Person
        fields = ("user", "all_providers", "providers", "daily_limit", "no_limit", "second_person_above")
        help_texts = {
            "daily_limit": lazy(
                "In the hub's currency, of all orders made in a day. 0: no orders. "
                "Until there is an amount here or below, or “no spending limit” is ticked, this person can't order."
            ),
            "second_person_above": ZERO_HOLDS,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "no_limit" in self.fields:
            # No one spends without limit because a box was overlooked.
            self.initial["no_limit"] = False

    def clean_user(self) -> Any:
        person = self.cleaned_data["user"]
        if self.actor is not None and not self.actor.is_superuser:
            if person.pk == self.actor.pk:
                raise ValidationError(_("You can't set your own limits."))
            if reaches_beyond(person, self.actor):
                raise ValidationError(_("This person has rights beyond your own."))
        return person

    def clean_daily_limit(self) -> Decimal | None:
        return _not_negative(self.cleaned_data["daily_limit"])

    def clean_second_person_above(self) -> Decimal | None:
        return _not_negative(self.cleaned_data["second_person_above"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned and cleaned.get("daily_limit") is not None:
            cleaned["no_limit"] = False
        return cleaned


class HubRulesForm(RulesBase):
    """The rules for everybody."""

    class Meta:
        model = HubRules
        fields = ("currency", "second_person_above", "charge_without_ceiling", "undo_seconds")
        help_texts = {
            "currency": lazy("Spending limits, the amount below and sums over several providers are in it."),
            "undo_seconds": lazy(
                "How long an order waits before it is sent, with a button to take it back. 0: it leaves at once; "
                "each order is shown once more before it is placed in any case."
            ),
        }

    def clean_currency(self) -> str:
        return _read_code(self.cleaned_data["currency"])

    def clean_second_person_above(self) -> Decimal | None:
        return _not_negative(self.cleaned_data["second_person_above"])

    def clean_charge_without_ceiling(self) -> Decimal | None:
        return _not_negative(self.cleaned_data["charge_without_ceiling"])

    def clean_undo_seconds(self) -> int:
        seconds = int(self.cleaned_data["undo_seconds"])
        if seconds > LONGEST_PAUSE:
            sentence = _("At most %(count)s seconds: an order that may wait longer is better placed later.")
            raise ValidationError(sentence % {"count": LONGEST_PAUSE})
        return seconds


class ExchangeRateForm(RateBase):
    """What one unit of a currency is worth."""

    class Meta:
        model = ExchangeRate
        fields = ("currency", "day", "rate", "source")
        help_texts = {"rate": lazy("In the hub's currency: with USD as the hub's, one TRY may be worth 0.024.")}

    def clean_currency(self) -> str:
        code = _read_code(self.cleaned_data["currency"])
        if code == HubRules.load().currency:
            raise ValidationError(_("%(currency)s is the hub's own currency: it needs no rate.") % {"currency": code})
        return code

    def clean_rate(self) -> Any:
        rate = self.cleaned_data["rate"]
        if rate <= 0:
            raise ValidationError(_("One unit of a currency is worth more than nought."))
        return rate
