"""How far an order has come: pure functions of a record and a simulated time, so nothing runs in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import floor
from typing import TYPE_CHECKING

from providers.sandbox.books.records import Fate, Order, Refill
from providers.sandbox.shop.plans import expiry_of, is_fully_served

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState

CANCELING_TAKES = 180.0  # an accepted cancel is a request: the order stops this much later
RULING_TAKES = 300.0  # a refill waits this long before anyone looks at it


class Status(StrEnum):
    """The words a panel uses, as smmvna's document lists them (the others show a part of the list)."""

    pending = "Pending"
    processing = "Processing"
    in_progress = "In progress"
    completed = "Completed"
    partial = "Partial"
    canceled = "Canceled"
    rejected = "Rejected"
    active = "Active"
    expired = "Expired"
    paused = "Paused"


FINAL = frozenset({Status.completed, Status.partial, Status.canceled, Status.rejected, Status.expired})


@dataclass(frozen=True, slots=True)
class Progress:
    """What can be said of an order at one moment; `kept` is the part of its charge the panel keeps."""

    status: Status
    start_count: int
    remains: int
    kept: Decimal

    @property
    def is_final(self) -> bool:
        """Whether the panel will do nothing more."""
        return self.status in FINAL


def delivered_by(order: Order, moment: float) -> int:
    """Units delivered at `moment`, as if no one had asked to cancel."""
    plan = order.plan
    goal = {Fate.completed: order.quantity, Fate.partial: floor(order.quantity * plan.share)}.get(plan.fate, 0)
    begins = order.since + plan.wait + plan.preparation
    return max(0, min(goal, floor((moment - begins) * plan.pace)))


def planned_end(order: Order) -> float:
    """Return simulated time at which the order ends by itself."""
    plan = order.plan
    begins = order.since + plan.wait + plan.preparation
    return begins + delivered_by(order, float("1e18")) / plan.pace


def end_of(order: Order) -> float:
    """Return simulated time at which the order ends, a cancel request considered."""
    if order.cancel_asked is None:
        return planned_end(order)
    return min(planned_end(order), order.cancel_asked + CANCELING_TAKES)


def observe(order: Order, now: float, *, unit: Decimal = Decimal("0.00001")) -> Progress:
    """Return the state of a single order; `unit` is the smallest money the panel reports."""
    plan = order.plan
    end = end_of(order)
    done = delivered_by(order, min(now, end))
    if now >= end and planned_end(order) <= end:
        done = delivered_by(order, float("1e18"))  # the last unit must not fall to a rounding error
    remains = order.quantity - done
    started = order.since + plan.wait
    if now >= end:
        if remains == 0:
            return Progress(Status.completed, plan.start_count, -plan.surplus, order.charge)
        status = Status.partial if done else Status.canceled
        kept = (order.charge * done / order.quantity).quantize(unit)
        return Progress(status, plan.start_count if end >= started else 0, remains, kept)
    if now < started:
        return Progress(Status.pending, 0, remains, order.charge)
    status = Status.processing if now < started + plan.preparation else Status.in_progress
    return Progress(status, plan.start_count, remains, order.charge)


def observe_dripfeed(
    order: Order, children: Sequence[Order], now: float, *, unit: Decimal = Decimal("0.00001")
) -> Progress:
    """Return the state of a drip-feed, derived from the runs made so far."""
    seen = [observe(child, now, unit=unit) for child in children]
    outstanding = order.runs - len(children)
    per_run = order.quantity // order.runs
    remains = sum(run.remains for run in seen) + outstanding * per_run
    start_count = seen[0].start_count if seen else 0
    stopped = order.cancel_asked is not None and now >= order.cancel_asked + CANCELING_TAKES
    if all(run.is_final for run in seen) and (stopped or not outstanding):
        kept = sum((run.kept for run in seen), Decimal(0))
        if not outstanding and all(run.status == Status.completed for run in seen):
            return Progress(Status.completed, start_count, remains, order.charge)
        return Progress(Status.partial if kept else Status.canceled, start_count, remains, kept)
    status = Status.in_progress if seen else Status.pending
    return Progress(status, start_count, remains, order.charge)


def refill_status(refill: Refill, now: float) -> Status:
    """Return the word for a refill at `now`."""
    elapsed = now - refill.since
    if elapsed < min(RULING_TAKES, refill.takes):
        return Status.pending
    if elapsed < refill.takes:
        return Status.in_progress
    return Status.rejected if refill.fate == Fate.rejected else Status.completed


def progress_of(panel: PanelState, order: Order) -> Progress:
    """Return how far an order or a drip-feed has come by now."""
    now, unit = panel.clock.simulated(), panel.document.unit
    if order.runs:
        return observe_dripfeed(order, panel.books.children_of(order), now, unit=unit)
    return observe(order, now, unit=unit)


def subscription_status(panel: PanelState, order: Order) -> Status:
    """Return the word for a subscription, which has no figures of its own."""
    now = panel.clock.simulated()
    expiry = expiry_of(order.parameters.get("expiry", ""))
    if order.cancel_asked is not None and now >= order.cancel_asked + CANCELING_TAKES:
        return Status.canceled
    if is_fully_served(order, len(panel.books.children[order.id])):
        return Status.completed
    if expiry is not None and now > expiry:
        return Status.expired
    return Status.paused if order.id in panel.paused else Status.active


def is_over(panel: PanelState, order: Order) -> bool:
    """Return whether nothing more will happen to an order."""
    if order.is_subscription:
        return subscription_status(panel, order) not in {Status.active, Status.paused}
    return progress_of(panel, order).is_final


def has_open_order(panel: PanelState, link: str) -> bool:
    """Return whether an order on the same link is still at work."""
    return any(order.link == link and not is_over(panel, order) for order in panel.books.orders.values())
