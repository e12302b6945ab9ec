"""Which states there are, and which may follow which: one table for each thing that is paid for.

The hub's own states come first (nothing is known at the provider yet, or not for sure), then
the provider's. A provider may say any of its words after any other: a status that goes back
is applied and shown, never argued with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from orders import statuses

if TYPE_CHECKING:
    from collections.abc import Mapping


class OrderStatus(TextChoices):
    """States of an order, the hub's own first."""

    HELD = "held", _("Held")
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    GIVEN_UP = "given_up", _("Closed as unknown")
    PENDING = "pending", _("Pending")
    PROCESSING = "processing", _("Processing")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    PARTIAL = "partial", _("Partial")
    CANCELED = "canceled", _("Canceled")
    REFUNDED = "refunded", _("Refunded")
    FAILED = "failed", _("Failed")


class ProductOrderStatus(TextChoices):
    """States of a product order: those of an order without ``processing``."""

    HELD = "held", _("Held")
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    GIVEN_UP = "given_up", _("Closed as unknown")
    PENDING = "pending", _("Pending")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    PARTIAL = "partial", _("Partial")
    CANCELED = "canceled", _("Canceled")
    REFUNDED = "refunded", _("Refunded")
    FAILED = "failed", _("Failed")


class RefillStatus(TextChoices):
    """States of a refill request. ``refused`` was never accepted; ``rejected`` was, and got no refill."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    REFUSED = "refused", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    GIVEN_UP = "given_up", _("Closed as unknown")
    PENDING = "pending", _("Pending")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    REJECTED = "rejected", _("Rejected")
    ERROR = "error", _("Failed")


class CancellationStatus(TextChoices):
    """States of a cancel request; the order's own status shows the outcome."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    REFUSED = "refused", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    GIVEN_UP = "given_up", _("Closed as unknown")
    ACCEPTED = "accepted", _("Accepted")


HELD, QUEUED, SENDING, UNCONFIRMED = "held", "queued", "sending", "unconfirmed"
WITHDRAWN, GIVEN_UP = "withdrawn", "given_up"
LATE_ANSWER: Final = "late_answer"
"""Held for it: the first try was accepted after all, so what is held is neither unsent nor free of charge."""

OWN = frozenset({HELD, QUEUED, SENDING, UNCONFIRMED, "rejected", WITHDRAWN, GIVEN_UP})
OPEN = frozenset({"pending", "processing", "in_progress"})
FINAL = frozenset({"completed", "partial", "canceled", "refunded", "failed"})
AT_PROVIDER = OPEN | FINAL
UNSENT = frozenset({HELD, QUEUED})
IN_HAND = frozenset({HELD, QUEUED, SENDING, UNCONFIRMED})
"""What may still be bought, or may have been: of a chain's orders, one at most."""
REFILL_OPEN = frozenset({"pending", "in_progress"})
REFILL_FINAL = frozenset({"completed", "rejected", "error"})


def _paid_call(
    *, refused: str, accepted: str, at_provider: frozenset[str], can_hold: bool
) -> Mapping[str, frozenset[str]]:
    """Return the moves that every paid call shares; ``at_provider`` states may follow each other freely."""
    moves: dict[str, frozenset[str]] = {
        QUEUED: frozenset({SENDING, WITHDRAWN} | ({HELD} if can_hold else set())),
        SENDING: frozenset({QUEUED, UNCONFIRMED, refused}) | at_provider,
        UNCONFIRMED: frozenset({QUEUED, GIVEN_UP, refused}) | at_provider,
        # A purchase that the balance said was refused comes back when the balance moves after all.
        refused: frozenset({UNCONFIRMED} if can_hold else set()),
        WITHDRAWN: frozenset(),
        GIVEN_UP: frozenset(),
    }
    if can_hold:
        # Held because a late answer says that an earlier try was accepted, it may turn out to be placed.
        moves[HELD] = frozenset({QUEUED, WITHDRAWN, accepted})
    for state in at_provider:
        moves[state] = moves.get(state, frozenset()) | (at_provider - {state})
    return moves


@dataclass(frozen=True, slots=True)
class Machine:
    """The states of one kind of paid call: ``refused`` and ``accepted`` name its two certain outcomes."""

    name: str
    refused: str
    accepted: str
    at_provider: frozenset[str]
    moves: Mapping[str, frozenset[str]]

    def may_follow(self, before: str, after: str) -> bool:
        """Return whether ``after`` may come right after ``before``."""
        return after in self.moves.get(before, frozenset())

    def sources_of(self, after: str) -> frozenset[str]:
        """Return every state from which ``after`` may be reached in one step, for conditional updates."""
        return frozenset(before for before, targets in self.moves.items() if after in targets)


def _machine(name: str, *, refused: str, accepted: str, at_provider: frozenset[str], can_hold: bool) -> Machine:
    moves = _paid_call(refused=refused, accepted=accepted, at_provider=at_provider, can_hold=can_hold)
    return Machine(name, refused, accepted, at_provider, moves)


ORDER = _machine("order", refused="rejected", accepted="pending", at_provider=AT_PROVIDER, can_hold=True)
PRODUCT_ORDER = _machine(
    "product order",
    refused="rejected",
    accepted="pending",
    at_provider=AT_PROVIDER - {"processing"},
    can_hold=True,
)
REFILL = _machine(
    "refill",
    refused="refused",
    accepted="pending",
    at_provider=REFILL_OPEN | REFILL_FINAL,
    can_hold=False,
)
CANCELLATION = _machine(
    "cancellation", refused="refused", accepted="accepted", at_provider=frozenset({"accepted"}), can_hold=False
)


# What may still change while someone looks at it.
LIVE: Final = frozenset({statuses.HELD, statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED}) | statuses.OPEN
