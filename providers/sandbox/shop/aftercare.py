"""What can be done with an accepted order: find it, refill it, ask to cancel it."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from providers.sandbox.api.replies import refuse, whole_number
from providers.sandbox.books.records import Cancel, Fate, Order, Refill
from providers.sandbox.documents import Text
from providers.sandbox.shop.progress import FINAL, Status, is_over, progress_of, refill_status

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState


def find_order(panel: PanelState, number: str) -> Order:
    """Our customer's order; an id of another customer is as unknown as one that was never given out."""
    order = panel.books.orders.get(int(number)) if whole_number(number) else None
    if order is None:
        raise refuse(panel, Text.bad_order)
    return order


def accept_refill(panel: PanelState, number: str) -> int:
    """Return the id of a refill of a completed order whose service has refills; one at a time."""
    order = find_order(panel, number)
    service = panel.services.get(order.service)
    if service is None or not service.refill:
        raise refuse(panel, Text.refill_disabled)
    if order.is_parent or progress_of(panel, order).status != Status.completed:
        raise refuse(panel, Text.refill_refused)
    now = panel.clock.simulated()
    earlier = [refill for refill in panel.books.refills.values() if refill.order == order.id]
    if any(refill_status(refill, now) not in FINAL for refill in earlier):
        raise refuse(panel, Text.refill_running)
    refill_id = panel.books.take_id("refill")
    random = Random(f"{panel.slug}:refill:{refill_id}")  # noqa: S311 - repeatable, not secret
    refill = Refill(
        id=refill_id,
        order=order.id,
        accepted_at=panel.clock.real(),
        since=now,
        takes=random.uniform(700, 1_500),
        fate=Fate.rejected if random.random() < panel.fates.rejected else Fate.completed,
    )
    panel.books.keep_refill(refill)
    panel.note_accepted(refill.id)
    panel.let_others_order("refill", refill.id)
    return refill.id


def refill_word(panel: PanelState, number: str) -> Status:
    """Return the status of a refill."""
    refill = panel.books.refills.get(int(number)) if whole_number(number) else None
    if refill is None:
        raise refuse(panel, Text.bad_refill)
    return refill_status(refill, panel.clock.simulated())


def accept_cancel(panel: PanelState, number: str) -> int:
    """Takes a request to cancel, which ends the order a little later; what the `cancel` field says."""
    order = find_order(panel, number)
    service = panel.services.get(order.service)
    if service is None or not service.cancel:
        raise refuse(panel, Text.cancel_disabled)
    if order.cancel_asked is not None:
        raise refuse(panel, Text.cancel_running)
    if is_over(panel, order):
        raise refuse(panel, Text.cancel_late)
    now = panel.clock.simulated()
    cancel = Cancel(panel.books.take_id("cancel"), order.id, panel.clock.real(), now)
    panel.books.keep_cancel(cancel)
    panel.note_accepted(order.id)
    for asked in (order, *(child for child in panel.books.children_of(order) if not is_over(panel, child))):
        asked = replace(asked, cancel_asked=now)
        panel.books.keep_order(asked)
        panel.agenda.enter_order(asked)
    return cancel.id if panel.document.cancel_ids else 1
