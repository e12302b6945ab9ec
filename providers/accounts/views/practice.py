"""Practice at the sandbox, and the balances below which people are warned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from panelhub.audit.services import record
from providers.accounts.practice import BY_SLUG, EXERCISES, Exercise, SandboxSilent, carry_out
from providers.models import MONEY, Provider
from providers.permissions import LONGEST_KEY, VIEW_COST, visible_providers

CHANGE: Final = "providers.change_provider"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CHANGE, raise_exception=True)
def practise(request: HttpRequest) -> HttpResponse:
    """Make a sandbox panel misbehave, to practise what to do."""
    accounts = (
        _accounts(request).filter(is_sandbox=True) if settings.PANELHUB_SANDBOX_ORIGIN else Provider.objects.none()
    )
    if request.method == "POST":
        exercise = BY_SLUG.get(request.POST.get("exercise", ""))
        pk = request.POST.get("provider", "")
        is_key = pk.isascii() and pk.isdigit() and len(pk) < LONGEST_KEY
        provider = accounts.filter(pk=pk).first() if exercise and is_key else None
        if exercise and provider:
            _carry_out(request, exercise, provider)
            return redirect("providers:practice")
    context = {"nav": "providers", "accounts": list(accounts), "exercises": EXERCISES}
    status = 422 if request.method == "POST" else 200
    return render(request, "providers/accounts/practice.html", context, status=status)


def _carry_out(request: HttpRequest, exercise: Exercise, provider: Provider) -> None:
    try:
        carry_out(exercise, provider.dialect)
    except SandboxSilent as silent:
        messages.error(request, str(silent))
    else:
        record(request.user, "sandbox.practised", provider, f"{provider}: {exercise.slug}", request=request)
        words = {"provider": provider.name, "exercise": exercise.label}
        messages.success(request, _("%(provider)s: %(exercise)s.") % words)


class AlertForm(forms.Form):
    """The balance of each account below which people are warned; empty for never."""

    def __init__(self, *args: Any, accounts: list[Provider], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for account in accounts:
            self.fields[f"low_{account.pk}"] = forms.DecimalField(
                label=account.name,
                required=False,
                min_value=Decimal(0),
                initial=account.low_balance,
                max_digits=MONEY["max_digits"],
                decimal_places=MONEY["decimal_places"],
            )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required((CHANGE, VIEW_COST), raise_exception=True)
def set_alerts(request: HttpRequest) -> HttpResponse:
    """Set for all accounts at once the balance below which people are warned."""
    accounts = list(_accounts(request))
    form = AlertForm(request.POST if request.method == "POST" else None, accounts=accounts)
    if request.method == "POST" and form.is_valid():
        _save_alerts(request, form, accounts)
        messages.success(request, _("Saved."))
        return redirect("providers:list")
    context = {
        "nav": "providers",
        "form": form,
        "rows": [(account, form[f"low_{account.pk}"]) for account in accounts],
    }
    return render(request, "providers/accounts/alerts.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save_alerts(request: HttpRequest, form: AlertForm, accounts: list[Provider]) -> None:
    for account in accounts:
        name = f"low_{account.pk}"
        if name not in form.changed_data:
            continue
        low = form.cleaned_data[name]
        Provider.objects.filter(pk=account.pk).update(low_balance=low)
        change = [str(account.low_balance), str(low)]
        record(request.user, "provider.changed", account, "low_balance", request=request, low_balance=change)


def _accounts(request: HttpRequest) -> Any:
    found = Provider.objects.defer("api_key").order_by("name")
    return visible_providers(request).narrow(found, "pk")
