"""The form of a provider account: what may be typed, and a sentence for each thing that may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from panelhub.encryption.vault import SecretUnreadable
from providers.accounts import services as accounts_services
from providers.models import Provider

if TYPE_CHECKING:
    ProviderModelForm = forms.ModelForm[Provider]
else:
    ProviderModelForm = forms.ModelForm

LONGEST_KEY: Final = 500
# What decides whether a key works.
KEY_FIELDS: Final = ("dialect", "api_url", "new_key")


class ProviderForm(ProviderModelForm):
    """An account as administrators see it. The key goes in and never comes out."""

    api_url = forms.CharField(
        label=gettext_lazy("API URL"),
        max_length=300,
        widget=forms.URLInput(attrs={"class": "vURLField"}),
        help_text=gettext_lazy("As shown on the provider’s API page, such as https://panel.example/api/v2"),
    )
    new_key = forms.CharField(
        label=gettext_lazy("API key"),
        max_length=LONGEST_KEY,
        required=False,
        # Nothing that was typed is ever sent back, not even with an error.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"}),
    )
    overrides = forms.JSONField(
        label=gettext_lazy("dialect overrides"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80, "class": "vLargeTextField"}),
        help_text=gettext_lazy(
            'Where this account differs from its document, for instance {"actions": {"multi_status": {"name": '
            '"multi_status"}}, "limits": {"multi_status": 50}, "without": ["cancel"]}'
        ),
    )

    class Meta:
        model = Provider
        fields: ClassVar = [
            *("name", "dialect", "api_url", "overrides", "is_active", "requests_per_minute", "currency"),
            *("low_balance", "price_jump_percent", "refill_pause_hours", "package_billing", "decimal_comma"),
            "rate_limit_is_unknown",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provider = self.instance
        if provider._state.adding:
            self.fields["new_key"].required = True
            self.fields["new_key"].help_text = _("Stored encrypted and never shown again.")
            return
        self.fields["new_key"].help_text = _describe_key(provider)
        if accounts_services.is_in_use(provider):
            fixed = _("Can’t be changed because there are orders.")
            # Whoever may only look gets a form without fields.
            for name in self.fields.keys() & set(accounts_services.FIXED_IN_USE):
                self.fields[name].help_text = fixed

    def clean_api_url(self) -> str:
        """Return an address that the wire would call."""
        url = str(self.cleaned_data["api_url"]).strip()
        if fault := accounts_services.find_fault_with_url(url, is_sandbox=self.instance.is_sandbox):
            raise forms.ValidationError(fault)
        return url

    @sensitive_variables("key")
    def clean_new_key(self) -> str:
        """Return a key without blanks inside, or nothing."""
        key = str(self.cleaned_data["new_key"]).strip()
        if any(not letter.isprintable() or letter.isspace() for letter in key):
            raise forms.ValidationError(_("A key can’t contain spaces or control characters."))
        return key

    def clean_overrides(self) -> dict[str, Any]:
        """Nothing is the same as no override."""
        return self.cleaned_data["overrides"] or {}

    def clean(self) -> dict[str, Any]:
        """Return what only shows when the fields are taken together."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        overrides = cleaned.get("overrides") if "overrides" in self.fields else self.instance.overrides
        if "dialect" in cleaned and overrides is not None:
            fault = accounts_services.find_fault_with_overrides(cleaned["dialect"], overrides)
            if fault:
                self.add_error("overrides" if "overrides" in self.fields else "dialect", fault)
        if not self.instance._state.adding:
            # Only after this does Django put what was typed on the instance.
            for name, sentence in accounts_services.find_forbidden_changes(self.instance, cleaned).items():
                self.add_error(name, sentence)
            if (
                "api_url" in cleaned
                and not cleaned.get("new_key")
                and accounts_services.needs_key_again(self.instance, cleaned["api_url"])
            ):
                self.add_error("new_key", _("The URL is on another server. Enter the key again."))
        return cleaned


def _describe_key(provider: Provider) -> str:
    try:
        tail = provider.key_tail
    except SecretUnreadable:
        return _("The key can’t be read. Enter it again.")
    state = _("ends in %(tail)s") % {"tail": tail} if tail else _("is set")
    return _("The key %(state)s. Leave empty to keep it.") % {"state": state}


def has_key_tail(provider: Provider) -> bool:
    """Return whether enough of a key can be shown to distinguish it; an unreadable one has nothing to show."""
    try:
        return bool(provider.key_tail)
    except SecretUnreadable:
        return False
