"""Setting up a second factor, and showing it at login."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any, Final

import qrcode
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as otp_login

from panelhub import audit
from panelhub.encryption.vault import SecretUnreadable
from panelhub.models import Authenticator, RecoveryCodes
from panelhub.security.second_factor import LOOKED, NEEDED, forget_second_factor, has_one, must_have, take_code

logger = logging.getLogger(__name__)
CODES: Final = 10


class CodeForm(forms.Form):
    """One code, of an app or from the list of recovery codes."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=16,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        """Return the code without the blanks that apps put between its halves."""
        return "".join(str(self.cleaned_data["code"]).split()).lower()


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Set up a second factor, or see that there is one."""
    person: Any = request.user
    if has_one(person):
        if not person.is_verified():
            return redirect("second_factor_verify")
        there = {"has_one": True, "required": must_have(person), "codes_left": _codes_left(person), "form": CodeForm()}
        return render(request, "panelhub/security/second_factor.html", there)
    device, _made = Authenticator.objects.get_or_create(user=person, confirmed=False, defaults={"name": "app"})
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device.verify_token(form.cleaned_data["code"]):
            return _confirm(request, device)
        form.add_error("code", _("This code doesn’t match. Codes change every 30 seconds. Try the next one."))
    context: dict[str, Any] = {
        "form": form,
        "required": must_have(person),
        "qr": draw_code(device.address),
        "secret": " ".join(_groups(device.spelled)),
    }
    return render(request, "panelhub/security/second_factor.html", context, status=200 if not form.errors else 422)


def _confirm(request: HttpRequest, device: Authenticator) -> HttpResponse:
    person: Any = request.user
    device.confirmed = True
    device.save()
    Authenticator.objects.filter(user=person, confirmed=False).delete()
    codes = make_recovery_codes(person)
    otp_login(request, device)
    request.session[NEEDED] = True
    audit.record(person, "second_factor.set_up", person, request=request)
    return render(
        request, "panelhub/security/second_factor.html", {"has_one": True, "codes": codes, "codes_left": CODES}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a code after the password."""
    person: Any = request.user
    goal = _goal(request)
    if person.is_verified():
        return redirect(goal)
    if not has_one(person):
        return redirect("second_factor")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fault = _("This code is wrong or already used. Wait a moment and try again.")
        try:
            device = take_code(person, form.cleaned_data["code"])
        except SecretUnreadable:
            logger.exception("The second factor of %s cannot be read", person)
            device, fault = (
                None,
                _("Two-factor authentication can’t be read because the hub’s encryption keys changed."),
            )
        if device is not None:
            otp_login(request, device)
            return redirect(goal)
        audit.record(person, "second_factor.refused", person, request=request)
        form.add_error("code", fault)
    context = {"form": form, "next": goal}
    return render(
        request, "panelhub/security/second_factor_verify.html", context, status=200 if not form.errors else 422
    )


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Take the second factor away for one of its codes; not where a role requires it."""
    person: Any = request.user
    form = CodeForm(request.POST)
    if must_have(person):
        messages.error(request, _("Your role requires two-factor authentication."))
    elif person.is_verified():
        if not form.is_valid() or take_code(person, form.cleaned_data["code"]) is None:
            audit.record(person, "second_factor.refused", person, request=request)
            messages.error(request, _("Enter a code from your app or a recovery code to remove it."))
            return redirect("second_factor")
        forget_second_factor(person)
        for name in (NEEDED, LOOKED):
            request.session.pop(name, None)
        audit.record(person, "second_factor.removed", person, request=request)
        messages.success(request, _("Two-factor authentication is off."))
    return redirect("second_factor")


def make_recovery_codes(person: Any) -> list[str]:
    """Make new recovery codes, each good once; the old ones are gone. They are shown now and never again."""
    codes = [secrets.token_hex(5) for _number in range(CODES)]
    RecoveryCodes.objects.filter(user=person).delete()
    RecoveryCodes.objects.create(user=person, name="recovery codes", codes=json.dumps(codes))
    return codes


def draw_code(text: str) -> dict[str, Any]:
    """Return a QR code as the path of a drawing: its side in modules, and the path."""
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"side": len(rows), "path": path}


def _groups(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]


def _codes_left(person: Any) -> int:
    return sum(len(kept.left) for kept in RecoveryCodes.objects.filter(user=person))


def _goal(request: HttpRequest) -> str:
    goal = str(request.POST.get("next") or request.GET.get("next") or "")
    # Anything that is no path would be looked up as the name of a page.
    safe = goal.startswith("/") and url_has_allowed_host_and_scheme(
        goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return goal if safe else reverse("home")
