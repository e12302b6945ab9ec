"""One panel: its document, catalogue, books and clock, and the handles a test turns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from math import ceil
from typing import Any

from providers.sandbox.api.actions import answer
from providers.sandbox.api.replies import Refusal, Reply, SlidingWindow, json_reply, refuse
from providers.sandbox.books.books import Books
from providers.sandbox.books.clock import Clock
from providers.sandbox.books.journal import Journal
from providers.sandbox.books.records import Call, Fate, Order, Service
from providers.sandbox.documents import Document, Routes, Text
from providers.sandbox.faults.faults import Fault
from providers.sandbox.faults.replies import bend_reply
from providers.sandbox.faults.rules import Misbehaviour, Params, Rule
from providers.sandbox.faults.values import bend_value
from providers.sandbox.shop.agenda import Agenda
from providers.sandbox.shop.catalogue import make_catalogue
from providers.sandbox.shop.plans import STEADY, Fates
from providers.sandbox.shop.products import Shop
from providers.sandbox.shop.state import PanelState


class Panel(PanelState):
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
        requests_per_minute: int | None = None,
    ) -> None:
        super().__init__(neighbours=neighbours)
        self.document = document
        self.slug = document.slug
        self.key = key
        self.routes = routes or document.routes
        self.fates = fates
        self.latency = 0.0  # real seconds between accepting and answering
        self.lock = threading.RLock()
        self.clock = clock
        self.limit = SlidingWindow(requests_per_minute)
        self.misbehaviour = Misbehaviour(document.slug)
        self.services: dict[int, Service] = make_catalogue(document)
        self.books = Books(
            slug=document.slug,
            journal=journal,
            first_order=document.first_order,
            opening=document.opening_balance,
        )
        self.agenda: Agenda = Agenda(self)
        self.shop: Shop = Shop(self)
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
        with self.caught_up():
            return dict(self.books.orders)

    @property
    def requests(self) -> list[Call]:
        """Every request read so far, oldest first."""
        return self.books.requests

    @property
    def balance(self) -> Decimal:
        """Money left; set it to make a customer rich or poor."""
        with self.caught_up():
            return self.books.balance

    @balance.setter
    def balance(self, amount: Decimal | int | str) -> None:
        with self.caught_up():
            difference = Decimal(amount) - self.books.balance
            self.books.move("adjustment", "", difference, at=self.clock.real())

    @property
    def requests_per_minute(self) -> int | None:
        """How many requests the panel lets through in any sixty seconds; None is no limit."""
        return self.limit.per_minute

    @requests_per_minute.setter
    def requests_per_minute(self, limit: int | None) -> None:
        self.limit.per_minute = limit

    # What a test does

    def misbehave(
        self,
        fault: Fault,
        *,
        action: str | Collection[str] | None = None,
        times: int | None = None,
        probability: float | None = None,
        match: Callable[[Params], bool] | None = None,
        seconds: float | None = None,
        location: str = "",
        ids: Collection[str | int] = (),
    ) -> Rule:
        """Meet requests with a fault from now on.

        `action` is one wire action or several (none: all the fault has a meaning for), `times` how often,
        `probability` a share of those requests, `match` a look at their parameters. `seconds` is the wait of
        hanging and dripping faults and the Retry-After of `rate_limited_retry_after`, `location` where a
        redirect points. With `ids` only requests that name one of them are met: they are what is poison, and
        what is left out of a batch.
        """
        with self.lock:
            return self.misbehaviour.add(
                fault,
                action=action,
                times=times,
                probability=probability,
                match=match,
                seconds=seconds,
                location=location,
                ids=ids,
            )

    def behave(self, rule: Rule | None = None) -> None:
        """Take one rule back, or all."""
        with self.lock:
            if rule is None:
                self.misbehaviour.clear()
            else:
                self.misbehaviour.remove(rule)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        with self.lock:
            self.clock.advance(seconds)
            self.agenda.catch_up(self.clock.simulated())
            self.books.flush(self.clock.anchor)

    def inject_foreign(self, count: int = 1) -> list[int]:
        """Let other customers place orders; the ids they got."""
        with self.caught_up():
            return self.books.take_foreign_ids("order", count)

    def decide(self, order_id: int, fate: Fate, *, share: float = 0.5, surplus: int = 0) -> None:
        """Settle how an order ends: completed (with a surplus), partial (with a share), canceled."""
        with self.caught_up():
            order = self.books.orders[order_id]
            order = replace(order, plan=replace(order.plan, fate=fate, share=share, surplus=surplus))
            self.books.keep_order(order)
            self.agenda.enter_order(order)

    def decide_refill(self, refill_id: int, fate: Fate) -> None:
        """Settle how a refill ends: completed or rejected."""
        with self.caught_up():
            self.books.keep_refill(replace(self.books.refills[refill_id], fate=fate))

    def decide_product_order(self, order_id: int, fate: Fate, *, share: float = 0.5) -> None:
        """Settle how a product order that is not delivered yet ends."""
        with self.caught_up():
            order = self.books.product_orders[order_id]
            self.books.keep_product_order(replace(order, fate=fate, share=share))

    def set_stock(self, product_id: int, inventory: int) -> None:
        """Put that many pieces of a product on the shelf."""
        with self.caught_up():
            self.shop.set_stock(product_id, inventory)

    # What the wire asks

    def receive(self, params: Params, *, arrived: float | None = None) -> Reply:
        """Return the reply to a request; what it changed is committed before this returns."""
        with self.caught_up():
            at = self.clock.real() if arrived is None else arrived
            wait = self.limit.admit(at)
            if wait is not None:
                refusal = {"error": self.document.text(Text.rate_limited)}
                self._log(params, at, error=refusal["error"])
                return json_reply(refusal, status=429, headers=(("Retry-After", str(ceil(wait))),))
            rule = self.misbehaviour.pick(params)
            if rule is not None and not rule.fault.accepts:
                self._log(params, at, rule=rule)
                return bend_reply(json_reply({}), rule)
            self._accepted = []
            value = self._answer(params)
            error = value["error"] if isinstance(value, dict) and isinstance(value.get("error"), str) else ""
            self._log(params, at, rule=rule, error=error)
            if rule is not None:
                value = bend_value(value, panel=self, params=params, rule=rule)
        # Outside the lock: a long list must not hold up the others.
        reply = json_reply(value)
        return reply if rule is None else bend_reply(reply, rule)

    def _answer(self, params: Params) -> Any:
        try:
            if params.get("key") != self.key:
                raise refuse(self, Text.bad_key)
            return answer(self, params)
        except Refusal as refusal:
            return {"error": refusal.text}

    def _log(self, params: Params, at: float, *, rule: Rule | None = None, error: str = "") -> None:
        shown = {name: text for name, text in params.items() if name not in {"key", "action"}}
        accepted, self._accepted = tuple(self._accepted), []
        fault = "" if rule is None else rule.fault.value
        self.books.log_call(Call(params.get("action", ""), shown, at, fault, accepted, error))

    @contextmanager
    def caught_up(self) -> Iterator[None]:
        """Hold the lock with the agenda up to date; what is written meanwhile is committed at the end."""
        with self.lock:
            self.agenda.catch_up(self.clock.simulated())
            try:
                yield
            finally:
                self.books.flush(self.clock.anchor)
