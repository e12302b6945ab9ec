"""Chains in words: how they stand, why they wait, and what a person can do then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.models import Chain, ChainStep
from orders.permissions import granted_provider_ids

Status = Chain.Status
Reason = ChainStep.Reason

GOING_ON: Final = (*(Reason.REFUSED, Reason.BALANCE, Reason.PATIENCE, Reason.REST, Reason.MOVED, Reason.ELSEWHERE),)
"""Reasons of steps that bought the next order."""
TONES: Final[Mapping[str, str]] = {
    Status.ACTIVE: "info",
    Status.HELD: "warn",
    Status.FLAGGED: "alert",
    Status.STOPPED: "",
    Status.DONE: "good",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A state as a tag: its word and the tone of the palette."""

    word: str
    tone: str


def tag_of(status: str) -> Tag:
    """Return the tag of a state of a chain."""
    return Tag(str(Status(status).label), TONES.get(status, ""))


@dataclass(frozen=True, slots=True)
class Waits:
    """Why a chain waits, in a sentence, and what to do next."""

    sentence: Any
    next_step: Any


WAITS: Final[Mapping[str, Waits]] = {
    Reason.SECOND_PERSON: Waits(
        lazy("This is a large order. Nothing has been sent."),
        lazy("Another person approves it on the page of its order."),
    ),
    Reason.NO_CANDIDATE: Waits(
        lazy("No other service of the route fits now."),
        lazy("Add a service to the route or change its conditions, then continue, or stop here."),
    ),
    Reason.NO_RATE: Waits(
        lazy("An exchange rate is missing, so the next price can’t be compared with the ceiling."),
        lazy("Enter the rate, then continue."),
    ),
    Reason.CEILING: Waits(
        lazy("The next order would cost more than what is left below the ceiling."),
        lazy("Stop here, or order the rest separately with a ceiling of its own."),
    ),
    Reason.LIMIT: Waits(
        lazy("The next order would pass the spending limit of the person who ordered."),
        lazy("Continue tomorrow, or raise the limit first."),
    ),
    Reason.PERSON: Waits(
        lazy("The person who ordered may no longer order at the next provider."),
        lazy("Grant them the provider and continue, or buy elsewhere yourself."),
    ),
    Reason.DUPLICATE: Waits(
        lazy("Another open order for this link exists at the next provider."),
        lazy("Wait until it is finished and continue, or buy elsewhere."),
    ),
    Reason.NOT_CERTAIN: Waits(
        lazy("One attempt has no certain result. The provider may have accepted the order."),
        lazy("Resolve that order first. Buy elsewhere only if you are sure that it wasn’t placed."),
    ),
    Reason.BY_HAND: Waits(
        lazy("The last order ended in a way that only a person may decide about."),
        lazy("Buy the rest elsewhere, or stop here."),
    ),
    Reason.LATE_ANSWER: Waits(
        lazy("A provider answered late: the earlier order was accepted after all. The next one was not sent."),
        lazy("Stop here to keep the earlier order, or continue after checking both."),
    ),
    Reason.SECOND_PURCHASE: Waits(
        lazy("Two orders of this chain may both have been bought."),
        lazy("Compare both with the providers. Cancel one if you can, then close this."),
    ),
    Reason.RESTORE: Waits(
        lazy("The hub was restored from a backup, so newer orders may be missing here."),
        lazy("Check at the provider that nothing was bought meanwhile, then continue."),
    ),
}


def waits_of(chain: Chain) -> Waits | None:
    """Return why a held or flagged chain waits; ``None`` for one that doesn't."""
    if chain.status not in (Status.HELD, Status.FLAGGED):
        return None
    usual = Waits(lazy("This needs review."), lazy("Check its orders, then continue or stop."))
    return WAITS.get(chain.reason, usual)


def where_of(step: ChainStep, user: Any) -> str:
    """Return at which provider a step bought, as far as a person may know."""
    if step.order is None:
        return ""
    return provider_name(step.order, user)


def provider_name(order: Any, user: Any) -> str:
    """Return the name of an order's provider; "another provider" where a person is not granted it."""
    return str(order.provider.name) if sees(order, user) else _("another provider")


def sees(order: Any, user: Any) -> bool:
    """Return whether a person is granted the provider of an order."""
    granted = granted_provider_ids(user)
    return granted is None or order.provider_id in granted
