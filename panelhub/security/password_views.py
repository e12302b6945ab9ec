"""Changing one's own password, the current one asked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from panelhub import audit
from panelhub.security.handed_passwords import MUST_CHANGE, handed_lately, note_own_password


class OwnPasswordForm(PasswordChangeForm):
    """The current password, and a new one twice."""

    def clean_new_password1(self) -> Any:
        """Return a new password that is another one."""
        password = self.cleaned_data["new_password1"]
        if password and self.user.check_password(password):
            raise ValidationError(_("Choose a different password."))
        return password


class OwnPasswordView(PasswordChangeView):
    """Change one's own password; needed before anything else when someone else set it."""

    form_class = OwnPasswordForm
    template_name = "panelhub/security/password.html"
    success_url = reverse_lazy("home")
    http_method_names = ("get", "head", "post")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        must_change = bool(self.request.session.get(MUST_CHANGE))
        handed = handed_lately(self.request.user) if must_change else None
        return {**super().get_context_data(**kwargs), "must_change": must_change, "handed": handed}

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        note_own_password(form.user)
        self.request.session.pop(MUST_CHANGE, None)
        audit.record(form.user, "person.password_changed", form.user, str(form.user), request=self.request)
        messages.success(self.request, _("Password changed."))
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        answer = super().form_invalid(form)
        answer.status_code = 422
        return answer
