"""Add up a chain: what was delivered of what was ordered, what is under way, and what all of it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from orders import statuses
from orders.models import Attempt
from orders.placement.reserved_amounts import FREE

if TYPE_CHECKING:
    from orders.models import Chain, Order
    from orders.routes.choice import Market

_COUNTED: Final = statuses.AT_PROVIDER - {"completed"}


@dataclass(frozen=True, slots=True)
class Books:
    """The sums of a chain: ordered = delivered (capped) + live + unconfirmed + not bought."""

    ordered: int
    delivered: int
    live: int
    unconfirmed: int
    not_bought: int


def whole_of(link: Order) -> int:
    """Return how much an order of a chain buys, all runs of a drip-feed together."""
    return link.billed_quantity or link.quantity or 0


def delivered_by(link: Order) -> int:
    """Return how much an order has delivered, as far as its provider said; never more than it buys."""
    whole = whole_of(link)
    if link.status == "completed":
        return whole
    if link.status not in _COUNTED or link.remains is None:
        return 0
    return min(whole, max(0, whole - link.remains))


def books_of(chain: Chain, links: Sequence[Order]) -> Books:
    """Return the sums of a chain with these orders."""
    live = unconfirmed = delivered = 0
    for link in links:
        delivered += delivered_by(link)
        if link.status in {statuses.UNCONFIRMED, statuses.SENDING}:
            unconfirmed += whole_of(link)
        elif link.status in statuses.UNSENT | statuses.OPEN:
            live += whole_of(link) - delivered_by(link)
    ordered = chain.quantity
    delivered = min(ordered, delivered)
    # What was bought twice delivers more than was ordered: no sum passes the order.
    live = min(live, ordered - delivered)
    unconfirmed = min(unconfirmed, ordered - delivered - live)
    return Books(ordered, delivered, live, unconfirmed, ordered - delivered - live - unconfirmed)


def rest_of(chain: Chain, links: Sequence[Order]) -> int:
    """Return what is still to be bought: ordered less delivered."""
    return max(0, chain.quantity - sum(delivered_by(link) for link in links))


def spent_on_link(link: Order, market: Market, *, is_late: bool = False) -> Decimal | None:
    """Return what an order costs in the hub's currency: its charge, or what is expected until one is reported.

    ``None`` where no one knows: neither is there, or no exchange rate. ``is_late``: a late reply says that it was
    accepted, so it isn't free even where it was rejected or withdrawn.
    """
    if link.status in FREE and not is_late:
        return Decimal(0)
    amount = link.expected_charge if link.charge is None else link.charge
    worth = market.worth_of(link.currency)
    if amount is None or worth is None:
        return None
    return amount * worth


def spent_on(links: Sequence[Order], market: Market) -> Decimal | None:
    """Return what the orders of a chain cost together, in the hub's currency; ``None`` where one is not known."""
    total, late = Decimal(0), _accepted_late(links)
    for link in links:
        spent = spent_on_link(link, market, is_late=link.pk in late)
        if spent is None:
            return None
        total += spent
    return total


def is_free(links: Sequence[Order]) -> bool:
    """Return whether nothing was bought, and nothing can be: all were rejected or withdrawn, and none accepted late."""
    return all(link.status in FREE for link in links) and not _accepted_late(links)


def _accepted_late(links: Sequence[Order]) -> set[int | None]:
    """Return the rejected or withdrawn orders that a late reply says were accepted; one statement, or none."""
    free = [link.pk for link in links if link.status in FREE]
    if not free:
        return set()
    return set(Attempt.objects.filter(order__in=free).exclude(late_id="").values_list("order", flat=True))
