"""Forms of clients: their details, the month of a report, and the confirmation before they are anonymised."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.models import Client, key_of_name
from panelhub.ui.fields import is_usable

if TYPE_CHECKING:
    ClientBase = forms.ModelForm[Client]
else:
    ClientBase = forms.ModelForm

HIGHEST_MARKUP: Final = Decimal(10_000)
MOST_PEOPLE: Final = 500


class ClientForm(ClientBase):
    """What people enter about a client; the markup only those who see costs."""

    use_required_attribute = False
    markup = forms.DecimalField(
        label=lazy("Default markup"),
        help_text=lazy("Added to the charge of orders placed from now on. Earlier orders keep theirs."),
        min_value=Decimal(-100),
        max_value=HIGHEST_MARKUP,
        max_digits=7,
        decimal_places=2,
        required=False,
    )

    class Meta:
        model = Client
        fields = ("name", "manager", "markup", "notes")
        widgets = {"notes": forms.Textarea(attrs={"rows": 5})}
        help_texts = {"markup": "", "notes": lazy("Only people in the hub see notes.")}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managers: Any = self.fields["manager"]
        people = get_user_model()._default_manager.filter(is_active=True).order_by("username")
        managers.queryset = people[:MOST_PEOPLE] if people.count() <= MOST_PEOPLE else people
        managers.empty_label = _("No one")
        if not user.has_perm("orders.view_cost"):
            del self.fields["markup"]

    def clean_name(self) -> str:
        typed = str(self.cleaned_data["name"])
        name = " ".join("".join(mark if mark.isprintable() else " " for mark in typed).split())
        if not name:
            raise ValidationError(_("Enter a name."))
        # Names from before that differ in their spelling alone stay as they are.
        if "name" in self.changed_data:
            same = Client.objects.filter(key=key_of_name(name)).exclude(pk=self.instance.pk)
            if same.exists():
                raise ValidationError(_("This name is already in use."))
        return name

    def clean_notes(self) -> str:
        notes = str(self.cleaned_data["notes"]).replace("\r\n", "\n")
        return "".join(mark for mark in notes if mark == "\n" or mark.isprintable()).strip()

    def clean_markup(self) -> Decimal:
        return self.cleaned_data["markup"] or Decimal(0)

    def changes(self) -> dict[str, Any]:
        """Return what was entered, by field."""
        return {name: self.cleaned_data[name] for name in self.fields}

    # What is entered is written by `orders.clients.services`, which locks the row first.
    def _post_clean(self) -> None:
        """Leave the row as it is."""


def read_month(typed: str) -> date:
    """Return the first day of a month written as ``2026-11``; this month for anything else, and for later ones."""
    today = timezone.localdate()
    year, _dash, month = typed.partition("-")
    if year.isascii() and year.isdigit() and len(year) == 4 and month.isascii() and month.isdigit() and len(month) == 2:
        try:
            day = date(int(year), int(month), 1)
        except ValueError:
            return today.replace(day=1)
        if is_usable(day) and day <= today:
            return day
    return today.replace(day=1)
