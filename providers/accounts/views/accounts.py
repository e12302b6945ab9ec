"""Provider accounts: how each is doing, and what it can do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import format_capped, format_when
from providers.accounts import services as accounts_services
from providers.accounts import words
from providers.accounts.check_contexts import read_check
from providers.accounts.contexts import build_live, build_page, is_low, load_account, waiting_words
from providers.accounts.health_labels import health_of
from providers.models import Provider, Service
from providers.permissions import seen_by, visible_providers


def visible(request: HttpRequest) -> QuerySet[Provider]:
    """Return the providers of the reader, without their keys."""
    found: QuerySet[Provider] = visible_providers(request).narrow(Provider.objects.defer("api_key"), "pk")
    return found


@require_safe
@permission_required("providers.view_provider", raise_exception=True)
def list_providers(request: HttpRequest) -> HttpResponse:
    """Show every account with its balance, its health and how fresh its lists are."""
    now = timezone.now()
    listed = Service.objects.filter(provider=OuterRef("pk"), is_available=True)
    rows = load_account(visible(request)).annotate(services_count=CappedCount(listed))
    sees_cost = request.user.has_perm("orders.view_cost")
    shown = [_row(provider, now, sees_cost=sees_cost) for provider in rows.order_by("name")]
    context = {
        "nav": "providers",
        "rows": shown,
        "waiting_for_people": sum(bool(row["waiting"]) for row in shown),
        "sees_cost": sees_cost,
    }
    return render(request, "providers/accounts/list.html", context)


def _row(provider: Any, now: Any, *, sees_cost: bool) -> dict[str, Any]:
    return {
        "provider": provider,
        "dialect": provider.speaks.title,
        "health": health_of(provider, now, sees_cost=sees_cost),
        "waiting": waiting_words(provider),
        "services": format_capped(provider.services_count, CAP),
        "balance_at": format_when(provider.balance_at, now).html,
        "catalogue_at": format_when(provider.catalogue_at, now).html,
        "is_low": is_low(provider),
    }


@require_safe
@permission_required("providers.view_provider", raise_exception=True)
def show_provider(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one account: balance, health, budget, what it can do, and its last failures in its own words.

    A page that asks again by itself gets only what moves.
    """
    provider = get_object_or_404(load_account(seen_by(Provider.objects.all(), request.user)), pk=pk)
    sees_cost = request.user.has_perm("orders.view_cost")
    # The newest check at the time another one was requested.
    since_check = read_check(request.GET.get("checking", ""))
    if is_partial(request):
        live = build_live(provider, sees_cost=sees_cost, since_check=since_check)
        return render(request, "providers/accounts/_live.html", live)
    context = {
        **build_page(provider, sees_cost=sees_cost, since_check=since_check),
        "nav": "providers",
        "may_run": request.user.has_perm("providers.run_jobs"),
        "may_change": request.user.has_perm("providers.change_provider"),
    }
    return render(request, "providers/accounts/detail.html", context)


@require_POST
@permission_required("providers.run_jobs", raise_exception=True)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker check the account; the page shows its findings as soon as they are there."""
    provider = get_object_or_404(visible(request), pk=pk)
    accounts_services.ask_for_check(provider)
    return redirect(accounts_services.page_of_check(provider))


@require_POST
@permission_required("providers.run_jobs", raise_exception=True)
def sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker read balance, services and products of the account now."""
    provider = get_object_or_404(visible(request), pk=pk)
    accounts_services.ask_for_sync(provider)
    messages.info(request, _("Syncing balance, services and products."))
    return redirect("providers:detail", pk=pk)


@require_POST
@permission_required("providers.change_provider", raise_exception=True)
def map_word(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what one of the account's own words means."""
    provider = get_object_or_404(visible(request), pk=pk)
    kind, word, meaning = (request.POST.get(name, "") for name in ("kind", "word", "meaning"))
    try:
        words.map_word(provider, kind, word, meaning, by=request.user, request=request)
    except ValueError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("“%(word)s” now means “%(meaning)s”.") % {"word": word, "meaning": meaning})
    return redirect("providers:detail", pk=pk)


@require_POST
@permission_required("providers.change_provider", raise_exception=True)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop paid calls of the account until a person lets them out again."""
    provider = get_object_or_404(visible(request), pk=pk)
    accounts_services.pause_by_hand(provider, by=request.user, request=request)
    messages.success(request, _("Paused. No orders are sent until someone resumes it."))
    return redirect("providers:detail", pk=pk)


@require_POST
@permission_required("providers.change_provider", raise_exception=True)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let paid calls of the account out again, whatever stopped them."""
    provider = get_object_or_404(visible(request), pk=pk)
    if accounts_services.resume_by_hand(provider, by=request.user, request=request):
        messages.success(request, _("Resumed. Orders are sent again."))
    else:
        messages.info(request, _("The provider wasn’t paused."))
    return redirect("providers:detail", pk=pk)
