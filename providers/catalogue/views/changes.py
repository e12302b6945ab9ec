"""What changed in the catalogues."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import format_capped
from panelhub.ui.pagination import FIRST_PAGE, address, take_page
from providers.catalogue.change_contexts import COLUMNS, SORT, ChangeFilter, rows_of
from providers.catalogue.filters import PAGE_SIZE
from providers.catalogue.views.catalogue import tab_counts, tabs_for
from providers.permissions import visible_providers


@require_safe
@permission_required("providers.view_service", raise_exception=True)
def list_changes(request: HttpRequest) -> HttpResponse:
    """Changes since yesterday, or in a longer time, newest first."""
    visible = visible_providers(request)
    sees_cost = request.user.has_perm("orders.view_cost")
    form = ChangeFilter(request.GET, visible=visible, reader=request.user, sees_cost=sees_cost)
    found = form.find()
    counts = tab_counts(request, visible)
    page = take_page(
        found,
        sort=SORT,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.values(*COLUMNS, total=CappedCount(found), **counts),
        cursor_of=lambda row: [row[column] for column in SORT.columns],
    )
    total = page.rows[0]["total"] if page.rows else 0
    context = {
        "nav": "changes",
        "tabs": tabs_for(page.rows, counts, "changes"),
        "form": form,
        "chips": [
            {"name": name, "value": value, "url": address(request.GET, {**FIRST_PAGE, field: None})}
            for field, name, value in form.described()
        ],
        "clear_url": address(QueryDict(), {}),
        "rows": rows_of(page.rows, form, may_order=request.user.has_perm("orders.add_order")),
        "page": page,
        "total": total,
        "total_text": format_capped(total, CAP),
    }
    template = "providers/catalogue/changes.html#table" if is_partial(request) else "providers/catalogue/changes.html"
    return render(request, template, context)
