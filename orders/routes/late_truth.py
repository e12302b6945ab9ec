"""What providers say late of an order of a chain: hold what was bought after it, or flag a possible second purchase.

Called by submission and polling through :mod:`orders.link_hooks`, inside their transactions, with the
chains locked. It moves the chain and what is not sent yet, and never the order that the word is about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.link_hooks import Orders, Seen, listeners, lock_chains
from orders.models import Attempt, Cancellation, Chain, ChainStep, Order
from orders.placement.reserved_amounts import FREE
from orders.placement.validation import OrderInvalid
from orders.routes.books import is_free, spent_on
from orders.routes.choice import Market
from orders.routes.steps import ENDED, WAITING, close, hold_link, links_of, lock_chain, move_chain, withdraw_link
from orders.routes.verdicts import SEEN_FOR, seen_of
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS

Status = Chain.Status
Reason = ChainStep.Reason
TASK: Final = "orders.routes.tasks.step"
_APPROVED: Final = frozenset({Reason.SECOND_PERSON.value, Reason.RESTORE.value, Reason.LATE_ANSWER.value})


def register_listeners() -> None:
    """Register everything here with the hooks that submission, polling and placement call."""
    listeners.changed = note_changes
    listeners.answered = note_answers
    listeners.stopped = stop_chains_of
    listeners.approved = note_approval
    listeners.restored = hold_chains


def note_changes(order_ids: Collection[int]) -> None:
    """Look at the chains of orders whose state, remains, charge or id changed; their rows are locked already."""
    found = Chain.objects.filter(pk__in=Order.objects.filter(pk__in=list(order_ids)).values("chain"))
    chains = {chain.pk: chain for chain in found.order_by("pk")}
    by_chain: dict[int, list[Order]] = {}
    for link in Order.objects.filter(chain__in=list(chains)).order_by("chain", "position"):
        by_chain.setdefault(link.chain_id or 0, []).append(link)
    for pk, chain in chains.items():
        links = by_chain[pk]
        older = [link for link in links[:-1] if link.pk in order_ids and _is_truth(link)]
        if older:
            _note_older(chain, links, older[-1])
        elif links[-1].pk in order_ids:
            _note_last(chain, links)


def note_late_purchase(order: Order) -> bool:
    """Look at the chain of an order that may have been bought after all, before that is written or the order locked.

    What was to be bought instead and is not sent yet is withdrawn, so that one order alone is in hand. Returns whether
    the order may be in hand again: not while its successor is being sent, or is unconfirmed itself.
    """
    if order.chain_id is None:
        return True
    chain = lock_chain(order.chain_id)
    last = links_of(chain)[-1]
    words = _("Order #%(pk)s may have been placed after all.") % {"pk": order.pk}
    if last.pk == order.pk:
        if chain.status in ENDED:
            move_chain(chain, Reason.LATE_ANSWER, to=Status.FLAGGED, words=words, order=order, **_reservation_of(chain))
        return True
    withdraw_link(last)
    move_chain(chain, Reason.SECOND_PURCHASE, to=Status.FLAGGED, words=words, order=order, **_reservation_of(chain))
    return last.status not in statuses.IN_HAND


def _is_truth(link: Order) -> bool:
    """Return whether an order that has a successor is worth more than it was when the chain went on."""
    return link.status not in FREE or Attempt.objects.filter(order=link).exclude(late_id="").exists()


def _note_older(chain: Chain, links: list[Order], order: Order) -> None:
    last = links[-1]
    words = _("The provider changed what it said of order #%(pk)s, after which this chain went on.") % {"pk": order.pk}
    is_held = last.status in statuses.UNSENT and hold_link(last, words)
    if chain.status in {Status.ACTIVE, Status.HELD} and (is_held or last.status in FREE):
        if chain.reason != Reason.LATE_ANSWER:
            move_chain(chain, Reason.LATE_ANSWER, to=Status.HELD, words=words, order=order)
    elif chain.status != Status.FLAGGED:
        move_chain(chain, Reason.SECOND_PURCHASE, to=Status.FLAGGED, words=words, order=order, **_reservation_of(chain))


def _note_last(chain: Chain, links: list[Order]) -> None:
    last = links[-1]
    if chain.status == Status.ACTIVE:
        if last.status not in statuses.IN_HAND | statuses.OPEN:
            if chain.due_at is not None:
                Chain.objects.filter(pk=chain.pk).update(due_at=None)
            notify_worker(TASK, chain.pk, queue=CLICKS)
        elif chain.seen.get("order"):
            # It goes on: a rest that was seen did not stand.
            Chain.objects.filter(pk=chain.pk).update(seen={}, seen_at=None, is_seen_twice=False, due_at=None)
        return
    if last.status == statuses.QUEUED:
        _withdraw_unsent(chain, links)
    if chain.status == Status.STOPPED and is_free(links) and chain.reserved:
        Chain.objects.filter(pk=chain.pk).update(reserved=0)
    is_unplaced = last.status in (*FREE, statuses.GIVEN_UP)
    is_placed_late = is_unplaced and Attempt.objects.filter(order=last).exclude(late_id="").exists()
    is_reopened = chain.status == Status.DONE and last.status not in {"completed", "partial", "canceled"}
    if chain.status in {Status.DONE, Status.STOPPED} and (is_placed_late or is_reopened):
        words = _("The provider changed what it said of order #%(pk)s after this chain ended.") % {"pk": last.pk}
        move_chain(chain, Reason.LATE_ANSWER, to=Status.FLAGGED, words=words, order=last, **_reservation_of(chain))


def _withdraw_unsent(chain: Chain, links: list[Order]) -> None:
    """Don't send an order again that was being sent when its chain was stopped or flagged, and was not taken.

    What a person approved or sent again since then stays.
    """
    last = links[-1]
    if chain.status in WAITING and len(links) > 1 and last.approved_by_id is None:
        hold_link(last, chain.words)
    elif chain.status == Status.STOPPED and chain.finished_at is not None:
        tries = Attempt.objects.filter(order=last)
        if tries.exists() and not tries.filter(started_at__gt=chain.finished_at).exists():
            withdraw_link(last)


def _reservation_of(chain: Chain) -> dict[str, Any]:
    """Return what a chain takes of the limit again, where it took nothing since nothing seemed bought."""
    return {"reserved": chain.ceiling} if chain.reserved == 0 else {}


def note_answers(answers: Mapping[int, Seen]) -> None:
    """Note what providers answered about last orders with a rest; the same twice, ten minutes apart, is believed."""
    last = Order.objects.filter(pk__in=list(answers), chain__status=Status.ACTIVE, successor__isnull=True)
    found = {order.chain_id: order for order in last.order_by("chain")}
    for pk in lock_chains([pk for pk in found if pk is not None]):
        order, now = found[pk], timezone.now()
        said = answers[order.pk]
        stands = seen_of(order)
        if (said.status, said.word, said.remains) != (order.status, order.provider_status, order.remains):
            continue
        chain = Chain.objects.get(pk=pk)
        if chain.seen != stands or chain.seen_at is None:
            _note_seen(chain, stands, now)
        elif not chain.is_seen_twice and now - chain.seen_at >= SEEN_FOR:
            Chain.objects.filter(pk=pk).update(is_seen_twice=True, due_at=None)
            notify_worker(TASK, pk, queue=CLICKS)


def _note_seen(chain: Chain, stands: dict[str, object], now: datetime) -> None:
    Chain.objects.filter(pk=chain.pk).update(seen=stands, seen_at=now, is_seen_twice=False, due_at=now + SEEN_FOR)


def stop_chains_of(order_ids: Orders, by: Any) -> None:
    """Stop the chains of orders that are withdrawn or canceled, but for those that a person moves elsewhere."""
    chains = Chain.objects.filter(links__in=order_ids, status__in=(Status.ACTIVE, Status.HELD)).distinct()
    for chain in chains.order_by("pk"):
        if chain.reason == Reason.MOVED and _is_canceled_once(chain):
            continue
        close(chain, links_of(chain), Reason.CANCEL, to=Status.STOPPED, by=by)


def _is_canceled_once(chain: Chain) -> bool:
    """Return whether the cancel that moves a chain elsewhere is the only one; another one is to stop it."""
    mark = chain.steps.filter(reason=Reason.MOVED).order_by("id").last()
    return mark is None or Cancellation.objects.filter(order=mark.order_id, created_at__gte=mark.at).count() <= 1


def note_approval(order: Any, agreed: Mapping[str, Any], by: Any) -> None:
    """Let a chain go on whose order is approved; raises :class:`OrderInvalid` where it would pass the ceiling."""
    chain = lock_chain(order.chain_id)
    links = links_of(chain)
    for link in links:
        if link.pk == order.pk and agreed.get("expected_charge") is not None:
            link.expected_charge = agreed["expected_charge"]
    spent = spent_on(links, Market())
    if spent is None or spent > chain.ceiling:
        raise OrderInvalid({"": [_("This would pass the ceiling of the chain.")]})
    if chain.status == Status.HELD and chain.reason in _APPROVED:
        let_out: dict[str, Any] = {"let_out_at": timezone.now()} if chain.reason == Reason.SECOND_PERSON else {}
        move_chain(chain, Reason.APPROVED, to=Status.ACTIVE, by=by, order=order, **let_out)


def hold_chains() -> int:
    """Hold every active chain after a restore: what it bought since the backup is not known. Returns how many."""
    words = _("Restored from a backup. It may have gone on after the backup was made.")
    with transaction.atomic():
        rows = Chain.objects.filter(status=Status.ACTIVE).order_by("pk").select_for_update()
        keys = list(rows.values_list("pk", flat=True))
        Chain.objects.filter(pk__in=keys).update(status=Status.HELD, reason=Reason.RESTORE, words=words, due_at=None)
        ChainStep.objects.bulk_create(
            [
                ChainStep(chain_id=pk, reason=Reason.RESTORE, before=Status.ACTIVE, after=Status.HELD, words=words)
                for pk in keys
            ],
            batch_size=1_000,
        )
    return len(keys)
