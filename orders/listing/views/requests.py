"""The page of every refill and cancel."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from orders.aftercare.services import withdraw_request
from orders.listing.partials import draw_chips
from orders.listing.requests import COLUMNS, MODELS, NEWEST, PAGE_SIZE, REFILLS, TABLE, TITLES, RequestFilter, rows_of
from orders.placement.posted import read_key
from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.lists.columns import load_toggled, toggled_columns
from panelhub.ui.formatting import format_capped
from panelhub.ui.pagination import address, take_page
from providers.permissions import visible_providers

MOST_IDS: Final = 500


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def list_requests(request: HttpRequest) -> HttpResponse:
    """List refills or cancels with their states; a page that refreshes itself gets the table alone."""
    template = "orders/listing/requests.html#table" if is_partial(request) else "orders/listing/requests.html"
    return render(request, template, _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    form = RequestFilter(request.GET, visible=visible_providers(request), user=request.user)
    found, sort = form.find(), form.chosen_sort
    page = take_page(
        found,
        sort=sort,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.values(
            *COLUMNS, total=CappedCount(found), toggled=toggled_columns(request.user, TABLE)
        ),
        cursor_of=lambda row: [row["pk" if column == "id" else column] for column in sort.columns],
    )
    total = page.rows[0]["total"] if page.rows else 0
    hidden = TABLE.hidden(page.rows[0]["toggled"] if page.rows else load_toggled(request.user, TABLE))
    rows = rows_of(
        page.rows,
        form,
        now=timezone.now(),
        sees_cost=request.user.has_perm("orders.view_cost"),
        may_settle=request.user.has_perm("orders.settle_order"),
    )
    kind = form.slug if form.slug != REFILLS else None
    return {
        "nav": "requests",
        "has_own_search": True,
        "form": form,
        "tabs": [
            {
                "label": title,
                "url": address(QueryDict(), {"kind": slug if slug != REFILLS else None}),
                "current": slug == form.slug,
            }
            for slug, title in TITLES.items()
        ],
        "chips": draw_chips(form.described(), request.GET),
        "clear_url": address(QueryDict(), {"kind": kind}),
        "rows": rows,
        "hidden": hidden,
        "headings": TABLE.headings(hidden, current=sort.slug, usual=NEWEST.slug, parameters=request.GET),
        "columns": TABLE.choices(hidden),
        "here": address(request.GET, {}),
        "is_live": any(row.is_open for row in rows),
        "page": page,
        "total": total,
        "total_text": format_capped(total, CAP),
        "may_undo": request.user.has_perm("orders.aftercare_order"),
    }


@require_POST
@permission_required("orders.aftercare_order", raise_exception=True)
def undo_requests(request: HttpRequest) -> HttpResponse:
    """Undo the chosen refills or cancels that are not sent yet."""
    visible = visible_providers(request)
    filters = QueryDict(request.POST.get("filter", ""))
    form = RequestFilter(filters, visible=visible, user=request.user)
    posted = request.POST.getlist("ids")[:MOST_IDS]
    ids = [key for text in posted if (key := read_key(text)) is not None]
    rows = visible.narrow(MODELS[form.slug]._default_manager.filter(pk__in=ids), "order__provider_id")
    undone = sum(withdraw_request(row, by=request.user, request=request) for row in rows)
    if not ids:
        messages.error(request, _("Select at least one request."))
    elif undone:
        text = ngettext(
            "%(count)s request undone. Nothing was sent.", "%(count)s requests undone. Nothing was sent.", undone
        )
        messages.success(request, text % {"count": undone})
    if ids and undone < len(ids):
        late = len(ids) - undone
        text = ngettext("%(count)s request has already been sent.", "%(count)s requests have already been sent.", late)
        messages.warning(request, text % {"count": late})
    return redirect(reverse("orders:requests") + address(filters, {}))
