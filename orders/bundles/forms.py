"""Forms of bundles: what a bundle consists of, and for which links it is ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.bundles.services import Part, read_parts, write_parts
from orders.models import Bundle, key_of_name
from orders.placement.forms import client_field

if TYPE_CHECKING:
    BundleBase = forms.ModelForm[Bundle]
else:
    BundleBase = forms.ModelForm

MOST_LINKS: Final = 500
_LINES: Final = {"class": "lines", "spellcheck": "false", "autocomplete": "off"}


class BundleForm(BundleBase):
    """What a bundle consists of; its services are typed as lines, as in a mass order."""

    use_required_attribute = False
    parts = forms.CharField(
        label=lazy("Services"),
        help_text=lazy("One per line: provider|service|quantity. A share such as 20% is of the quantity ordered."),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "smm.plus|1234|500", **_LINES}),
    )

    class Meta:
        model = Bundle
        fields = ("name", "parts", "note", "is_active")
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.read: list[Part] = []
        if not self.instance._state.adding:
            self.initial["parts"] = write_parts(self.instance)

    def clean_name(self) -> str:
        name = " ".join("".join(mark if mark.isprintable() else " " for mark in self.cleaned_data["name"]).split())
        key = key_of_name(name)
        if "|" in name or key.isdigit() or not key:
            raise ValidationError(_("Enter a name that isn’t a number and has no “|”."))
        if Bundle.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This name is already in use."))
        return name

    def clean_parts(self) -> str:
        text = str(self.cleaned_data["parts"])
        try:
            self.read = read_parts(text, self.user)
        except ValueError as fault:
            raise ValidationError(str(fault)) from None
        return text

    def clean_note(self) -> str:
        return "".join(mark for mark in self.cleaned_data["note"] if mark == "\n" or mark.isprintable()).strip()

    def fields_of_bundle(self) -> dict[str, Any]:
        """Return what was entered, by field."""
        return {name: self.cleaned_data[name] for name in ("name", "note", "is_active")}

    # What is entered is written by `orders.bundles.services`.
    def _post_clean(self) -> None:
        """Leave the row as it is."""


class OrderBundleForm(forms.Form):
    """For which links a bundle is ordered; what its services say of them is checked on the next page."""

    use_required_attribute = False
    links = forms.CharField(
        label=lazy("Links"),
        help_text=lazy("One per line."),
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "https://", **_LINES}),
    )
    quantity = forms.IntegerField(
        label=lazy("Quantity"),
        min_value=1,
        max_value=10**15 - 1,
        help_text=lazy("For each link, divided by the shares."),
    )
    client_label = client_field()
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, has_shares: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_shares:
            del self.fields["quantity"]

    def clean_links(self) -> list[str]:
        links = [link.strip() for link in str(self.cleaned_data["links"]).splitlines() if link.strip()]
        if len(links) > MOST_LINKS:
            raise ValidationError(_("Enter at most %(n)s links.") % {"n": MOST_LINKS})
        return links
