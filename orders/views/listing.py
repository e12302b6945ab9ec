"""The list of orders, and its rows that refresh by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from orders.forms import OrderFilter
from orders.header import load_header
from orders.models import Order
from orders.queries import COLUMNS, PAGE_SIZE, TABS, OrderSearch, branches_of, find_orders, mark_of
from orders.rows import Look, draw_rows
from panelhub.counting import CAP, CappedCount
from panelhub.htmx import is_partial
from panelhub.keyset import address, take_page
from panelhub.ui import format_capped
from providers.sight import Sight, sight_of

MOST_LIVE_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on, and the address without it."""

    name: str
    value: str
    url: str


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def list_orders(request: HttpRequest) -> HttpResponse:
    """The list, or its table alone when a filter, a tab or a page was chosen on it."""
    template = "orders/list.html#table" if is_partial(request) else "orders/list.html"
    return render(request, template, _list_context(request))


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def live_rows(request: HttpRequest) -> HttpResponse:
    """Those of the asked rows that look different by now; 204 when none does.

    ``rows`` holds pairs of key and mark (``12:ab34,13:cd56``) of the rows in sight.
    """
    marks = _read_marks(request.GET.get("rows", ""))
    sight = sight_of(request)
    found = sight.narrow(Order.objects.filter(pk__in=marks)).values(*COLUMNS) if marks else []
    changed = [values for values in found if mark_of(values) != marks[values["pk"]]]
    if not changed:
        return HttpResponse(status=204)
    return render(request, "orders/list.html#live", {"rows": draw_rows(changed, _look(request, sight, changed=True))})


def _look(request: HttpRequest, sight: Sight, *, changed: bool = False) -> Look:
    return Look(
        providers=sight.providers,
        now=timezone.now(),
        sees_cost=request.user.has_perm("orders.view_cost"),
        may_choose=request.user.has_perm("orders.aftercare_order"),
        changed=changed,
    )


def _read_marks(text: str) -> dict[int, str]:
    marks: dict[int, str] = {}
    for pair in text.split(",")[:MOST_LIVE_ROWS]:
        key, _colon, mark = pair.partition(":")
        if key.isascii() and key.isdigit() and len(key) < 19:
            marks[int(key)] = mark
    return marks


def _list_context(request: HttpRequest) -> dict[str, Any]:
    sight = sight_of(request)
    form = OrderFilter(request.GET, sight=sight, user=request.user)
    search = form.search()
    visible = sight.narrow(Order.objects.all())
    found = find_orders(visible, search)
    branches = branches_of(search, provider_ids=list(sight.providers))
    total = found.filter(_any_of(branches)) if branches else found
    page = take_page(
        found,
        sort=search.sort,
        size=PAGE_SIZE,
        parameters=request.GET,
        branches=branches,
        shape=lambda queryset: queryset.values(*COLUMNS, total=CappedCount(total)),
        cursor_of=lambda row: [row["pk"] if column == "id" else row[column] for column in search.sort.columns],
    )
    count = page.rows[0]["total"] if page.rows else 0
    look = _look(request, sight)
    header = load_header(request.user, tabs=True)
    chips = _chips(form, sight, request.GET)
    return {
        "nav": "orders",
        "has_own_search": True,
        "header": header,
        "tabs": _tabs(search, request.GET, header.counts),
        "form": form,
        "chips": chips,
        "clear_url": address(QueryDict(), {"tab": search.tab or None}),
        "rows": draw_rows(page.rows, look),
        "page": page,
        "total": count,
        "total_text": format_capped(count, CAP),
        "sees_cost": look.sees_cost,
        "may_choose": look.may_choose,
        "is_filtered": bool(chips),
    }


def _any_of(branches: Any) -> Any:
    wanted = branches[0]
    for branch in branches[1:]:
        wanted |= branch
    return wanted


def _tabs(search: OrderSearch, parameters: QueryDict, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    tabs = []
    for tab in TABS:
        count = counts.get(tab.slug, 0)
        changes = {"tab": tab.slug or None, "status": None, "after": None, "before": None}
        tabs.append(
            {
                "label": tab.label,
                "url": address(parameters, changes),
                "current": tab.slug == search.tab,
                "count": format_capped(count, CAP) if count else "",
                "tone": tab.tone,
            }
        )
    return tabs


def _chips(form: OrderFilter, sight: Sight, parameters: QueryDict) -> list[Chip]:
    without = {"after": None, "before": None}
    return [
        Chip(name, value, address(parameters, {**without, field: None})) for field, name, value in form.described(sight)
    ]
