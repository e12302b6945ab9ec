"""One panel: its document, catalogue, books and clock, and the handles a test turns."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from providers.sandbox.actions import answer
from providers.sandbox.agenda import Agenda
from providers.sandbox.books import Books
from providers.sandbox.catalogue import make_catalogue
from providers.sandbox.clock import Clock
from providers.sandbox.documents import Document, Routes, Text
from providers.sandbox.journal import Journal
from providers.sandbox.plans import STEADY, Fates
from providers.sandbox.progress import CANCELING_TAKES, Progress, Status, observe, observe_dripfeed
from providers.sandbox.records import Call, Fate, Order, Refill, Service
from providers.sandbox.refusals import Refusal, refuse
from providers.sandbox.selling import expiry_of, is_fully_served
from providers.sandbox.shop import Shop


class Panel:
    """Answers requests as its document says; thread-safe. Ids are ints here, whatever they are on the wire."""

    def __init__(
        self,
        document: Document,
        *,
        journal: Journal,
        clock: Clock,
        key: str,
        routes: Routes | None = None,
        fates: Fates = STEADY,
        neighbours: int = 2,
    ) -> None:
        self.document = document
        self.slug = document.slug
        self.key = key
        self.routes = routes or document.routes
        self.fates = fates
        self.one_order_per_link = False
        self.latency = 0.0
        self.lock = threading.RLock()
        self.clock = clock
        self.services: dict[int, Service] = make_catalogue(document)
        self.paused: set[int] = set()
        self.books = Books(
            slug=document.slug, journal=journal, first_order=document.first_order, opening=document.opening_balance
        )
        self.agenda = Agenda(self)
        self.shop = Shop(self)
        self._neighbours = neighbours
        self._accepted: list[str] = []
        self._reopen()

    def _reopen(self) -> None:
        if ("products", "") in self.routes:
            self.shop.open()
        for order in list(self.books.orders.values()):
            self.agenda.enter_order(order)
        for product_order in list(self.books.product_orders.values()):
            self.agenda.enter_product_order(product_order)
        self.books.flush(self.clock.anchor)

    # What a test sees

    @property
    def orders(self) -> dict[int, Order]:
        """Accepted orders by id, those made for drip-feeds and subscriptions (with a `parent`) included."""
        with self._caught_up():
            return dict(self.books.orders)

    @property
    def requests(self) -> list[Call]:
        """Every request read so far, oldest first."""
        return self.books.requests

    @property
    def balance(self) -> Decimal:
        """Money left; set it to make a customer rich or poor."""
        with self._caught_up():
            return self.books.balance

    @balance.setter
    def balance(self, amount: Decimal | int | str) -> None:
        with self._caught_up():
            difference = Decimal(amount) - self.books.balance
            self.books.move("adjustment", "", difference, at=self.clock.real())

    # What a test does

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        with self.lock:
            self.clock.advance(seconds)
            self.agenda.catch_up(self.clock.simulated())
            self.books.flush(self.clock.anchor)

    def inject_foreign(self, count: int = 1) -> list[int]:
        """Let other customers place orders; the ids they got."""
        with self._caught_up():
            return self.books.take_foreign_ids(count)

    def decide(self, order_id: int, fate: Fate, *, share: float = 0.5, surplus: int = 0) -> None:
        """Settle how an order ends: completed (with a surplus), partial (with a share), canceled."""
        with self._caught_up():
            order = self.books.orders[order_id]
            order = replace(order, plan=replace(order.plan, fate=fate, share=share, surplus=surplus))
            self.books.keep_order(order)
            self.agenda.enter_order(order)

    def decide_refill(self, refill_id: int, fate: Fate) -> None:
        """Settle how a refill ends: completed or rejected."""
        with self._caught_up():
            self.books.keep_refill(replace(self.books.refills[refill_id], fate=fate))

    def decide_product_order(self, order_id: int, fate: Fate, *, share: float = 0.5) -> None:
        """Settle how a product order that is not delivered yet ends."""
        with self._caught_up():
            order = self.books.product_orders[order_id]
            self.books.keep_product_order(replace(order, fate=fate, share=share))

    def set_stock(self, product_id: int, inventory: int) -> None:
        """Put that many pieces of a product on the shelf."""
        with self._caught_up():
            self.shop.set_stock(product_id, inventory)

    # What the wire asks

    def receive(self, params: Mapping[str, str]) -> Any:
        """The JSON value that answers a request; written to the log and committed before it is returned."""
        with self._caught_up():
            self._accepted = []
            error = ""
            try:
                if params.get("key") != self.key:
                    raise refuse(self, Text.bad_key)
                value = answer(self, params)
            except Refusal as refusal:
                value, error = {"error": refusal.text}, refusal.text
            shown = {name: text for name, text in params.items() if name != "key"}
            self.books.log_call(
                Call(
                    action=shown.pop("action", ""),
                    params=shown,
                    at=self.clock.real(),
                    accepted=tuple(self._accepted),
                    error=error,
                )
            )
            return value

    def note_accepted(self, number: int) -> None:
        """Remember, for the log, what the request at hand has brought about."""
        self._accepted.append(str(number))

    def let_others_order(self, number: int) -> None:
        """Other customers order too: a few ids after each of ours are theirs."""
        if self._neighbours:
            gap = Random(f"{self.slug}:gap:{number}").randint(0, self._neighbours)  # noqa: S311
            self.books.take_foreign_ids(gap)

    # What the actions ask

    def progress_of(self, order: Order) -> Progress:
        """How far an order or a drip-feed has come by now."""
        now, unit = self.clock.simulated(), self.document.unit
        if order.runs:
            return observe_dripfeed(order, self.books.children_of(order), now, unit=unit)
        return observe(order, now, unit=unit)

    def subscription_status(self, order: Order) -> Status:
        """The word for a subscription, which has no figures of its own."""
        now = self.clock.simulated()
        expiry = expiry_of(order.parameters.get("expiry", ""))
        if order.cancel_asked is not None and now >= order.cancel_asked + CANCELING_TAKES:
            return Status.canceled
        if is_fully_served(order, len(self.books.children[order.id])):
            return Status.completed
        if expiry is not None and now > expiry:
            return Status.expired
        return Status.paused if order.id in self.paused else Status.active

    def is_over(self, order: Order) -> bool:
        """Whether nothing more will happen to an order."""
        if order.is_subscription:
            return self.subscription_status(order) not in {Status.active, Status.paused}
        return self.progress_of(order).is_final

    def has_open_order(self, link: str) -> bool:
        """Whether an order on the same link is still at work."""
        return any(order.link == link and not self.is_over(order) for order in self.books.orders.values())

    def service_of(self, order: Order) -> Service:
        """The service an order was placed with, as it is today."""
        return self.services[order.service]

    def refills_of(self, order_id: int) -> list[Refill]:
        """Refills of an order, oldest first."""
        return [refill for refill in self.books.refills.values() if refill.order == order_id]

    def _caught_up(self) -> _CaughtUp:
        return _CaughtUp(self)


class _CaughtUp:
    """Holds the panel's lock with its agenda up to date, and commits what was written on the way out."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def __enter__(self) -> None:
        self._panel.lock.acquire()
        self._panel.agenda.catch_up(self._panel.clock.simulated())

    def __exit__(self, *exception: object) -> None:
        try:
            self._panel.books.flush(self._panel.clock.anchor)
        finally:
            self._panel.lock.release()
