"""Add an account, watch it being checked until its catalogue is there, and change it later."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from panelhub.http.htmx import is_partial
from providers.accounts import services as accounts_services
from providers.accounts.edits import SavedAccount, save_account
from providers.accounts.forms import KEY_FIELDS, ProviderForm
from providers.accounts.setup_contexts import describe_setup, load_setup
from providers.models import Provider
from providers.permissions import VIEW_COST, seen_by

CHANGE: Final = "providers.change_provider"
# In the order of the page; what stands in none of them is asked first.
SECTIONS: Final = (
    ("limits", ("requests_per_minute", "currency", "low_balance", "price_jump_percent", "package_billing")),
    ("differs", ("refill_pause_hours", "decimal_comma", "rate_limit_is_unknown", "overrides")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("providers.add_provider", raise_exception=True)
@sensitive_post_parameters("new_key")
def add(request: HttpRequest) -> HttpResponse:
    """Add an account; what the provider says of its key is on the page that follows."""
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        saved = save_account(form, by=request.user, request=request)
        return _after(request, saved)
    context = {"nav": "providers", "form": form, "is_open": bool(form.errors), **_sections(form)}
    return render(request, "providers/accounts/add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CHANGE, raise_exception=True)
@sensitive_post_parameters("new_key")
def set_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the account is, and take another key or address while it does not work."""
    provider: Any = get_object_or_404(load_setup(_visible(request)), pk=pk)
    form = _form(request, Provider.objects.get(pk=pk), only=KEY_FIELDS)
    if request.method == "POST" and form.is_valid():
        return _after(request, save_account(form, by=request.user, request=request), checks=True)
    setup = describe_setup(provider, request.GET.get("checking", ""), sees_cost=request.user.has_perm(VIEW_COST))
    if form.is_bound:
        # What was typed is not swapped away while it is mended.
        setup |= {"has_failed": True, "is_waiting": False}
    context = {"nav": "providers", "form": form, **setup}
    template = "providers/accounts/_setup.html" if is_partial(request) else "providers/accounts/setup.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CHANGE, raise_exception=True)
@sensitive_post_parameters("new_key")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an account: the same form as admin's."""
    provider = get_object_or_404(_visible(request), pk=pk)
    form = _form(request, Provider.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        return _after(request, save_account(form, by=request.user, request=request))
    context = {"nav": "providers", "provider": provider, "form": form, "is_open": True, **_sections(form)}
    context["may_remove"] = request.user.has_perm("providers.delete_provider")
    context["is_in_use"] = accounts_services.is_in_use(provider)
    return render(request, "providers/accounts/edit.html", context, status=422 if form.errors else 200)


@require_POST
@permission_required("providers.delete_provider", raise_exception=True)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an account with its catalogue; one with orders is switched off instead."""
    provider = get_object_or_404(_visible(request), pk=pk)
    if accounts_services.remove_provider(provider, by=request.user, request=request):
        messages.success(request, _("%(name)s is removed.") % {"name": provider.name})
    else:
        messages.info(request, _("Disabled %(name)s because it has orders.") % {"name": provider.name})
    return redirect("providers:list")


def _visible(request: HttpRequest) -> Any:
    return seen_by(Provider.objects.all(), request.user).defer("api_key")


def _form(request: HttpRequest, provider: Provider | None = None, *, only: tuple[str, ...] = ()) -> ProviderForm:
    form = ProviderForm(request.POST if request.method == "POST" else None, instance=provider)
    left_out = set() if request.user.has_perm(VIEW_COST) else {"low_balance"}
    if only:
        left_out |= form.fields.keys() - set(only)
    for name in left_out & form.fields.keys():
        del form.fields[name]
    return form


def _sections(form: ProviderForm) -> dict[str, Any]:
    return {slug: [form[name] for name in names if name in form.fields] for slug, names in SECTIONS}


def _after(request: HttpRequest, saved: SavedAccount, *, checks: bool = False) -> HttpResponse:
    """Lead to the setup that shows the check, or back to the account where nothing has to be checked."""
    for text in saved.warnings:
        messages.warning(request, text)
    if checks and not saved.is_checked:
        accounts_services.ask_for_check(saved.provider)
    if not (checks or saved.is_checked):
        messages.success(request, _("Saved."))
        return redirect("providers:detail", pk=saved.provider.pk)
    return redirect(f"{reverse('providers:setup', args=[saved.provider.pk])}?checking={saved.newest_check}")
