"""Tell routes what happens to an order of a chain, in the same transaction and without importing them.

Orders that belong to no chain cost at most the statement that finds that out. Whoever changes an order of a chain
locks the chain first (:func:`lock_chains`), then the order, so that a step of the chain comes before or after. What
is recorded never depends on routes: a listener that fails is logged, and the sweeper looks at the chain again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from orders.models import Chain, Order

log = logging.getLogger(__name__)

Orders = Collection[int] | QuerySet[Any, Any]
"""Keys of orders, or a statement that gives them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a provider answered about an order that ended with a rest."""

    status: str
    word: str
    remains: int | None


@dataclass(slots=True)
class Listeners:
    """What routes registered: for changed orders, answers about a rest, a wish to stop, and an approval."""

    changed: Callable[[Collection[int]], None] = lambda orders: None
    answered: Callable[[Mapping[int, Seen]], None] = lambda answers: None
    stopped: Callable[[Orders, Any], None] = lambda orders, by: None
    approved: Callable[[Any, Mapping[str, Any], Any], None] = lambda order, agreed, by: None
    restored: Callable[[], int] = lambda: 0


listeners = Listeners()


def lock_chains(chain_ids: Collection[int]) -> list[int]:
    """Lock chains, in the order of their keys; inside a transaction, before their orders are locked."""
    if not chain_ids:
        return []
    chains = Chain.objects.filter(pk__in=sorted(set(chain_ids))).order_by("pk").select_for_update()
    return list(chains.values_list("pk", flat=True))


def lock_chains_of(order_ids: Orders) -> list[int]:
    """Lock the chains that orders belong to, in one statement; the keys of the chains."""
    chains = Chain.objects.filter(pk__in=Order.objects.filter(pk__in=order_ids, chain__isnull=False).values("chain"))
    return list(chains.order_by("pk").select_for_update().values_list("pk", flat=True))


def links_changed(order_ids: Collection[int]) -> None:
    """Say that state, remains, charge or id of these orders changed; their chains are locked."""
    if order_ids:
        _call("changed", order_ids)


def links_answered(answers: Mapping[int, Seen]) -> None:
    """Say what a provider answered about orders that ended with a rest, changed or not; locks the chains itself."""
    if answers:
        _call("answered", answers)


def stop_chains(order_ids: Orders, *, by: Any) -> bool:
    """Stop the chains of orders that a person or a program withdraws or cancels, before that; whether there are any."""
    if not lock_chains_of(order_ids):
        return False
    listeners.stopped(order_ids, by)
    return True


def approve_link(order: Any, agreed: Mapping[str, Any], *, by: Any) -> None:
    """Let a chain go on whose order is approved at what was ``agreed`` to; raises where its ceiling is passed."""
    if order.chain_id is not None:
        listeners.approved(order, agreed, by)


def hold_restored_chains() -> int:
    """Hold every chain after a restore; how many."""
    return listeners.restored()


def _call(name: str, argument: Any) -> None:
    try:
        with transaction.atomic():
            getattr(listeners, name)(argument)
    except Exception:
        log.exception("Chains could not be told of %s", name)
