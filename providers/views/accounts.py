"""Provider accounts: how each is doing, and what it can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from panelhub.bell import ring
from panelhub.counting import CAP, CappedCount
from panelhub.schedule import CLICKS
from panelhub.ui import format_capped, format_when
from providers.dialects import capabilities
from providers.health_words import health_of
from providers.models import BalanceReading, CallCount, CallRecord, Provider, ProviderCheck, Service
from providers.sight import seen_by, sight_of

MOST_READINGS: Final = 60
MOST_RECORDS: Final = 15
WENT_WELL: Final = "ok"


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
    newest = ProviderCheck.objects.filter(provider=OuterRef("pk")).order_by("-id")
    accounts = seen_by(Provider.objects.defer("api_key"), request.user)
    provider: Any = get_object_or_404(
        accounts.annotate(check_at=Subquery(newest.values("at")[:1]), check_lines=Subquery(newest.values("lines")[:1])),
        pk=pk,
    )
    sees_cost = request.user.has_perm("orders.view_cost")
    balances, failures = _traces(provider, now)
    context = {
        "nav": "providers",
        "provider": provider,
        "dialect": provider.speaks,
        "health": health_of(provider, now),
        "is_low": _is_low(provider),
        "sees_cost": sees_cost,
        "balances": balances if sees_cost else [],
        "balance_at": format_when(provider.balance_at, now).html,
        "times": _times(provider, now),
        "capabilities": capabilities(provider.speaks),
        "calls": _call_rows(provider, now),
        "failures": failures,
        "check_lines": provider.check_lines,
        "check_at": format_when(provider.check_at, now).html,
        "may_check": request.user.has_perm("providers.run_jobs"),
        "may_change": request.user.is_staff and request.user.has_perm("providers.change_provider"),
    }
    return render(request, "providers/detail.html", context)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed, with what came back."""

    action: str
    outcome: str
    detail: str
    http_status: int | None
    excerpt: str
    when: SafeString


def _traces(provider: Provider, now: datetime) -> tuple[list[Decimal], list[Failure]]:
    """The last balances, oldest first, and the last failed calls, newest first; one statement."""
    readings = BalanceReading.objects.filter(provider=provider).order_by("-at", "-id").values("pk")[:MOST_READINGS]
    records = CallRecord.objects.filter(provider=provider).order_by("-id").values("pk")[:MOST_RECORDS]
    text = Value("", output_field=TextField())
    rows = (
        BalanceReading.objects.filter(pk__in=readings)
        .order_by()
        .annotate(
            x_action=text,
            x_outcome=text,
            x_detail=text,
            x_http=Value(None, output_field=IntegerField()),
            x_excerpt=text,
        )
        .values_list("at", "pk", "balance", "x_action", "x_outcome", "x_detail", "x_http", "x_excerpt")
        .union(
            CallRecord.objects.filter(pk__in=records)
            .order_by()
            .annotate(x_balance=Value(None, output_field=BalanceReading._meta.get_field("balance")))
            .values_list("at", "pk", "x_balance", "action", "outcome", "detail", "http_status", "excerpt"),
            all=True,
        )
        .order_by("-at", "-pk")
    )
    found = list(rows)
    balances = [row[2] for row in reversed(found) if row[2] is not None]
    failures = [Failure(*row[3:], when=format_when(row[0], now).html) for row in found if row[2] is None]
    return balances, failures


def _times(provider: Provider, now: Any) -> list[tuple[str, Any]]:
    return [
        (_("Last good answer"), format_when(provider.last_success_at, now).html),
        (_("Balance read"), format_when(provider.balance_at, now).html),
        (_("Services read"), format_when(provider.catalogue_at, now).html),
        (_("Products read"), format_when(provider.products_at, now).html),
    ]


def _call_rows(provider: Provider, now: datetime) -> list[dict[str, Any]]:
    """One row an action: how many calls of a day went well, how many did not, and how long one took."""
    counts = (
        CallCount.objects.filter(provider=provider, hour__gte=now - timedelta(hours=24))
        .values("action")
        .annotate(
            total=Sum("calls"),
            good=Coalesce(Sum("calls", filter=Q(outcome=WENT_WELL)), 0),
            seconds_sum=Sum("seconds"),
        )
        .order_by("action")
    )
    return [
        {
            "action": row["action"],
            "good": row["good"],
            "bad": row["total"] - row["good"],
            "mean": f"{row['seconds_sum'] / row['total']:.2f} s" if row["total"] else "–",
        }
        for row in counts
    ]


@require_POST
@permission_required("providers.run_jobs", raise_exception=True)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker look whether the account works; its findings appear on the page."""
    provider = get_object_or_404(_visible(request), pk=pk)
    ring("providers.tasks.check_provider", provider.pk, queue=CLICKS)
    messages.info(request, _("%(provider)s is being checked; reload in a moment.") % {"provider": provider.name})
    return redirect("providers:detail", pk=pk)
