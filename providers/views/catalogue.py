"""The catalogue: every provider's services side by side, and the page of one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from panelhub.counting import CAP, CappedCount
from panelhub.htmx import is_partial
from panelhub.keyset import address, take_page
from panelhub.ui import format_capped, format_when
from providers.catalogue_page import (
    COLUMNS,
    PAGE_SIZE,
    TYPE_LABELS,
    ServiceFilter,
    describe_range,
    rows_of,
)
from providers.dialects import Action
from providers.models import Service, ServiceChange
from providers.platforms import TITLES
from providers.service_rows import draw_rows
from providers.sight import sight_of

MOST_CHANGES: Final = 50


@require_safe
@permission_required("providers.view_service", raise_exception=True)
def list_services(request: HttpRequest) -> HttpResponse:
    """The catalogue, or its table alone when a filter or a page was chosen on it."""
    template = "providers/services.html#table" if is_partial(request) else "providers/services.html"
    return render(request, template, _list_context(request))


def _list_context(request: HttpRequest) -> dict[str, Any]:
    sight = sight_of(request)
    form = ServiceFilter(request.GET, sight=sight)
    found = form.find()
    sort = form.chosen_sort
    page = take_page(
        found,
        sort=sort,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.values(*COLUMNS, total=CappedCount(found)),
        cursor_of=lambda row: [row[column] for column in sort.columns],
    )
    total = page.rows[0]["total"] if page.rows else 0
    here: dict[str, str | None] = {"after": None, "before": None}
    sees_cost = request.user.has_perm("orders.view_cost")
    chips = [
        {"name": name, "value": value, "url": address(request.GET, {**here, field: None})}
        for field, name, value in form.described()
    ]
    return {
        "nav": "services",
        "form": form,
        "chips": chips,
        "clear_url": address(QueryDict(), {"sort": request.GET.get("sort") or None}),
        "rows": draw_rows(
            rows_of(page.rows, sight.providers, sees_cost=sees_cost),
            sees_cost=sees_cost,
            may_order=request.user.has_perm("orders.add_order"),
        ),
        "page": page,
        "total": total,
        "total_text": format_capped(total, CAP),
        "sees_cost": sees_cost,
        "has_providers": bool(sight.providers),
        "shared": request.GET.urlencode(),
    }


@require_safe
@permission_required("providers.view_service", raise_exception=True)
def show_service(request: HttpRequest, pk: int) -> HttpResponse:
    """One service: its terms, its price over time, and what else changed."""
    sight = sight_of(request)
    visible = sight.narrow(Service.objects.select_related("provider").defer("provider__api_key", "search_text"))
    service = get_object_or_404(visible, pk=pk)
    changes = list(service.changes.order_by("-id")[:MOST_CHANGES])
    now = timezone.now()
    dialect = service.provider.speaks
    sees_cost = request.user.has_perm("orders.view_cost")
    context = {
        "nav": "services",
        "service": service,
        "platform": TITLES.get(service.platform, ""),
        "type_label": TYPE_LABELS.get(service.type) or service.type_label or service.type,
        "limits": describe_range(service.min_quantity, service.max_quantity),
        "may_order": _is_open(service) and request.user.has_perm("orders.add_order"),
        "is_open": _is_open(service),
        "no_refill": dialect.why_not(Action.refill),
        "no_cancel": dialect.why_not(Action.cancel),
        "rates": _rates(service, changes),
        "changes": [
            (change, format_when(change.at, now).html) for change in changes if sees_cost or change.kind != "rate"
        ],
        "sees_cost": sees_cost,
    }
    return render(request, "providers/service.html", context)


def _is_open(service: Service) -> bool:
    return service.is_available and not service.hold_reason and service.provider.is_active


def _rates(service: Service, changes: list[ServiceChange]) -> list[Decimal]:
    """The prices of a service as far as they are known, oldest first; none when it never changed."""
    moves = [change for change in reversed(changes) if change.kind == ServiceChange.Kind.RATE]
    rates = []
    for change in moves:
        try:
            rates.append(Decimal(change.before))
        except InvalidOperation:
            continue
    return [*rates, service.rate] if rates else []
