"""Pages of a batch whose reply was lost: its rows are checked and settled together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from orders.settlement import lost_batches
from orders.settlement.views import WAYS


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.view_order", raise_exception=True)
def settle_batch(request: HttpRequest, kind: str, call: UUID) -> HttpResponse:
    """Show all rows that one lost reply of a batch left unconfirmed; a POST decides about those that are chosen."""
    rows = _rows_of_batch(request, kind, call)
    if request.method == "POST":
        return _decide_together(request, kind, call, rows)
    if not rows:
        messages.info(request, _("Nothing in this batch is unconfirmed anymore."))
        return redirect("orders:unconfirmed")
    context = lost_batches.context_of(rows, slug=kind, user=request.user)
    return render(request, "orders/settlement/batch.html", {**context, "call": call, "nav": "unconfirmed"})


@require_POST
@permission_required("orders.settle_order", raise_exception=True)
def check_batch(request: HttpRequest, kind: str, call: UUID) -> HttpResponse:
    """Start a status check for the orders of a lost batch."""
    rows = _rows_of_batch(request, kind, call)
    if rows:
        lost_batches.ask_for_check(rows, call=call, by=request.user, request=request)
        messages.info(request, _("Checking these orders with the provider. This page updates when it responds."))
    return redirect("orders:settle_batch", kind=kind, call=call)


def _rows_of_batch(request: HttpRequest, kind: str, call: UUID) -> list[Any]:
    if kind not in lost_batches.BATCHED:
        raise Http404
    return list(lost_batches.rows_of_call(request.user, kind, call)[: lost_batches.MOST_ROWS])


@permission_required("orders.settle_order", raise_exception=True)
def _decide_together(request: HttpRequest, kind: str, call: UUID, rows: list[Any]) -> HttpResponse:
    chosen = set(request.POST.getlist("row"))
    way, reason = request.POST.get("way", ""), request.POST.get("reason", "")
    again = redirect("orders:settle_batch", kind=kind, call=call)
    if way not in WAYS:
        messages.error(request, _("Choose an action."))
        return again
    if not chosen:
        messages.error(request, _("Select at least one row."))
        return again
    decide, _sentence = WAYS[way]
    picked = [row for row in rows if str(row.pk) in chosen]
    done = lost_batches.settle_together(picked, decide=decide, by=request.user, reason=reason, request=request)
    if done.rows:
        count = len(done.rows)
        messages.success(
            request, ngettext("%(count)s row resolved.", "%(count)s rows resolved.", count) % {"count": count}
        )
    if gone := len(chosen) - len(picked):
        messages.warning(request, _("%(count)s were already resolved by another person.") % {"count": gone})
    for why, count in done.skipped.items():
        messages.error(request, f"{count} × {why}")
    return again
