"""A forgotten password, set again by mail: only where mail is configured, and never telling whose address is known."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from panelhub import audit
from panelhub.background.dispatch import publish
from panelhub.http.client_ip import LONGEST_NAME
from panelhub.schedule import CLICKS
from panelhub.security.login_throttle import is_locked, network_of, note_wrong
from panelhub.security.password_views import TokenChoice, note_changed_password

# Ways of sending that reach no one.
NOWHERE: Final = ("console", "dummy", "filebased")


def has_mail() -> bool:
    """Return whether mail reaches people: a mail server is set."""
    return not any(name in settings.EMAIL_BACKEND for name in NOWHERE)


def send_reset(person: User, *, origin: str) -> None:
    """Send a person the link under which they set another password. It is good once, for an hour."""
    scheme, _colon, host = origin.partition("://")
    form = PasswordResetForm({"email": person.email})
    form.get_users = lambda email: [person]  # type: ignore[method-assign]
    if form.is_valid():
        form.save(
            domain_override=host,
            use_https=scheme == "https",
            subject_template_name="registration/password_reset_subject.txt",
            email_template_name="registration/password_reset_email.txt",
        )


class ForgottenPasswordView(PasswordResetView):
    """Ask for a link. A worker sends it, so that the answer takes as long whether someone has this address or not."""

    template_name = "panelhub/security/password_forgotten.html"
    http_method_names = ("get", "head", "post")

    @method_decorator(login_not_required)
    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_mail():
            raise Http404
        return super().dispatch(*args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        email, network = str(form.cleaned_data["email"]), network_of(self.request)
        name = f"mail:{email.lower()}"[:LONGEST_NAME]
        if is_locked(name, network):
            return render(self.request, "registration/locked.html", status=429)
        # Each request counts as a guess, so that no one's mailbox is filled and no list of addresses is tried.
        note_wrong(name, network)
        origin = settings.PANELHUB_ORIGIN or f"{self.request.scheme}://{self.request.get_host()}"
        for person in form.get_users(email):
            publish("panelhub.tasks.send_password_reset", person.pk, origin, queue=CLICKS)
            audit.record(None, "person.password_reset_requested", person, str(person), request=self.request)
        return redirect(reverse("password_forgotten_sent"))


@login_not_required
@require_safe
def show_sent(request: HttpRequest) -> HttpResponse:
    """Say that a link is on its way, if the address belongs to an account."""
    return render(request, "panelhub/security/password_forgotten.html", {"is_sent": True})


class NewPasswordForm(SetPasswordForm, TokenChoice):
    """A new password twice."""

    field_order = ("new_password1", "new_password2", "tokens")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.leave_out_tokens()


class NewPasswordView(PasswordResetConfirmView):
    """Set another password under the link; every session of the account ends, its second factor stays."""

    template_name = "panelhub/security/password_new.html"
    success_url = reverse_lazy("login")
    form_class = NewPasswordForm
    http_method_names = ("get", "head", "post")
    title = _("Choose a new password")

    @method_decorator(login_not_required)
    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Django's looks at the link first and answers any method with what it found.
        if str(self.request.method).lower() not in self.http_method_names:
            return self.http_method_not_allowed(self.request)
        return super().dispatch(*args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        note_changed_password(form, self.request)
        return answer
