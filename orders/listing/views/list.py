"""The list of orders, and its rows that refresh by themselves."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from orders.first_steps.views import wants_steps
from orders.listing.bulk_actions import bulk_actions_for
from orders.listing.filters import OrderFilter
from orders.listing.header import load_header
from orders.listing.partials import draw_chips, draw_tabs, read_marks
from orders.listing.queries import COLUMNS, NEWEST, PAGE_SIZE, TABS, branches_of, find_orders, mark_of, search_orders
from orders.listing.rows import TABLE, Look, draw_rows
from orders.listing.saved_views import ListChoices, View, load_list_choices
from orders.models import Order
from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.lists.columns import toggled_columns
from panelhub.ui.formatting import format_capped
from panelhub.ui.pagination import address, take_page
from providers.permissions import VisibleProviders, visible_providers


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def list_orders(request: HttpRequest) -> HttpResponse:
    """Show the list, or its table alone when a filter, a tab or a page was chosen on it."""
    template = "orders/listing/list.html#table" if is_partial(request) else "orders/listing/list.html"
    return render(request, template, {**_list_context(request), "wants_steps": wants_steps(request)})


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def live_rows(request: HttpRequest) -> HttpResponse:
    """Show those of the given rows that have changed; 204 when none does.

    ``rows`` holds pairs of key and mark (``12:ab34,13:cd56``) of the visible rows.
    """
    marks = read_marks(request.GET.get("rows", ""))
    visible = visible_providers(request)
    toggled = toggled_columns(request.user, TABLE)
    found = visible.narrow(Order.objects.filter(pk__in=marks)).values(*COLUMNS, toggled=toggled) if marks else []
    changed = [values for values in found if mark_of(values) != marks[values["pk"]]]
    if not changed:
        return HttpResponse(status=204)
    look = _look(request, visible, changed[0]["toggled"], changed=True)
    return render(request, "orders/listing/list.html#live", {"rows": draw_rows(changed, look)})


def _look(request: HttpRequest, visible: VisibleProviders, toggled: str | None, *, changed: bool = False) -> Look:
    return Look(
        providers=visible.providers,
        now=timezone.now(),
        sees_cost=request.user.has_perm("orders.view_cost"),
        may_choose=bool(bulk_actions_for(request.user)),
        hidden=TABLE.hidden(toggled),
        changed=changed,
    )


def _list_context(request: HttpRequest) -> dict[str, Any]:
    visible = visible_providers(request)
    choices = load_list_choices(request.user)
    form = OrderFilter(request.GET, visible=visible, user=request.user, people=choices.people)
    search = form.search()
    visible_orders = visible.narrow(Order.objects.all())
    provider_ids = list(visible.providers)
    total = search_orders(visible_orders, search, provider_ids=provider_ids)
    page = take_page(
        find_orders(visible_orders, search),
        sort=search.sort,
        size=PAGE_SIZE,
        parameters=request.GET,
        branches=branches_of(search, provider_ids=provider_ids),
        shape=lambda queryset: queryset.values(*COLUMNS, total=CappedCount(total)),
        cursor_of=lambda row: [row["pk"] if column == "id" else row[column] for column in search.sort.columns],
    )
    count = page.rows[0]["total"] if page.rows else 0
    look = _look(request, visible, choices.toggled)
    header = load_header(request.user, tabs=visible)
    query = form.canonical()
    view = choices.view_of(query) if query else None
    chips = draw_chips(form.described(visible), request.GET)
    return {
        "nav": "orders",
        "has_own_search": True,
        "header": header,
        "tabs": [
            # From one's own view the tabs lead back to the orders of all; else they preserve the other filters.
            *draw_tabs(TABS, None if view else search.view.slug, QueryDict() if view else request.GET, header.counts),
            *_own_tabs(choices, view),
        ],
        "view": view,
        "query": query,
        "exports": _exports(request, query) if page.rows else [],
        "form": form,
        "chips": chips,
        "clear_url": address(QueryDict(), {"tab": search.tab or None}),
        "headings": TABLE.headings(
            look.hidden,
            current=search.sort.slug,
            usual=NEWEST.slug,
            parameters=request.GET,
            sees_cost=look.sees_cost,
        ),
        "columns": TABLE.choices(look.hidden, sees_cost=look.sees_cost),
        "rows": draw_rows(page.rows, look),
        "page": page,
        "total": count,
        "total_text": format_capped(count, CAP),
        "sees_cost": look.sees_cost,
        "may_choose": look.may_choose,
        "bulk_actions": bulk_actions_for(request.user, search.statuses),
        "is_filtered": bool(chips),
    }


def _own_tabs(choices: ListChoices, current: View | None) -> list[dict[str, Any]]:
    """Return the views that the reader saved."""
    return [
        {"label": view.name, "url": f"?{view.query}", "current": view == current, "icon": "bookmark"}
        for view in choices.views
    ]


def _exports(request: HttpRequest, query: str) -> list[tuple[str, str]]:
    """Return the filter as files, for those who may take orders out of the hub."""
    if not request.user.has_perm("orders.export_order"):
        return []
    return [
        (form.upper(), reverse("orders:export", args=[form]) + (f"?{query}" if query else ""))
        for form in ("csv", "xlsx")
    ]
