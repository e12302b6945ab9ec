"""The page of one order, and what can be done there without a provider."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders import states
from orders.access import orders_for, seen_by
from orders.models import Order
from orders.pages import build_page, load_order, mark_of_order
from orders.placing import OrderInvalid, approve_order, withdraw_order
from panelhub.audit import record
from panelhub.bell import ring
from panelhub.htmx import is_partial
from panelhub.schedule import CLICKS


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page, or for a page that asks again only what changed on it; 204 when nothing did."""
    order = get_object_or_404(load_order(seen_by(Order.objects.all(), request.user), pk))
    if is_partial(request):
        if request.GET.get("rows") == mark_of_order(order) and order.status in states_that_move():
            return HttpResponse(status=204)
        return render(request, "orders/detail.html#live", {**_context(request, order), "changed": True})
    return render(request, "orders/detail.html", {**_context(request, order), "nav": "orders"})


def states_that_move() -> frozenset[str]:
    """States in which an unchanged page may go on asking."""
    return states.OPEN | {states.HELD, states.QUEUED, states.SENDING, states.UNCONFIRMED}


def _context(request: HttpRequest, order: Order) -> dict[str, Any]:
    may_withdraw = order.status in states.UNSENT and request.user.has_perm("orders.change_order")
    return {
        **build_page(order, user=request.user),
        "may_withdraw": may_withdraw,
        "may_check": bool(order.external_id) and request.user.has_perm("orders.change_order"),
        "may_approve": order.status == states.HELD and request.user.has_perm("orders.approve_order"),
        "may_repeat": bool(order.service_id) and request.user.has_perm("orders.add_order"),
    }


@require_POST
@permission_required("orders.change_order", raise_exception=True)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an order back that is not sent yet."""
    order = get_object_or_404(orders_for(request.user), pk=pk)
    if withdraw_order(order, by=request.user):
        record(request.user, "order.withdrawn", order, request=request)
        messages.success(request, _("Order #%(pk)s is withdrawn; nothing was sent.") % {"pk": pk})
    else:
        messages.error(request, _("Order #%(pk)s could not be withdrawn: it is on its way or further.") % {"pk": pk})
    return redirect("orders:detail", pk=pk)


@require_POST
@permission_required("orders.approve_order", raise_exception=True)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a held order out."""
    order = get_object_or_404(orders_for(request.user), pk=pk)
    try:
        moved = approve_order(order, by=request.user)
    except OrderInvalid as refusal:
        messages.error(request, str(refusal))
    else:
        if moved:
            record(request.user, "order.approved", order, request=request)
            messages.success(request, _("Order #%(pk)s is queued.") % {"pk": pk})
        else:
            messages.error(request, _("Order #%(pk)s is not held any more.") % {"pk": pk})
    return redirect("orders:detail", pk=pk)


@require_POST
@permission_required("orders.change_order", raise_exception=True)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the provider asked about one order now, before its turn."""
    order = get_object_or_404(orders_for(request.user), pk=pk)
    if order.external_id:
        ring("orders.tasks.check_order", order.pk, queue=CLICKS)
        messages.info(
            request, _("The provider is asked about order #%(pk)s; the page shows what it says.") % {"pk": pk}
        )
    else:
        messages.error(request, _("Order #%(pk)s has no id at the provider to ask about.") % {"pk": pk})
    return redirect("orders:detail", pk=pk)
