"""Provider accounts: how each is doing, and what it can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import OuterRef, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from panelhub.bell import ring
from panelhub.counting import CAP, CappedCount
from panelhub.schedule import CLICKS
from panelhub.ui import format_capped, format_when
from providers.dialects import capabilities
from providers.health_words import health_of
from providers.models import BalanceReading, CallCount, CallRecord, Provider, ProviderCheck, Service
from providers.sight import sight_of

MOST_READINGS: Final = 60
MOST_RECORDS: Final = 15


def _visible(request: HttpRequest) -> QuerySet[Provider]:
    """The providers of the reader, without their keys."""
    found: QuerySet[Provider] = sight_of(request).narrow(Provider.objects.defer("api_key"), "pk")
    return found


@require_safe
@permission_required("providers.view_provider", raise_exception=True)
def list_providers(request: HttpRequest) -> HttpResponse:
    """Every account with its balance, its health and how fresh its lists are."""
    now = timezone.now()
    open_services = Service.objects.filter(provider=OuterRef("pk"), is_available=True)
    rows = _visible(request).annotate(services_count=CappedCount(open_services)).order_by("name")
    context = {
        "nav": "providers",
        "rows": [_row(provider, now) for provider in rows],
        "sees_cost": request.user.has_perm("orders.view_cost"),
    }
    return render(request, "providers/list.html", context)


def _row(provider: Any, now: Any) -> dict[str, Any]:
    return {
        "provider": provider,
        "dialect": provider.speaks.title,
        "health": health_of(provider, now),
        "services": format_capped(provider.services_count, CAP),
        "balance_at": format_when(provider.balance_at, now).html,
        "catalogue_at": format_when(provider.catalogue_at, now).html,
        "is_low": _is_low(provider),
    }


def _is_low(provider: Provider) -> bool:
    low = provider.low_balance
    return low is not None and provider.balance is not None and provider.balance < low


@require_safe
@permission_required("providers.view_provider", raise_exception=True)
def show_provider(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: balance, health, what it can do, and its last failures in its own words."""
    now = timezone.now()
    provider = get_object_or_404(_visible(request), pk=pk)
    sees_cost = request.user.has_perm("orders.view_cost")
    since = now - timedelta(hours=24)
    readings = BalanceReading.objects.filter(provider=provider).order_by("-at").values_list("balance", flat=True)
    calls = (
        CallCount.objects.filter(provider=provider, hour__gte=since)
        .values("action", "outcome")
        .annotate(total=Sum("calls"), seconds_sum=Sum("seconds"))
        .order_by("action", "outcome")
    )
    records = CallRecord.objects.filter(provider=provider).order_by("-id")[:MOST_RECORDS]
    context = {
        "nav": "providers",
        "provider": provider,
        "dialect": provider.speaks,
        "health": health_of(provider, now),
        "is_low": _is_low(provider),
        "sees_cost": sees_cost,
        "balances": list(reversed(readings[:MOST_READINGS])) if sees_cost else [],
        "balance_at": format_when(provider.balance_at, now).html,
        "times": _times(provider, now),
        "capabilities": capabilities(provider.speaks),
        "calls": _call_rows(calls),
        "records": [(record, format_when(record.at, now).html) for record in records],
        "check": _last_check(provider, now),
        "may_check": request.user.has_perm("providers.run_jobs"),
        "may_change": request.user.is_staff and request.user.has_perm("providers.change_provider"),
    }
    return render(request, "providers/detail.html", context)


def _times(provider: Provider, now: Any) -> list[tuple[str, Any]]:
    return [
        (_("Last good answer"), format_when(provider.last_success_at, now).html),
        (_("Balance read"), format_when(provider.balance_at, now).html),
        (_("Services read"), format_when(provider.catalogue_at, now).html),
        (_("Products read"), format_when(provider.products_at, now).html),
    ]


def _call_rows(counts: Any) -> list[dict[str, Any]]:
    """One row an action: how many went well, how many did not, and how long one took."""
    rows: dict[str, dict[str, Any]] = {}
    for count in counts:
        row = rows.setdefault(count["action"], {"action": count["action"], "good": 0, "bad": 0, "seconds": 0.0})
        row["good" if count["outcome"] == "ok" else "bad"] += count["total"]
        row["seconds"] += count["seconds_sum"] or 0.0
    for row in rows.values():
        total = row["good"] + row["bad"]
        row["mean"] = f"{row['seconds'] / total:.2f} s" if total else "–"
    return list(rows.values())


def _last_check(provider: Provider, now: Any) -> dict[str, Any] | None:
    check = ProviderCheck.objects.filter(provider=provider).order_by("-id").first()
    return {"row": check, "when": format_when(check.at, now).html} if check else None


@require_POST
@permission_required("providers.run_jobs", raise_exception=True)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker look whether the account works; its findings appear on the page."""
    provider = get_object_or_404(_visible(request), pk=pk)
    ring("providers.tasks.check_provider", provider.pk, queue=CLICKS)
    messages.info(request, _("%(provider)s is being checked; reload in a moment.") % {"provider": provider.name})
    return redirect("providers:detail", pk=pk)
