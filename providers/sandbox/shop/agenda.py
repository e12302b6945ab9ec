"""What falls due as simulated time passes: runs, posts, refunds, deliveries.

Nothing runs in the background. Before a panel answers anything it catches up with its agenda, and every
entry is handled with the time it was due at, so it makes no difference when someone looks.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from providers.sandbox.books.records import Fate, Order, ProductOrder
from providers.sandbox.shop.orders import make_order, price_of
from providers.sandbox.shop.plans import expiry_of, is_fully_served, post_appears, post_quantity, run_starts
from providers.sandbox.shop.progress import CANCELING_TAKES, end_of, observe

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState


class Agenda:
    """The due times of one panel; every entry may be handled twice without harm."""

    def __init__(self, panel: PanelState) -> None:
        self._panel = panel
        self._heap: list[tuple[float, int, str]] = []
        self._handlers: dict[str, Callable[[int, float], None]] = {
            "settle": self._settle,
            "run": self._start_run,
            "post": self._serve_post,
            "deliver": self._deliver,
        }

    def enter_order(self, order: Order) -> None:
        """Note what is to happen to an order from here on; needed again when its course was changed."""
        made = len(self._panel.books.children[order.id]) if order.is_parent else 0
        if order.is_subscription:
            self._enter(post_appears(order, made), order.id, "post")
        elif order.runs:
            self._enter(run_starts(order, made), order.id, "run")
            if order.cancel_asked is not None:
                self._enter(order.cancel_asked + CANCELING_TAKES, order.id, "settle")
        elif order.cancel_asked is not None or order.plan.fate != Fate.completed:
            self._enter(end_of(order), order.id, "settle")

    def enter_product_order(self, order: ProductOrder) -> None:
        """Note when the goods are taken from the stock."""
        if order.granted is None:
            self._enter(order.since + order.takes, order.id, "deliver")

    def catch_up(self, now: float) -> None:
        """Handle all that was due until `now`, in the order it was due."""
        while self._heap and self._heap[0][0] <= now:
            due, number, kind = heapq.heappop(self._heap)
            self._handlers[kind](number, due)

    def _enter(self, due: float, number: int, kind: str) -> None:
        heapq.heappush(self._heap, (due, number, kind))

    def _settle(self, number: int, due: float) -> None:
        """Give back what an ended order did not use."""
        panel, books = self._panel, self._panel.books
        order, reference = books.orders[number], f"order:{number}"
        if reference in books.refunded:
            return
        if order.runs:
            refund = _unused_runs(order, len(books.children[number]), panel.document.unit)
        else:
            if due < end_of(order):
                return
            refund = order.charge - observe(order, due, unit=panel.document.unit).kept
        if refund:
            books.move("refund", reference, refund, at=panel.clock.real())

    def _start_run(self, number: int, due: float) -> None:
        panel = self._panel
        order = panel.books.orders[number]
        made = len(panel.books.children[number])
        if order.cancel_asked is not None or made >= order.runs or due < run_starts(order, made):
            return
        make_order(
            panel,
            panel.services[order.service],
            link=order.link,
            quantity=order.quantity // order.runs,
            charge=_charge_of_run(order, made, panel.document.unit),
            parameters={},
            since=due,
            parent=number,
        )
        self.enter_order(order)

    def _serve_post(self, number: int, due: float) -> None:
        panel = self._panel
        order = panel.books.orders[number]
        made = len(panel.books.children[number])
        expiry = expiry_of(order.parameters.get("expiry", ""))
        over = order.cancel_asked is not None or is_fully_served(order, made)
        if over or (expiry is not None and due > expiry) or due < post_appears(order, made):
            return
        service = panel.services[order.service]
        quantity = post_quantity(order, made)
        charge = price_of(panel, service, quantity)
        if panel.books.balance < charge:
            panel.paused.add(number)
            self._enter(due + 3_600, number, "post")
            return
        panel.paused.discard(number)
        child = make_order(
            panel,
            service,
            link=f"https://example.com/{order.parameters['username'].lstrip('@')}/post/{made + 1}",
            quantity=quantity,
            charge=charge,
            parameters={},
            since=due,
            parent=number,
        )
        panel.books.move("charge", f"order:{child.id}", -charge, at=panel.clock.real())
        self.enter_order(order)

    def _deliver(self, number: int, due: float) -> None:
        panel, books = self._panel, self._panel.books
        order = books.product_orders[number]
        if order.granted is not None or due < order.since + order.takes:
            return
        granted = panel.shop.grant(order)
        books.keep_product_order(replace(order, granted=granted))
        refund = panel.shop.price(order.charge, order.quantity, order.quantity - granted)
        if refund:
            books.move("refund", f"product_order:{number}", refund, at=panel.clock.real())


def _charge_of_run(order: Order, index: int, unit: Decimal) -> Decimal:
    """Return a run's part of a drip-feed's charge; the last one takes the rounding."""
    part = (order.charge / order.runs).quantize(unit)
    return order.charge - part * (order.runs - 1) if index == order.runs - 1 else part


def _unused_runs(order: Order, made: int, unit: Decimal) -> Decimal:
    return sum((_charge_of_run(order, index, unit) for index in range(made, order.runs)), Decimal(0))
