"""Act on many orders at once: refill, cancel, approve, check."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.aftercare.services import Requested
from orders.listing.bulk_actions import BULK_ACTIONS, Approved, BulkAction, approve_all, bulk_actions_for
from orders.listing.filters import OrderFilter
from orders.listing.queries import search_orders
from orders.models import Order
from orders.permissions import orders_for
from orders.placement.posted import read_key
from panelhub.ui.formatting import format_money
from providers.catalogue.changes import price_step
from providers.catalogue.seen_prices import mark_of_price
from providers.permissions import visible_providers

MOST_NAMED: Final = 50


MOST_IDS: Final = 20_000
MOST_CHOSEN: Final = 2_000
"""So many keys can stand in one condition."""


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do something to many: to the orders chosen (``ids``), or with ``matching`` to all that ``filter`` finds.

    Answers with what was done and, by reason, what was not.
    """
    bulk_actions = {bulk_action.slug: bulk_action for bulk_action in bulk_actions_for(request.user)}
    action = request.POST.get("action", "")
    if not bulk_actions or (
        action in {bulk_action.slug for bulk_action in BULK_ACTIONS} and action not in bulk_actions
    ):
        raise PermissionDenied
    bulk_action = bulk_actions.get(action)
    back = f"{reverse('orders:list')}?{request.POST.get('filter', '')}".rstrip("?")
    if bulk_action is None:
        messages.error(request, _("Choose an action."))
        return redirect(back)
    if request.POST.get("matching"):
        orders, ids = _matching(request), None
        if orders is None:
            messages.error(request, _("The filter is no longer valid. Nothing was changed."))
            return redirect(back)
    else:
        orders, ids = orders_for(request.user), _chosen(request)
        if not ids:
            messages.error(request, _("Select at least one order."))
            return redirect(back)
    seen = {"seen": _seen_prices(request)} if bulk_action.do is approve_all else {}
    done = bulk_action.do(orders, by=request.user, ids=ids, request=request, **seen)
    repriced = _repriced(done, request) if isinstance(done, Approved) else []
    if not done.skipped and not done.left and not repriced:
        messages.success(request, _result_message(bulk_action, done))
        return redirect(back)
    context = {
        **_result(done),
        "title": bulk_action.title,
        "asked_for": _result_message(bulk_action, done) if done.created else "",
        "repriced": repriced,
        "repriced_ids": ",".join(pk for group in repriced for pk in group["all"]),
        "sees_cost": request.user.has_perm("orders.view_cost"),
        "filter": request.POST.get("filter", ""),
        "back": back,
        "nav": "orders",
    }
    return render(request, "orders/listing/bulk_result.html", context)


def _seen_prices(request: HttpRequest) -> dict[int, str]:
    """Return by the key of a service, the mark of the rate that was shown before this click (``12:ab34…``)."""
    pairs = (text.partition(":") for text in request.POST.getlist("seen")[:MOST_IDS])
    return {key: mark for text, _colon, mark in pairs if (key := read_key(text)) is not None}


def _repriced(done: Approved, request: HttpRequest) -> list[dict[str, Any]]:
    """Return what may be approved once someone has seen its price: orders of one service that were agreed to at one
    rate.
    """
    providers = visible_providers(request).providers
    groups: dict[tuple[int, Any], dict[str, Any]] = {}
    for order in done.repriced:
        service, provider = order.service, providers.get(order.provider_id)
        if service is None or order.rate is None or provider is None:
            continue
        group = groups.setdefault(
            (service.pk, order.rate),
            {
                "service": service,
                "provider": provider.name,
                "seen": f"{service.pk}:{mark_of_price(service.rate)}",
                "before": format_money(order.rate, provider.currency),
                "after": format_money(service.rate, provider.currency),
                "step": price_step(str(order.rate), str(service.rate)),
                "all": [],
            },
        )
        group["all"].append(str(order.pk))
    for group in groups.values():
        group |= {"count": len(group["all"]), "orders": group["all"][:MOST_NAMED]}
        group["more"] = group["count"] - len(group["orders"])
    return list(groups.values())


def selected_orders(request: HttpRequest) -> Any:
    """Return the orders that a form of the list selects, among those the reader sees; ``None`` for none."""
    if request.POST.get("matching"):
        return _matching(request)
    ids = _chosen(request)
    return orders_for(request.user).filter(pk__in=ids[:MOST_CHOSEN]) if ids else None


def _chosen(request: HttpRequest) -> list[int]:
    given = ",".join(request.POST.getlist("ids")).split(",")
    return [int(one) for one in given[:MOST_IDS] if one.isascii() and one.isdigit() and len(one) < 19]


def _matching(request: HttpRequest) -> Any:
    """Return all orders that the filter of the list finds; ``None`` when it cannot be read: no filter would be all
    orders.
    """
    visible = visible_providers(request)
    form = OrderFilter(QueryDict(request.POST.get("filter", "")), visible=visible, user=request.user)
    search = form.search()
    if not form.is_valid():
        return None
    return search_orders(visible.narrow(Order.objects.all()), search, provider_ids=list(visible.providers))


def _result_message(bulk_action: BulkAction, done: Requested) -> str:
    return bulk_action.message_for(done.created) % {"count": done.created}


def _result(done: Requested) -> dict[str, Any]:
    return {
        "done": done,
        "groups": [
            {
                "reason": skipped.reason,
                "count": len(skipped.orders),
                "orders": skipped.orders[:MOST_NAMED],
                "more": max(0, len(skipped.orders) - MOST_NAMED),
            }
            for skipped in done.skipped
        ],
    }
