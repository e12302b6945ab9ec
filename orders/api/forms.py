"""The forms behind the pages of the API: tokens, and how a thing is offered to programs."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.models import ApiToken, OpenService
from orders.permissions import open_services_for
from panelhub.security.reach import people_within_reach, reaches_beyond

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

MOST_ADDRESSES: Final = 50
MOST_SERVICES: Final = 2_000
FASTEST: Final = 6_000


class TokenForm(ModelForm):
    """What a program may do: from where, how often, and which of the open services."""

    allowed_from = forms.CharField(
        required=False,
        label=lazy("Allowed addresses"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "short", "placeholder": "192.0.2.10\n2001:db8::/32"}),
        help_text=lazy("IP addresses or networks, one per line. Leave empty to allow any address."),
        max_length=4_000,
    )
    may_order = forms.ChoiceField(
        required=False,
        label=lazy("Services"),
        choices=[("all", lazy("All open services")), ("chosen", lazy("Only these services"))],
        widget=forms.RadioSelect,
    )
    only = forms.CharField(
        required=False,
        label=lazy("Only these services"),
        help_text=lazy("Open service numbers, separated by commas. If empty, the token can’t place orders."),
        max_length=20_000,
    )
    requests_per_minute = forms.IntegerField(
        required=False, label=lazy("Requests per minute"), min_value=1, max_value=FASTEST, initial=300
    )

    class Meta:
        model = ApiToken
        fields = ("name", "requests_per_minute", "refuse_duplicates")

    def __init__(self, *args: Any, reader: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader
        self.had: set[int] = set(self.instance.services.values_list("pk", flat=True)) if self.instance.pk else set()
        if self.instance.pk:
            self.initial["allowed_from"] = "\n".join(self.instance.addresses)
            self.initial["only"] = ", ".join(map(str, sorted(self.had)))
        self.initial["may_order"] = "chosen" if self.instance.pk and not self.instance.all_services else "all"

    def clean(self) -> Any:
        given = super().clean() or self.cleaned_data
        # A script that posts no choice means the services it names, or leaves the choice as it is.
        chosen = "chosen" if given.get("only") else self.initial["may_order"]
        given["may_order"] = given.get("may_order") or chosen
        return given

    def clean_requests_per_minute(self) -> int:
        return int(self.cleaned_data["requests_per_minute"] or self.instance.requests_per_minute)

    def clean_allowed_from(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["allowed_from"].splitlines() if line.strip()]
        if len(lines) > MOST_ADDRESSES:
            raise forms.ValidationError(_("At most %(count)s addresses.") % {"count": MOST_ADDRESSES})
        for line in lines:
            try:
                ip_network(line, strict=False)
            except ValueError:
                raise forms.ValidationError(_("“%(line)s” isn’t an IP address.") % {"line": line[:60]}) from None
        return lines

    def clean_only(self) -> list[int]:
        parts = [part.strip() for part in self.cleaned_data["only"].split(",") if part.strip()]
        bad = next((part for part in parts if not (part.isascii() and part.isdigit() and len(part) < 19)), None)
        if bad is not None:
            raise forms.ValidationError(_("“%(part)s” isn’t a number.") % {"part": bad[:60]})
        if len(parts) > MOST_SERVICES:
            raise forms.ValidationError(_("At most %(count)s services.") % {"count": MOST_SERVICES})
        wanted = {int(part) for part in parts}
        visible = open_services_for(self.reader).filter(pk__in=wanted)
        # What the token had already stays its own, whoever looks at it.
        known = {*visible.values_list("pk", flat=True), *self.had}
        unknown = wanted - known
        if unknown:
            numbers = ", ".join(map(str, sorted(unknown)[:10]))
            raise forms.ValidationError(_("Not open: %(numbers)s.") % {"numbers": numbers})
        return sorted(wanted)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        self.instance.addresses = self.cleaned_data["allowed_from"]
        self.instance.all_services = self.cleaned_data["may_order"] == "all"
        token = super().save(commit=commit)
        token.services.set(self.cleaned_data["only"])
        return token


class NewTokenForm(TokenForm):
    """Create a token, for oneself, or as an administrator for anyone."""

    person: Any = forms.ModelChoiceField(
        queryset=None,
        required=False,
        label=lazy("Person"),
        help_text=lazy(
            "The token uses this person’s role, providers and spending limit. Leave empty for "
            "yourself. For another person, the token is shown to them once, at their next login."
        ),
    )
    field_order = ("name", "person", "requests_per_minute", "allowed_from", "may_order", "only", "refuse_duplicates")

    def __init__(self, *args: Any, maker: Any, may_choose: bool, **kwargs: Any) -> None:
        super().__init__(*args, reader=maker, **kwargs)
        self.maker = maker
        person: Any = self.fields["person"]
        if may_choose:
            person.queryset = people_within_reach(maker).filter(is_active=True).order_by("username")
        else:
            del self.fields["person"]

    def clean_person(self) -> Any:
        person = self.cleaned_data["person"]
        if person is not None and person.pk != self.maker.pk:
            if reaches_beyond(person, self.maker):
                raise forms.ValidationError(_("This person has permissions you don’t have."))
            if not person.has_perm("orders.add_apitoken"):
                raise forms.ValidationError(_("This person may not use API tokens."))
        return person


class OpenServiceForm(ModelForm):
    """How one thing is offered: under which name, at which markup, whether at all."""

    class Meta:
        model = OpenService
        fields = ("is_open", "name", "share", "addition")
        help_texts = {
            "name": lazy("Leave empty to use the provider’s name."),
            "share": lazy("In percent. Leave empty to use the provider’s markup."),
            "addition": lazy("In the hub’s currency, added to the rate. Leave empty to use the provider’s."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, lowest in (("share", -100), ("addition", None)):
            self.fields[name].min_value = lowest  # type: ignore[attr-defined]
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "number"})

    def clean_share(self) -> Any:
        share = self.cleaned_data["share"]
        if share is not None and share < -100:
            raise forms.ValidationError(_("The price can’t be negative."))
        return share


class MarkupForm(forms.Form):
    """The markup of each provider: ``share_<key>`` and ``addition_<key>``."""

    def __init__(self, *args: Any, providers: Any, markups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = list(providers)
        for key in self.keys:
            known = markups.get(key)
            amount: dict[str, Any] = {"widget": forms.TextInput(attrs={"inputmode": "decimal", "class": "number"})}
            self.fields[f"share_{key}"] = forms.DecimalField(
                label=lazy("Markup, %"), min_value=-100, max_value=10_000, max_digits=9, decimal_places=4,
                initial=known.share.normalize() if known else 0, **amount,
            )  # fmt: skip
            self.fields[f"addition_{key}"] = forms.DecimalField(
                label=lazy("Added to the rate"), min_value=-1_000_000, max_value=1_000_000_000, max_digits=30,
                decimal_places=10, initial=known.addition.normalize() if known else 0, **amount,
            )  # fmt: skip

    def rows(self) -> list[tuple[int, Any, Any]]:
        """Return provider, and its two fields."""
        return [(key, self[f"share_{key}"], self[f"addition_{key}"]) for key in self.keys]

    def wanted(self) -> dict[int, tuple[Any, Any]]:
        """Return what was entered, by provider."""
        given = self.cleaned_data
        return {key: (given[f"share_{key}"], given[f"addition_{key}"]) for key in self.keys}
