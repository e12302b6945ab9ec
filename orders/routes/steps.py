"""Take a chain one step on: the only code that adds an order to a chain, a transaction of its own and idempotent.

The chain's row is locked, the orders are read again, everything is checked, the next order is inserted, and the
worker is notified once that is committed. Whatever is repeated finds the order that is there. The database holds what
must never be: two orders at one place, two successors, two orders in hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from orders import statuses
from orders.models import Chain, ChainStep, Order, OrderEvent
from orders.placement.client_choice import put_client
from orders.placement.services import build_order
from orders.placement.spending_limits import Reservation
from orders.routes.books import is_free
from orders.routes.purchases import NotBought, choose_next
from orders.routes.verdicts import LOOK_AGAIN, Ask, Buy, Done, Wait, judge, waits_since
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    from datetime import datetime

    from orders.routes.choice import Candidate

Status = Chain.Status
Reason = ChainStep.Reason
WAITING: Final = frozenset({Status.HELD.value, Status.FLAGGED.value})
ENDED: Final = frozenset({Status.STOPPED.value, Status.DONE.value})


def step_chain(chain_id: int) -> ChainStep | None:
    """Lock a chain, look at its last order again, and buy the next one, hold the chain or close it, if that is due.

    Returns the line of the timeline that says what was done; ``None`` when nothing was. Calls no provider; may be
    repeated and run by several workers at once.
    """
    with transaction.atomic():
        chain = lock_chain(chain_id)
        if chain.status != Status.ACTIVE:
            return None
        links = links_of(chain)
        match judge(chain, links):
            case Wait(until):
                _note_wait(chain, links[-1], until)
                return None
            case Done():
                return close(chain, links, Reason.DONE, to=Status.DONE)
            case Ask(reason, words):
                if links[-1].status in statuses.UNSENT:
                    hold_link(links[-1], words)
                return move_chain(chain, reason, to=Status.HELD, words=words, order=links[-1])
            case Buy(reason, quantity):
                return _buy(chain, links, reason, quantity)


def lock_chain(chain_id: int) -> Chain:
    """Return the row of a chain, locked; inside a transaction, before any of its orders is locked."""
    return Chain.objects.select_for_update(of=("self",)).select_related("route", "client").get(pk=chain_id)


def links_of(chain: Chain) -> list[Order]:
    """Return the orders of a chain in their order, with service and provider; one statement."""
    return list(chain.links.order_by("position").select_related("service__provider", "provider"))


def move_chain(
    chain: Chain,
    reason: str,
    *,
    to: str,
    words: str = "",
    by: Any = None,
    order: Order | None = None,
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> ChainStep:
    """Write a new state of a locked chain, with its line in the timeline."""
    before = chain.status
    is_waiting = to in WAITING
    changes |= {"status": to, "reason": reason if is_waiting else "", "words": words[:1000] if is_waiting else ""}
    changes |= {"finished_at": timezone.now() if to in ENDED else None, "due_at": changes.get("due_at")}
    for name, value in changes.items():
        setattr(chain, name, value)
    chain.save(update_fields=[*changes])
    return ChainStep.objects.create(
        chain=chain, order=order, reason=reason, before=before, after=to, actor=by, words=words[:1000], data=data or {}
    )


def close(chain: Chain, links: list[Order], reason: str, *, to: str, by: Any = None, words: str = "") -> ChainStep:
    """End a locked chain; where nothing was bought it takes nothing of the limit any more."""
    freed: dict[str, Any] = {"reserved": 0} if is_free(links) and chain.reserved is not None else {}
    return move_chain(chain, reason, to=to, by=by, words=words, order=links[-1], **freed)


def add_link(
    chain: Chain,
    chosen: Candidate,
    reason: str,
    *,
    after: Order | None,
    by: Any = None,
    held_for: str = "",
    words: str = "",
    not_before: datetime | None = None,
) -> ChainStep:
    """Insert the next order of a locked chain, with both timelines, and notify a worker after the commit."""
    if chosen.checked is None:
        message = "A candidate is bought only after its order was checked."
        raise ValueError(message)
    order = build_order(
        chain.created_by,
        chosen.service,
        chosen.checked,
        taken=Reservation(None, held_for),
        not_before=not_before,
        chain=chain,
        position=1 if after is None else (after.position or 0) + 1,
        predecessor=after,
        note=chain.note,
        mass_order_id=chain.mass_order_id if after is None else None,
        request_id=chain.request_id,
    )
    put_client(order, chain.client)
    if after is not None:
        # What a client is billed follows from the day of the order.
        order.markup = after.markup
    order.save()
    OrderEvent.objects.create(order=order, kind="created", actor=by or chain.created_by, after=order.status)
    to = Status.HELD if held_for else Status.ACTIVE
    data = {"service": chosen.service.pk, "quantity": order.quantity, "score": chosen.score}
    step = move_chain(
        chain, reason, to=to, words=words, by=by, order=order, data=data, seen={}, seen_at=None, is_seen_twice=False
    )
    if not held_for:
        notify_worker("orders.submission.tasks.submit_provider", order.provider_id, queue=CLICKS)
    return step


def hold_link(link: Order, words: str) -> bool:
    """Hold the order of a locked chain that was not sent yet, since an earlier one may have been bought after all."""
    held = Order.objects.filter(pk=link.pk, status__in=statuses.UNSENT).update(
        status=statuses.HELD, held_for=statuses.LATE_ANSWER, error=words[:1000]
    )
    if held:
        OrderEvent.objects.create(order=link, kind="state", before=link.status, after=statuses.HELD, words=words)
    return bool(held)


def withdraw_link(link: Order, *, by: Any = None, sources: frozenset[str] = statuses.UNSENT) -> bool:
    """Withdraw the order of a locked chain that was not sent yet; ``False`` when a worker was quicker."""
    moved = Order.objects.filter(pk=link.pk, status__in=sources).update(
        status=statuses.WITHDRAWN, claim=None, finished_at=timezone.now()
    )
    if moved:
        OrderEvent.objects.create(order=link, kind="state", actor=by, before=link.status, after=statuses.WITHDRAWN)
        link.status = statuses.WITHDRAWN
    return bool(moved)


def _note_wait(chain: Chain, last: Order, until: datetime | None, words: str = "") -> None:
    """Note when to look at a chain again, and since when its order waits for a provider without a time of its own."""
    changes: dict[str, Any] = {"due_at": until} if chain.due_at != until else {}
    if chain.words != words:
        changes["words"] = words
    if last.status == statuses.QUEUED:
        waits = {"waits": last.pk} if waits_since(chain, last) is not None else {}
        if chain.seen != waits:
            changes |= {"seen": waits, "seen_at": timezone.now() if waits else None, "is_seen_twice": False}
    if changes:
        Chain.objects.filter(pk=chain.pk).update(**changes)


def _buy(chain: Chain, links: list[Order], reason: str, quantity: int) -> ChainStep | None:
    last = links[-1]
    try:
        chosen = choose_next(chain, links, quantity, person=chain.created_by, may_wait=reason != Reason.PATIENCE)
    except NotBought as fault:
        if reason == Reason.PATIENCE:
            # The order stays where it is, and is sent once its provider is open again.
            _note_wait(chain, last, timezone.now() + LOOK_AGAIN, str(fault))
            return None
        return move_chain(
            chain, fault.reason, to=Status.HELD, words=str(fault), order=last, data={"candidates": fault.candidates}
        )
    if reason == Reason.PATIENCE and not withdraw_link(last, sources=frozenset({statuses.QUEUED})):
        # A worker was quicker: the order is on its way.
        return None
    return add_link(chain, chosen, reason, after=last)
