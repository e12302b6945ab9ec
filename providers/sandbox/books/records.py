"""What a panel writes down: frozen records, replaced and never changed in place.

Money is Decimal in the panel's currency. `accepted_at` is wall time (seconds since the epoch, what a
checker compares with its own clock); `since` is the panel's simulated time, which progress is computed from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Fate(StrEnum):
    """How an order, a refill or a product order is going to end when no one interferes."""

    completed = "completed"
    partial = "partial"
    canceled = "canceled"
    rejected = "rejected"


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of one order, fixed when it is accepted: seconds are simulated ones."""

    wait: float
    preparation: float
    pace: float  # units delivered a second
    fate: Fate = Fate.completed
    share: float = 1.0  # how much of the quantity a partial order gets
    surplus: int = 0  # delivered beyond the quantity, seen as negative remains
    start_count: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """One row of a catalogue; `rate` is for 1,000, or for one where the type is a package."""

    id: int
    name: str
    type: str
    category: str
    rate: Decimal
    minimum: int
    maximum: int
    refill: bool
    cancel: bool
    pace: float  # units delivered a second of simulated time


@dataclass(frozen=True, slots=True)
class Order:
    """An accepted order, a run of a drip-feed or a post of a subscription (those two have a parent)."""

    id: int
    service: int
    type: str
    link: str
    quantity: int  # all that is to be delivered: lines for comments, runs x quantity for a drip-feed
    charge: Decimal
    parameters: Mapping[str, str]
    accepted_at: float
    since: float
    plan: Plan
    parent: int | None = None
    cancel_asked: float | None = None  # simulated time of an accepted cancel request

    @property
    def is_subscription(self) -> bool:
        """Whether it buys posts to come rather than a quantity now."""
        return self.type == "Subscriptions" and self.parent is None

    @property
    def runs(self) -> int:
        """How often a drip-feed delivers; zero when the order is none."""
        return 0 if self.parent else int(self.parameters.get("runs") or 0)

    @property
    def is_parent(self) -> bool:
        """Whether other orders are made on its behalf."""
        return self.is_subscription or self.runs > 0


@dataclass(frozen=True, slots=True)
class Refill:
    """An accepted refill of a completed order."""

    id: int
    order: int
    accepted_at: float
    since: float
    takes: float
    fate: Fate = Fate.completed


@dataclass(frozen=True, slots=True)
class Cancel:
    """An accepted request to cancel; its outcome shows in the order."""

    id: int
    order: int
    accepted_at: float
    since: float


@dataclass(frozen=True, slots=True)
class ProductOrder:
    """An accepted order of a digital product; `granted` is how many were delivered, None until the day comes."""

    id: int
    product: int
    quantity: int
    require: str
    charge: Decimal
    accepted_at: float
    since: float
    takes: float
    fate: Fate = Fate.completed
    share: float = 1.0
    granted: int | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A row of a product list; `inventory` is None where people do the work (type Service)."""

    id: int
    name: str
    require: str
    rate: Decimal
    minimum: int
    maximum: int
    category: str
    inventory: int | None
    in_stock: bool = True

    @property
    def type(self) -> str:
        """Auto is delivered from stock, Service by hand."""
        return "Service" if self.inventory is None else "Auto"

    @property
    def is_available(self) -> bool:
        """Whether the list says `In stock`."""
        return self.in_stock and self.inventory != 0


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of the balance: `kind` is charge, refund or adjustment; `reference` names what it is for."""

    kind: str
    reference: str
    amount: Decimal
    at: float


@dataclass(frozen=True, slots=True)
class Call:
    """One received request: its parameters without the key, the fault it met, and what it brought about."""

    action: str
    params: Mapping[str, str]
    at: float
    fault: str = ""
    accepted: tuple[str, ...] = field(default=())  # ids of what was bought or asked for by this call
    error: str = ""
