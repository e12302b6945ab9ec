"""Pages of clients: their list, each one's page and report, and what is done with them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.clients import contexts, services
from orders.clients.exports import write_client
from orders.clients.forms import ClientForm, read_month
from orders.clients.queries import BY_NAME, PAGE_SIZE, ClientFilter, suggest_names
from orders.clients.report import MOST_LINES, Report, table_of
from orders.models import Client
from orders.permissions import clients_for, granted_client_ids
from panelhub.audit.services import record
from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.ui.exports import send_xlsx
from panelhub.ui.formatting import format_capped
from panelhub.ui.pagination import address, take_page

VIEW = "orders.view_client"
COST = "orders.view_cost"


@require_safe
@permission_required(VIEW, raise_exception=True)
def list_clients(request: HttpRequest) -> HttpResponse:
    """List the clients that the reader sees, with what is open and what this month came to."""
    form = ClientFilter(request.GET)
    found = form.find(request.user)
    page = take_page(
        found,
        sort=BY_NAME,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.select_related("manager").annotate(total=CappedCount(found)),
        cursor_of=lambda client: [client.name],
    )
    total = page.rows[0].total if page.rows else 0
    here: dict[str, str | None] = {"after": None, "before": None}
    context = {
        "nav": "clients",
        "has_own_search": True,
        "form": form,
        "chips": [
            {"name": name, "value": value, "url": address(request.GET, {**here, field: None})}
            for field, name, value in form.described()
        ],
        "clear_url": address(QueryDict(), {}),
        "rows": contexts.rows_of(page.rows, request.user),
        "page": page,
        "total": total,
        "total_text": format_capped(total, CAP),
        "sees_cost": request.user.has_perm(COST),
        "may_add": _may_add(request.user),
        "month": date_format(timezone.localdate(), "F"),
    }
    return render(
        request, "orders/clients/list.html#table" if is_partial(request) else "orders/clients/list.html", context
    )


def _may_add(user: Any) -> bool:
    """Return whether a person may add clients: whoever is limited to clients could not see a new one."""
    return bool(user.has_perm("orders.add_client") and granted_client_ids(user) is None)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Show names of clients that the reader may order for, as choices for a field."""
    may = request.user.has_perm(VIEW) or request.user.has_perm("orders.add_order")
    names = suggest_names(request.user, request.GET.get("client_label", "")[:200]) if may else []
    return render(request, "orders/clients/_names.html", {"names": names})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.add_client", raise_exception=True)
def add(request: HttpRequest) -> HttpResponse:
    """Add a client."""
    if not _may_add(request.user):
        raise PermissionDenied
    return _edit(request, Client())


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.change_client", raise_exception=True)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a client's details."""
    return _edit(request, _find(request, pk))


def _edit(request: HttpRequest, client: Client) -> HttpResponse:
    form = ClientForm(request.POST if request.method == "POST" else None, instance=client, user=request.user)
    if form.is_valid():
        try:
            services.save_client(client, by=request.user, changes=form.changes(), request=request)
        except services.NotNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s saved.") % {"name": form.cleaned_data["name"]})
            return redirect("orders:client", pk=client.pk)
    context = {"form": form, "client": client if client.pk else None, "nav": "clients"}
    return render(request, "orders/clients/form.html", context, status=422 if form.is_bound else 200)


def _find(request: HttpRequest, pk: int) -> Client:
    """Return a client that this reader sees; raises :class:`Http404`."""
    return get_object_or_404(clients_for(request.user).select_related("manager"), pk=pk)


@require_safe
@permission_required(VIEW, raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a client: what is open, what their months came to, and their links."""
    client = _find(request, pk)
    user = request.user
    context = contexts.build_page(client, user) | {
        "nav": "clients",
        "sees_cost": user.has_perm(COST),
        "may_change": user.has_perm("orders.change_client") and client.anonymised_at is None,
        "may_export": user.has_perm("orders.export_order"),
        "may_anonymise": user.has_perm("orders.anonymise_client") and client.anonymised_at is None,
        "may_order": user.has_perm("orders.add_order") and client.anonymised_at is None,
    }
    return render(request, "orders/clients/detail.html", context)


@require_safe
@permission_required(VIEW, raise_exception=True)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a month of a client as a page made for print; with ``internal`` also what it cost and the margin."""
    client = _find(request, pk)
    made = Report(client, read_month(request.GET.get("month", "")), request.user)
    sees_cost = request.user.has_perm(COST)
    lines = list(made.lines(MOST_LINES + 1))
    context = {
        "client": client,
        "report": made,
        "lines": lines[:MOST_LINES],
        "is_cut": len(lines) > MOST_LINES,
        "by_name": [contexts.describe_total(total, made.money.currency, label=name) for name, total in made.by_name()],
        "total": contexts.describe_total(made.total(), made.money.currency),
        "completed": made.count_in("completed"),
        "still_open": made.count_in("pending", "processing", "in_progress"),
        "sees_cost": sees_cost,
        "internal": sees_cost and bool(request.GET.get("internal")),
        "month": f"{made.first:%Y-%m}",
        "latest": f"{timezone.localdate():%Y-%m}",
        "title_month": date_format(made.first, "F Y"),
        "currency": made.money.currency,
        "may_export": request.user.has_perm("orders.export_order"),
        "nav": "clients",
    }
    return render(request, "orders/clients/report.html", context)


@require_safe
@permission_required([VIEW, "orders.export_order"], raise_exception=True)
def report_workbook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same report as a workbook."""
    client = _find(request, pk)
    made = Report(client, read_month(request.GET.get("month", "")), request.user)
    internal = bool(request.GET.get("internal"))
    header, rows = table_of(made, sees_cost=request.user.has_perm(COST), internal=internal)
    record(request.user, "client.report_exported", client, f"{made.first:%Y-%m}", request=request)
    return send_xlsx(f"{client.name}-{made.first:%Y-%m}", header, rows)


@require_safe
@permission_required([VIEW, "orders.export_order"], raise_exception=True)
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything the hub holds about a client, as JSON."""
    client = _find(request, pk)
    record(request.user, "client.exported", client, request=request)
    response = StreamingHttpResponse(write_client(client, request.user), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="client-{client.pk}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@permission_required("orders.anonymise_client", raise_exception=True)
def anonymise(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove who a client is, for good; the client's name has to be typed."""
    client = _find(request, pk)
    if request.POST.get("name", "").strip() != client.name:
        messages.error(request, _("The name doesn’t match. Nothing was changed."))
        return redirect("orders:client", pk=client.pk)
    try:
        services.anonymise_client(client, by=request.user, request=request)
    except services.NotNow as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Anonymised. Links, notes and parameters are being removed from its orders."))
    return redirect("orders:client", pk=client.pk)
