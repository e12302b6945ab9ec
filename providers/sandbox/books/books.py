"""The books of one panel: what was accepted, who took which id, and where the money went."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal

from providers.sandbox.books.clock import Anchor
from providers.sandbox.books.journal import Journal, Statement, append, keep, keep_state
from providers.sandbox.books.ledger import Ledger
from providers.sandbox.books.records import Call, Cancel, Movement, Order, ProductOrder, Refill

_CALLS_IN_MEMORY = 50_000
_CALLS_ON_FILE = 100_000  # older ones are dropped at a start


class Books:
    """Everything is in memory for speed and noted for the journal; `flush` commits what was noted."""

    def __init__(self, *, slug: str, journal: Journal, first_order: int, opening: Decimal) -> None:
        self.slug = slug
        self._journal = journal
        self._notes: list[Statement] = []
        self._written_state = ""
        journal.drop_calls(slug, keep=_CALLS_ON_FILE)
        ledger = Ledger(journal.connection, journal.lock)
        state = ledger.state(slug)
        self.orders = {order.id: order for order in ledger.orders(slug, children=True)}
        self.children: defaultdict[int, list[int]] = defaultdict(list)
        for order in self.orders.values():
            if order.parent is not None:
                self.children[order.parent].append(order.id)
        self.refills = {refill.id: refill for refill in ledger.refills(slug)}
        self.cancels = {cancel.id: cancel for cancel in ledger.cancels(slug)}
        self.product_orders = {order.id: order for order in ledger.product_orders(slug)}
        self.requests: list[Call] = ledger.calls(slug, last=1_000)
        self.next_ids: dict[str, int] = state.get("next_ids") or {
            "order": first_order,
            "refill": 1 + first_order % 997,
            "cancel": 1,
            "product_order": first_order,
        }
        self.stock: dict[int, int] = {int(key): left for key, left in state.get("stock", {}).items()}
        movements = ledger.movements(slug)
        self.balance = sum((movement.amount for movement in movements), Decimal(0))
        self.refunded = {movement.reference for movement in movements if movement.kind == "refund"}
        if not state:
            self.move("opening", "", opening, at=0.0)

    @staticmethod
    def stored_anchor(ledger: Ledger, slug: str) -> Anchor | None:
        """Return the time a panel had when it was last written; None for a new one."""
        state = ledger.state(slug)
        return Anchor(**state["anchor"]) if state else None

    def take_id(self, kind: str) -> int:
        """Return the next number of a sequence: order, refill, cancel or product_order."""
        number = self.next_ids[kind]
        self.next_ids[kind] = number + 1
        return number

    def take_foreign_ids(self, kind: str, count: int) -> list[int]:
        """Return ids that other customers get; asking about one is answered like asking about nothing."""
        return [self.take_id(kind) for _ in range(count)]

    def keep_order(self, order: Order) -> None:
        """Write an order, new or changed."""
        if order.parent is not None and order.id not in self.orders:
            self.children[order.parent].append(order.id)
        self.orders[order.id] = order
        self._notes.append(keep(self.slug, order))

    def keep_refill(self, refill: Refill) -> None:
        """Write a refill, new or changed."""
        self.refills[refill.id] = refill
        self._notes.append(keep(self.slug, refill))

    def keep_cancel(self, cancel: Cancel) -> None:
        """Write a request to cancel."""
        self.cancels[cancel.id] = cancel
        self._notes.append(keep(self.slug, cancel))

    def keep_product_order(self, order: ProductOrder) -> None:
        """Write a product order, new or changed."""
        self.product_orders[order.id] = order
        self._notes.append(keep(self.slug, order))

    def move(self, kind: str, reference: str, amount: Decimal, *, at: float) -> None:
        """Change the balance by `amount`, which is negative for a charge."""
        self.balance += amount
        if kind == "refund":
            self.refunded.add(reference)
        self._notes.append(append(self.slug, Movement(kind, reference, amount, at)))

    def log_call(self, call: Call) -> None:
        """Add a request to the log of received ones."""
        self.requests.append(call)
        if len(self.requests) > _CALLS_IN_MEMORY:
            del self.requests[: _CALLS_IN_MEMORY // 2]
        self._notes.append(append(self.slug, call))

    def children_of(self, order: Order) -> list[Order]:
        """Return orders the panel made on behalf of this one, oldest first."""
        return [self.orders[number] for number in self.children.get(order.id, ())]

    def flush(self, anchor: Anchor) -> None:
        """Commit what was noted since the last time, with the counters as they stand."""
        state = {
            "next_ids": self.next_ids,
            "stock": {str(key): left for key, left in self.stock.items()},
            "anchor": {"real": anchor.real, "simulated": anchor.simulated, "speed": anchor.speed},
        }
        text = json.dumps(state)
        notes, self._notes = self._notes, []
        if text != self._written_state:
            notes.append(keep_state(self.slug, text))
        if notes:
            self._journal.write(notes)
        self._written_state = text
