"""Changing one's own password: the current one is asked, and guesses at it are counted like those of a login."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from panelhub import audit
from panelhub.security.handed_passwords import MUST_CHANGE, handed_lately, note_own_password
from panelhub.security.login_throttle import forget_wrong, is_locked, network_of, note_wrong, turn
from panelhub.security.sessions import end_tokens, has_tokens


class TokenChoice(forms.Form):
    """The box that ends the API tokens of a person together with their password; shown to whoever has one."""

    user: Any
    tokens = forms.BooleanField(required=False, label=gettext_lazy("Also revoke my API tokens"))

    def leave_out_tokens(self) -> None:
        """Leave the box out for a person without tokens, and under a link that names no one."""
        if self.user is None or not has_tokens(self.user):
            del self.fields["tokens"]


class OwnPasswordForm(PasswordChangeForm, TokenChoice):
    """The current password, and a new one twice."""

    field_order = ("old_password", "new_password1", "new_password2", "tokens")

    def __init__(self, *args: Any, network: str | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.network = network
        self.leave_out_tokens()

    def clean_old_password(self) -> str:
        """Return the current password; a wrong one counts as a wrong guess at a login does."""
        with turn() as came:
            if not came:
                raise ValidationError(_("Too many passwords are being checked. Try again in a moment."))
            try:
                return super().clean_old_password()
            except ValidationError:
                note_wrong(self.user.get_username(), self.network)
                raise

    def clean_new_password1(self) -> Any:
        """Return a new password that is another one."""
        password = self.cleaned_data["new_password1"]
        # Not before the current one was right: this compares passwords, too.
        if password and self.cleaned_data.get("old_password") == password:
            raise ValidationError(_("Choose a different password."))
        return password


class OwnPasswordView(PasswordChangeView):
    """Change one's own password; needed before anything else when someone else set it."""

    form_class = OwnPasswordForm
    template_name = "panelhub/security/password.html"
    success_url = reverse_lazy("home")
    http_method_names = ("get", "head", "post")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change the password, unless too many wrong ones came before."""
        if is_locked(request.user.get_username(), network_of(request)):
            return render(request, "registration/locked.html", status=429)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "network": network_of(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        must_change = bool(self.request.session.get(MUST_CHANGE))
        handed = handed_lately(self.request.user) if must_change else None
        return {**super().get_context_data(**kwargs), "must_change": must_change, "handed": handed}

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        note_changed_password(form, self.request)
        forget_wrong(form.user.get_username(), network_of(self.request))
        self.request.session.pop(MUST_CHANGE, None)
        messages.success(self.request, _("Password changed."))
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        answer = super().form_invalid(form)
        answer.status_code = 422
        return answer


def note_changed_password(form: Any, request: HttpRequest) -> None:
    """Keep that a person chose their password themselves, and end their tokens where they ticked that."""
    note_own_password(form.user)
    audit.record(form.user, "person.password_changed", form.user, str(form.user), request=request)
    if form.cleaned_data.get("tokens") and (stopped := end_tokens(form.user, request=request)):
        text = ngettext("%(count)d API token revoked.", "%(count)d API tokens revoked.", stopped)
        messages.success(request, text % {"count": stopped})
