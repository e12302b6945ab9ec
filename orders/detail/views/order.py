"""The page of one order, and what can be done there without a provider."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from orders import statuses
from orders.detail import actions
from orders.detail.contexts import build_page, load_order, mark_of_order
from orders.models import Order
from orders.permissions import orders_for, seen_by
from orders.placement.services import approve_order, withdraw_order
from panelhub.http.htmx import is_partial

PAGE_ACTIONS: Final = actions.PageActions(
    "order", orders_for, withdraw_order, approve_order, check_task="orders.polling.tasks.check_order"
)


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole page, or for a page that refreshes itself only what changed on it; 204 when nothing did."""
    order = get_object_or_404(load_order(seen_by(Order.objects.all(), request.user), pk))
    if is_partial(request):
        if request.GET.get("rows") == mark_of_order(order) and order.status in states_that_move():
            return HttpResponse(status=204)
        return render(request, "orders/detail/detail.html#live", {**_context(request, order), "changed": True})
    return render(request, "orders/detail/detail.html", {**_context(request, order), "nav": "orders"})


def states_that_move() -> frozenset[str]:
    """Return the states in which an unchanged page may go on refreshing."""
    return statuses.OPEN | {statuses.HELD, statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED}


def _context(request: HttpRequest, order: Order) -> dict[str, Any]:
    return {
        **build_page(order, user=request.user),
        **PAGE_ACTIONS.offers(order, request.user),
        "may_repeat": bool(order.service_id) and request.user.has_perm("orders.add_order"),
        "notes_url": reverse("orders:note", args=[order.pk]) if request.user.has_perm("orders.change_order") else "",
        "urls": {step: reverse(f"orders:{step}", args=[order.pk]) for step in ("withdraw", "approve", "check")},
    }


@require_POST
@permission_required(PAGE_ACTIONS.change_permission, raise_exception=True)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an order back that is not sent yet."""
    return actions.withdraw(request, PAGE_ACTIONS, pk)


@require_POST
@permission_required(PAGE_ACTIONS.approve_permission, raise_exception=True)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a held order out."""
    return actions.approve(request, PAGE_ACTIONS, pk)


@require_POST
@permission_required(PAGE_ACTIONS.change_permission, raise_exception=True)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the provider queried about one order now, before its turn."""
    return actions.check(request, PAGE_ACTIONS, pk)


@require_POST
@permission_required(PAGE_ACTIONS.change_permission, raise_exception=True)
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write something down for colleagues."""
    return actions.note(request, PAGE_ACTIONS, pk)
