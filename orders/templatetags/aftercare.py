"""What follows a sale, as parts of an order's page: the panel that settles it, refills and cancels."""

from __future__ import annotations

from typing import Any

from django import template

from orders import statuses
from orders.aftercare.contexts import care_of
from orders.aftercare.eligibility import offers_of
from orders.detail.contexts import describe_result
from orders.models import Order
from orders.settlement.contexts import build_panel

register = template.Library()


@register.inclusion_tag("orders/settlement/_settle.html", takes_context=True)
def settle_panel(context: Any, order: Order) -> dict[str, Any]:
    """Return the panel of an unconfirmed order; nothing, and no statement, for any other."""
    if order.status != statuses.UNCONFIRMED:
        return {"row": order, "is_open": False, "kind": "order", "csrf_token": context.get("csrf_token")}
    return {**build_panel(order, user=context["request"].user), "csrf_token": context.get("csrf_token")}


@register.simple_tag(takes_context=True)
def load_aftercare(context: Any, order: Order) -> dict[str, Any]:
    """Return the result of an order, and what can still be requested; one statement, none before it is placed."""
    user = context["request"].user
    if order.status in statuses.OWN:
        return {"order": order, "shown": False}
    may = user.has_perm("orders.aftercare_order")
    sees_cost = user.has_perm("orders.view_cost")
    offered = offers_of(order)[0] if may else {}
    return {
        "order": order,
        "shown": True,
        "wishes": list(offered.items()),
        "has_reasons": any(offer.reason for offer in offered.values()),
        "figures": list(describe_result(order, sees_cost=sees_cost)),
        "care": care_of(order),
        "may": may,
        "may_settle": user.has_perm("orders.settle_order"),
    }
