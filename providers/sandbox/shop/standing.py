"""Where an order of a panel stands right now, its children and the money of the customer considered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.sandbox.books.records import Order
from providers.sandbox.shop.plans import expiry_of, is_fully_served
from providers.sandbox.shop.progress import CANCELING_TAKES, Progress, Status, observe, observe_dripfeed

if TYPE_CHECKING:
    from providers.sandbox.panel import Panel


def progress_of(panel: Panel, order: Order) -> Progress:
    """How far an order or a drip-feed has come by now."""
    now, unit = panel.clock.simulated(), panel.document.unit
    if order.runs:
        return observe_dripfeed(order, panel.books.children_of(order), now, unit=unit)
    return observe(order, now, unit=unit)


def subscription_status(panel: Panel, order: Order) -> Status:
    """The word for a subscription, which has no figures of its own."""
    now = panel.clock.simulated()
    expiry = expiry_of(order.parameters.get("expiry", ""))
    if order.cancel_asked is not None and now >= order.cancel_asked + CANCELING_TAKES:
        return Status.canceled
    if is_fully_served(order, len(panel.books.children[order.id])):
        return Status.completed
    if expiry is not None and now > expiry:
        return Status.expired
    return Status.paused if order.id in panel.paused else Status.active


def is_over(panel: Panel, order: Order) -> bool:
    """Whether nothing more will happen to an order."""
    if order.is_subscription:
        return subscription_status(panel, order) not in {Status.active, Status.paused}
    return progress_of(panel, order).is_final


def has_open_order(panel: Panel, link: str) -> bool:
    """Whether an order on the same link is still at work."""
    return any(order.link == link and not is_over(panel, order) for order in panel.books.orders.values())
