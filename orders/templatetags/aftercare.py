"""What follows a sale, as parts of an order's page: the panel that settles it, refills and cancels."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from orders import statuses
from orders.aftercare.eligibility import EarlierRequest, offers_of
from orders.detail.contexts import describe_result
from orders.models import Order
from orders.settlement.contexts import build_panel
from panelhub.ui.formatting import format_when

register = template.Library()


@register.inclusion_tag("orders/settlement/_settle.html", takes_context=True)
def settle_panel(context: Any, order: Order) -> dict[str, Any]:
    """Return the panel of an unconfirmed order; nothing, and no statement, for any other."""
    if order.status != statuses.UNCONFIRMED:
        return {"row": order, "is_open": False, "kind": "order", "csrf_token": context.get("csrf_token")}
    return {**build_panel(order, user=context["request"].user), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("orders/aftercare/_panel.html", takes_context=True)
def after_sale(context: Any, order: Order) -> dict[str, Any]:
    """Return the result of an order, and what can still be requested; one statement, none before it is placed."""
    user = context["request"].user
    if order.status in statuses.OWN:
        return {"order": order, "shown": False}
    may = user.has_perm("orders.aftercare_order")
    sees_cost = user.has_perm("orders.view_cost")
    offered, asked = offers_of(order) if may else ({}, [])
    return {
        "order": order,
        "shown": True,
        "csrf_token": context.get("csrf_token"),
        "wishes": list(offered.items()),
        "figures": list(describe_result(order, sees_cost=sees_cost)),
        "requests": _requests(asked),
        "may_settle": user.has_perm("orders.settle_order"),
    }


def _requests(asked: list[EarlierRequest]) -> list[dict[str, Any]]:
    """Refills and cancels on their way: queued ones can be withdrawn, unconfirmed ones have to be settled."""
    now = timezone.now()
    return [
        {"kind": one.kind, "pk": one.pk, "status": one.status, "when": format_when(one.created_at, now).html}
        for one in asked
        if one.status in {statuses.QUEUED, statuses.UNCONFIRMED}
    ]
