"""Refills and cancels of one order, requested and withdrawn by a person."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.aftercare.forms import RefillCareForm
from orders.aftercare.refill_rules import NoRule, set_rule
from orders.aftercare.refill_windows import set_window
from orders.aftercare.services import REQUESTS, describe_cancels, describe_refills, request_all, withdraw_request
from orders.models import Cancellation, Refill
from orders.permissions import orders_for, seen_by

MODELS: Final[dict[str, type[Refill] | type[Cancellation]]] = {"refill": Refill, "cancellation": Cancellation}
SUCCESS: Final = {"refill": describe_refills, "cancel": describe_cancels}


@require_POST
@permission_required("orders.aftercare_order", raise_exception=True)
def ask(request: HttpRequest, pk: int, wish: str) -> HttpResponse:
    """Request a refill or a cancel of one order."""
    if wish not in REQUESTS:
        raise Http404
    get_object_or_404(orders_for(request.user), pk=pk)
    done = request_all(REQUESTS[wish], orders_for(request.user), by=request.user, ids=[pk], request=request)
    if done.created:
        messages.info(request, SUCCESS[wish](done.created) % {"count": done.created})
    else:
        messages.error(request, done.skipped[0].reason)
    return redirect("orders:detail", pk=pk)


@require_POST
@permission_required("orders.aftercare_order", raise_exception=True)
def care(request: HttpRequest, pk: int) -> HttpResponse:
    """Set how long an order can be refilled, or (``every_days``) how often the hub requests it; empty stops that."""
    order = get_object_or_404(orders_for(request.user).select_related("refill_window"), pk=pk)
    form = RefillCareForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    elif "window" in request.POST:
        set_window(order, form.cleaned_data["days"], by=request.user, request=request)
        messages.success(request, _("The refill window is set."))
    else:
        try:
            set_rule(order, form.cleaned_data["every_days"], by=request.user, request=request)
            messages.success(request, _("The refill rule is set."))
        except NoRule as reason:
            messages.error(request, str(reason))
    return redirect("orders:detail", pk=pk)


@require_POST
@permission_required("orders.aftercare_order", raise_exception=True)
def withdraw(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take a refill or a cancel back that is not sent yet."""
    if kind not in MODELS:
        raise Http404
    row = get_object_or_404(seen_by(MODELS[kind].objects.all(), request.user, path="order__provider_id"), pk=pk)
    if withdraw_request(row, by=request.user, request=request):
        messages.success(request, _("Request undone. Nothing was sent."))
    else:
        messages.error(request, _("Too late. The request has already been sent."))
    return redirect("orders:detail", pk=row.order_id)
