"""The page of a chain, and what a person does with it: stop, move, buy elsewhere, continue, close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders.aftercare.services import REQUESTS, request_all
from orders.detail.chain_contexts import DECIDE, MOVE, STOP, describe_chain
from orders.models import Chain
from orders.permissions import chains_for, orders_for
from orders.placement.posted import read_key
from orders.routes.choice import find_candidates
from orders.routes.contexts import describe_candidates
from orders.routes.decisions import buy_elsewhere, close_chain, continue_chain, mark_to_move, stop_chain
from orders.routes.editing import load_services
from orders.routes.purchases import CannotStep

LONGEST_REASON: Final = 500


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one chain: what was ordered through a route, as one thing."""
    chain = get_object_or_404(chains_for(request.user).select_related("route", "created_by"), pk=pk)
    context = describe_chain(chain, user=request.user)
    if context["may_buy"]:
        found = find_candidates(chain.route, quantity=None, person=request.user, link=chain.link)
        context["choices"] = describe_candidates(
            chain.route, found, sees_cost=context["sees_cost"], currency=chain.currency
        )
    return render(request, "orders/detail/chain.html", {**context, "nav": "orders"})


@require_POST
@permission_required(STOP, raise_exception=True)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a chain: nothing more is bought."""
    return _act(request, pk, stop_chain, _("Stopped. Nothing more is bought."), _("It had ended already."))


@require_POST
@permission_required(DECIDE, raise_exception=True)
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a held or flagged chain go on by itself."""
    return _act(request, pk, continue_chain, _("It goes on by itself again."), _("It isn’t waiting any more."))


@require_POST
@permission_required(DECIDE, raise_exception=True)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a flagged chain as checked."""
    return _act(request, pk, close_chain, _("Closed as checked."), _("It isn’t flagged any more."))


@require_POST
@permission_required(DECIDE, raise_exception=True)
def buy(request: HttpRequest, pk: int) -> HttpResponse:
    """Buy what is left elsewhere, by the decision of a person."""
    key = read_key(request.POST.get("service", ""))
    services = load_services([key], request.user) if key is not None else []
    if key is not None and not services:
        messages.error(request, _("Choose a service that you can order."))
        return redirect("orders:chain", pk=pk)

    def act(chain: Chain, *, by: Any, reason: str) -> bool:
        buy_elsewhere(chain, by=by, reason=reason, service=services[0] if services else None)
        return True

    return _act(request, pk, act, _("The next order is queued."), "")


@require_POST
@permission_required(MOVE, raise_exception=True)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel the current order, and have the chain go on elsewhere with what is left once it is canceled."""
    cancel = REQUESTS["cancel"]

    def act(chain: Chain, *, by: Any, reason: str) -> bool:
        last = chain.links.order_by("-position").values_list("pk", flat=True)[:1]
        with transaction.atomic():
            if not mark_to_move(chain, by=by, reason=reason):
                return False
            done = request_all(cancel, orders_for(by), by=by, ids=list(last), request=request)
            if not done.created:
                raise CannotStep(done.skipped[0].reason)
        return True

    done = _("The cancel is requested. What is left is bought elsewhere once the provider has canceled.")
    return _act(request, pk, act, done, _("This order can’t be moved now."))


def _act(request: HttpRequest, pk: int, act: Callable[..., Any], done: str, too_late: str) -> HttpResponse:
    """Do one thing with a chain that the person sees, and say what happened on its page."""
    chain = get_object_or_404(chains_for(request.user), pk=pk)
    try:
        acted = act(chain, by=request.user, reason=request.POST.get("reason", "")[:LONGEST_REASON])
    except CannotStep as why:
        messages.error(request, str(why))
    else:
        if acted:
            messages.success(request, done)
        else:
            messages.error(request, too_late)
    return redirect("orders:chain", pk=pk)
