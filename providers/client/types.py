"""What a panel said, as typed values. None can be changed, and none is made by anything but a reader.

Ids are text. Money is a finite Decimal of at most 40 digits before and 40 after the point, wider than a database
column may be: pass it through `figures.storable_money` before storing. Counts are whole numbers of 63 bits, and may be
negative where the panel says so (`remains`). None means "not stated" or "not readable", never zero. Texts hold no
control characters, no lone surrogates and no bidirectional overrides, and are cut to the lengths below; they are still
a stranger's words and must be escaped wherever they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from providers.client.errors import Evidence

MAX_ID: Final = 100
MAX_NAME: Final = 500
MAX_CATEGORY: Final = 300
MAX_TYPE: Final = 60
MAX_WORD: Final = 100
MAX_CURRENCY: Final = 10
MAX_DESCRIPTION: Final = 10_000
MAX_ERROR: Final = 5_000
MAX_RESULT: Final = 10_000
MAX_RESULTS: Final = 10_000

UNKNOWN_STATUS: Final = "unknown"
"""Stands for a state the panel did not name in a word we know: change nothing, keep `word`."""


class ServiceRow(NamedTuple):
    """One service of a catalogue. A named tuple, since a catalogue makes a hundred thousand of them.

    `type` is a slug (`custom_comments`), `type_label` the panel's own spelling. `min_unread` and `max_unread` are the
    panel's text of a limit that could not be read: such a limit is not known, which is not the same as none.
    """

    id: str
    name: str
    type: str
    type_label: str
    category: str
    rate: Decimal
    min: int | None
    max: int | None
    refill: bool | None
    cancel: bool | None
    dripfeed: bool | None
    description: str = ""
    average_time: str = ""
    min_unread: str = ""
    max_unread: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order, or a product order, that was accepted under the id `order`."""

    order: str
    charge: Decimal | None = None
    currency: str | None = None


class StatusRow(NamedTuple):
    """The state of an order. A named tuple, since a poll round makes a hundred thousand of them.

    `status` is one of pending, processing, in_progress, completed, partial, canceled, refunded, failed, unknown;
    `word` is what the panel wrote. `children` are the ids of the orders a drip-feed or subscription order made: they
    belong to it and must not be taken for lost ones.
    """

    status: str
    word: str
    charge: Decimal | None = None
    start_count: int | None = None
    remains: int | None = None
    currency: str | None = None
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowError:
    """The panel's refusal of one id of a batch, in its words; `problem` is an `OrderProblem` where they are listed."""

    error: str
    problem: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RefillAccepted:
    """A refill that was accepted; `refill` is None when no id came with it, so that it cannot be followed."""

    refill: str | None


@dataclass(frozen=True, slots=True)
class RefillStatusRow:
    """Where a refill stands: pending, in_progress, completed, rejected, error, unknown."""

    status: str
    word: str


@dataclass(frozen=True, slots=True)
class CancelAccepted:
    """A cancel request that was accepted; its outcome shows in the order's later status.

    `cancel` is what the panel wrote (often a mere "1" for every order), None when it wrote nothing.
    """

    cancel: str | None


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left on the account; may be negative."""

    balance: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product. `require` says what the buyer must hand over; `type` is a slug (`auto`, `service`)."""

    id: str
    name: str
    require: str
    rate: Decimal
    min: int | None
    max: int | None
    category: str
    in_stock: bool | None
    inventory: int | None
    type: str
    min_unread: str = ""
    max_unread: str = ""


@dataclass(frozen=True, slots=True)
class ProductStatusRow:
    """The state of a product order; no `processing` here. `result` may lead to the goods: never show it."""

    status: str
    word: str
    charge: Decimal | None = None
    remains: int | None = None
    result: str | None = field(default=None, repr=False)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ProductResult:
    """The delivered goods, mostly credentials: secret, never logged, never in a repr."""

    items: tuple[str, ...] = field(repr=False)


Row = TypeVar("Row")


class Rows(dict[str, Row]):
    """The answers of a batch by the requested id. An id that is not in it was not answered.

    `evidence` is what came back as a whole, for the ids that are missing.
    """

    def __init__(self, rows: Mapping[str, Row], *, evidence: Evidence | None = None) -> None:
        super().__init__(rows)
        self.evidence = evidence
