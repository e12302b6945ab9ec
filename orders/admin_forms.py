"""Admin forms: validate what administrators enter about people and rules before it is saved."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.models import ExchangeRate, HubRules, Person
from panelhub.security.reach import reaches_beyond
from providers.models import Provider

if TYPE_CHECKING:
    PersonBase = forms.ModelForm[Person]
    RulesBase = forms.ModelForm[HubRules]
    RateBase = forms.ModelForm[ExchangeRate]
else:
    PersonBase = RulesBase = RateBase = forms.ModelForm

LONGEST_PAUSE: Final = 300
_CODE: Final = re.compile(r"[A-Z]{3,5}")
ZERO_HOLDS: Final = lazy("Leave empty to use the hub’s rule. 0 holds every order.")


def _not_negative(amount: Decimal | None) -> Decimal | None:
    if amount is not None and amount < 0:
        raise ValidationError(_("The amount can’t be negative. Leave it empty for no limit."))
    return amount


def _read_code(text: str) -> str:
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise ValidationError(_("Enter the currency code in capital letters, such as USD or TRY."))
    return code


def may_set_limits(actor: Any, person: Any) -> bool:
    """Return whether ``actor`` may set what ``person`` sees and spends:
    no one does for themselves, superusers aside.
    """
    return bool(actor.is_superuser or (person.pk != actor.pk and not reaches_beyond(person, actor)))


class PersonForm(PersonBase):
    """What one person may see and spend."""

    actor: Any = None
    """Whoever fills the form in, where it chooses the person too."""
    gives_all_clients = True
    """Whether whoever fills it in sees the orders of all clients: else a new person does not."""

    class Meta:
        model = Person
        fields = Person.AUDITED
        help_texts = {
            "daily_limit": lazy(
                "In the hub’s currency, for all orders made in a day. 0 allows no orders. This person "
                "can’t order until there is an amount here or below, or “no spending limit” is selected."
            ),
            "second_person_above": ZERO_HOLDS,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "no_limit" in self.fields:
            # No one spends without limit because a box was overlooked.
            self.initial["no_limit"] = False
        if self.instance._state.adding and not self.gives_all_clients:
            self.instance.all_clients = False

    def clean_user(self) -> Any:
        person = self.cleaned_data["user"]
        if self.actor is not None and not self.actor.is_superuser:
            if person.pk == self.actor.pk:
                raise ValidationError(_("You can't set your own limits."))
            if reaches_beyond(person, self.actor):
                raise ValidationError(_("This person has permissions you don’t have."))
        return person

    def clean_providers(self) -> list[Provider]:
        """Return the chosen providers, and those the person has that whoever fills the form in doesn't see."""
        field: Any = self.fields["providers"]
        chosen = list(self.cleaned_data["providers"])
        if self.instance.pk:
            chosen += self.instance.providers.exclude(pk__in=field.queryset.values("pk"))
        return chosen

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
            "currency": lazy("Used for spending limits, the amount below and totals across providers."),
            "undo_seconds": lazy(
                "How long an order waits before it is sent, with an Undo button. 0 sends it immediately. "
                "Every order has a review step either way."
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
            sentence = _("At most %(count)s seconds.")
            raise ValidationError(sentence % {"count": LONGEST_PAUSE})
        return seconds


class ExchangeRateForm(RateBase):
    """What one unit of a currency is worth."""

    class Meta:
        model = ExchangeRate
        fields = ("currency", "day", "rate", "source")
        help_texts = {"rate": lazy("In the hub’s currency. If the hub uses USD, one TRY may be worth 0.024.")}

    def clean_currency(self) -> str:
        code = _read_code(self.cleaned_data["currency"])
        if code == HubRules.load().currency:
            raise ValidationError(_("%(currency)s is the hub’s own currency and needs no rate.") % {"currency": code})
        return code

    def clean_rate(self) -> Any:
        rate = self.cleaned_data["rate"]
        if rate <= 0:
            raise ValidationError(_("The rate must be above zero."))
        return rate


class VisibleRawId(ForeignKeyRawIdWidget):
    """A field for the key of a row, which names the row to those alone who see it."""

    def __init__(self, rel: Any, admin_site: Any, visible: Any) -> None:
        super().__init__(rel, admin_site)
        self.visible = visible

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        try:
            is_visible = self.visible.filter(pk=value).exists()
        except (ValueError, OverflowError):
            is_visible = False
        return super().label_and_url_for_value(value) if is_visible else ("", "")
