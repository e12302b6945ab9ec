"""What the parts of a panel share: its document, books and clock, what it sells, and what is due."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Protocol

from providers.sandbox.books.books import Books
from providers.sandbox.books.clock import Clock
from providers.sandbox.books.records import Order, Product, ProductOrder, Service
from providers.sandbox.documents import Document, Routes
from providers.sandbox.shop.plans import Fates


class Agenda(Protocol):
    """Takes orders whose next step comes later."""

    def enter_order(self, order: Order) -> None: ...
    def enter_product_order(self, order: ProductOrder) -> None: ...


class Shop(Protocol):
    """Sells digital products."""

    @property
    def products(self) -> dict[int, Product]: ...
    def accept(self, params: Mapping[str, str]) -> ProductOrder: ...
    def grant(self, order: ProductOrder) -> int: ...
    def price(self, charge: Decimal, quantity: int, pieces: int) -> Decimal: ...
    def status_of(self, order: ProductOrder, now: float) -> StrEnum: ...
    def result_id(self, order: ProductOrder) -> str: ...
    def goods_of(self, order: ProductOrder) -> list[str]: ...


class PanelState:
    """The state of one panel, as the code that answers, sells and delivers sees it."""

    slug: str
    document: Document
    routes: Routes
    fates: Fates
    clock: Clock
    books: Books
    services: dict[int, Service]
    agenda: Agenda
    shop: Shop

    def __init__(self, *, neighbours: int) -> None:
        self.one_order_per_link = False
        self.paused: set[int] = set()  # subscriptions that wait for money
        self.elsewhere = Decimal(0)  # what another user of the account has spent and not got back
        self._neighbours = neighbours
        self._accepted: list[str] = []

    def note_accepted(self, number: int) -> None:
        """Remember, for the log, what the request at hand has brought about."""
        self._accepted.append(str(number))

    def let_others_order(self, kind: str, number: int) -> int:
        """Return other customers order too: the next few ids after one of ours are theirs; how many."""
        gap = Random(f"{self.slug}:{kind}:{number}").randint(0, self._neighbours)  # noqa: S311 - repeatable
        return len(self.books.take_foreign_ids(kind, gap))
