"""The page of one mass order: what was checked, what became orders; live while anything moves, and as CSV."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from orders.mass import contexts as mass_contexts
from orders.mass import services as mass_services
from orders.mass.queries import find_mass_order, may_act, twin_of
from orders.mass.views.steps import STEPS
from orders.models import MassLine, MassOrder
from panelhub.audit.services import record
from panelhub.http.htmx import is_partial
from panelhub.ui.exports import stream_csv
from panelhub.ui.formatting import format_when
from panelhub.ui.pagination import address, take_page
from providers.permissions import visible_providers

Status = mass_services.Status

MOST_LIVE_ROWS: Final = 100


# --- One mass order ---------------------------------------------------------------------------------------------------


@require_safe
@permission_required("orders.view_massorder", raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one mass order.

    A page that refreshes itself sends the marks of what it shows and gets what changed; 204 when nothing did.
    """
    batch = find_mass_order(request, pk)
    if is_partial(request) and "rows" in request.GET:
        return _show_changes(request, batch)
    context = {**head_context(request, batch), **_lines_context(request, batch), "nav": "mass"}
    return render(request, "orders/mass/detail.html", context)


def _show_changes(request: HttpRequest, batch: MassOrder) -> HttpResponse:
    asked = dict(pair.split(":", 1) for pair in request.GET["rows"].split(",")[:MOST_LIVE_ROWS] if ":" in pair)
    context = head_context(request, batch)
    keys = {int(key): mark for key, mark in asked.items() if key.isascii() and key.isdigit() and len(key) < 19}
    found = MassLine.objects.filter(mass_order=batch, pk__in=keys).values(*mass_contexts.COLUMNS) if keys else []
    moved = [values for values in found if mass_contexts.mark_of_line(values) != keys[values["pk"]]]
    head_moved = context["mark"] != f"batch:{asked.get('batch', '')}"
    if not moved and not head_moved:
        return HttpResponse(status=204)
    context |= {"rows": rows_for(request, batch, moved, changed=True), "head_moved": head_moved}
    response = render(request, "orders/mass/detail.html#live", context)
    if not head_moved:
        # Only rows, which find their own places.
        response["HX-Reswap"] = "none"
    return response


def head_context(request: HttpRequest, batch: MassOrder) -> dict[str, Any]:
    """What the head of the page shows."""
    figures = mass_contexts.load_figures(batch)
    sees_cost = request.user.has_perm("orders.view_cost")
    waits = figures.plain + figures.warned
    mark = mass_contexts.mark_of_batch(batch, figures)
    open_steps = mass_contexts.open_steps(batch, figures) if may_act(request.user, batch) else frozenset()
    steps = {step for step in open_steps if request.user.has_perm(STEPS[step].permission)}
    return {
        "batch": batch,
        "figures": figures,
        "mark": mark,
        "live": mark if batch.status == Status.PLACING or figures.is_moving else "",
        "tone": mass_contexts.TONES[batch.status],
        "by_status": sorted(figures.by_status.items()),
        "to_make": figures.ordered + (waits if batch.summary.get("with_warnings") else figures.plain),
        "may_mend": batch.status in mass_services.MENDABLE and may_act(request.user, batch),
        "twin": twin_of(batch) if "place" in steps else None,
        "sums": list(mass_contexts.sums_of(batch, visible_providers(request).providers)) if waits and sees_cost else [],
        "steps": steps,
        "may_export": request.user.has_perm("orders.export_order"),
        "sees_cost": sees_cost,
        "created": format_when(batch.created_at, timezone.now()).html,
    }


def _lines_context(request: HttpRequest, batch: MassOrder) -> dict[str, Any]:
    shown = request.GET.get("show", "")
    _label, wanted = mass_contexts.SHOWN.get(shown, mass_contexts.SHOWN[""])
    page = take_page(
        MassLine.objects.filter(wanted, mass_order=batch),
        sort=mass_contexts.BY_NUMBER,
        size=mass_contexts.PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.values(*mass_contexts.COLUMNS),
        cursor_of=lambda row: [row["number"]],
    )
    here = QueryDict(f"show={shown}" if shown in mass_contexts.SHOWN else "")
    tabs = [
        {"label": label, "url": address(here, {"show": slug or None}) + "#lines", "current": slug == shown}
        for slug, (label, _wanted) in mass_contexts.SHOWN.items()
    ]
    return {
        "batch": batch,
        "rows": rows_for(request, batch, page.rows),
        "page": page,
        "may_mend": batch.status in mass_services.MENDABLE and may_act(request.user, batch),
        "tabs": tabs,
        "sees_cost": request.user.has_perm("orders.view_cost"),
    }


def rows_for(request: HttpRequest, batch: MassOrder, found: list[Any], *, changed: bool = False) -> list[Any]:
    """Return the rows of lines as this reader may see them."""
    return mass_contexts.rows_of(
        found,
        providers=visible_providers(request).providers,
        is_placing=batch.status == Status.PLACING,
        sees_cost=request.user.has_perm("orders.view_cost"),
        changed=changed,
    )


@require_safe
@permission_required(["orders.view_massorder", "orders.export_order"], raise_exception=True)
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The result of each line, as CSV."""
    batch = find_mass_order(request, pk)
    header, rows = mass_contexts.outcome_rows(batch, sees_cost=request.user.has_perm("orders.view_cost"))
    record(request.user, "mass.exported", batch, f"{batch.total} lines", request)
    return stream_csv(f"mass-order-{batch.pk}", header, rows)


# --- Steps ------------------------------------------------------------------------------------------------------------
