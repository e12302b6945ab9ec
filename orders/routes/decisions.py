"""What people do with a chain: stop it, let it go on, close it after a look, move it, or buy elsewhere themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Attempt, Chain, ChainStep, Order, Settlement
from orders.placement.services import plain_words
from orders.routes.books import rest_of
from orders.routes.purchases import CannotStep, choose_next
from orders.routes.steps import ENDED, WAITING, add_link, close, links_of, lock_chain, move_chain, withdraw_link
from orders.submission.services import SWEEP_AFTER
from panelhub import audit
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    from providers.models import Service

Status = Chain.Status
Reason = ChainStep.Reason


def stop_chain(chain: Chain, *, by: Any, reason: str = "") -> bool:
    """Stop a chain: nothing more is bought, and an order that is not sent yet is withdrawn. False when it had ended."""
    with transaction.atomic():
        current = lock_chain(chain.pk)
        if current.status in ENDED:
            return False
        links = links_of(current)
        if links and links[-1].status in statuses.UNSENT and not _has_late_id(links[-1]):
            withdraw_link(links[-1], by=by)
        close(current, links, Reason.STOPPED, to=Status.STOPPED, by=by, words=plain_words(reason))
        audit.record(by, "chain.stopped", current, plain_words(reason)[:500])
    return True


def continue_chain(chain: Chain, *, by: Any, reason: str = "") -> bool:
    """Let a held or flagged chain go on by itself (flagged: a person checked it). False when it is neither.

    An order of it that is held stays held until it is approved. Raises :class:`CannotStep` while a second person
    has to approve the chain, or a flagged one without a reason.
    """
    with transaction.atomic():
        current = lock_chain(chain.pk)
        if current.status not in WAITING:
            return False
        if current.reason == Reason.SECOND_PERSON:
            raise CannotStep(_("The order of this chain waits for approval."))
        why = Reason.CLEARED if current.status == Status.FLAGGED else Reason.CONTINUED
        if why == Reason.CLEARED and not plain_words(reason):
            raise CannotStep(_("Enter a reason. It is saved with the decision."))
        move_chain(current, why, to=Status.ACTIVE, by=by, words=plain_words(reason))
        audit.record(by, f"chain.{why.value}", current, plain_words(reason)[:500])
        notify_worker("orders.routes.tasks.step", current.pk, queue=CLICKS)
    return True


def close_chain(chain: Chain, *, by: Any, reason: str) -> bool:
    """Close a flagged chain as done after a person checked it. False when it is not flagged."""
    if not plain_words(reason):
        raise CannotStep(_("Enter a reason. It is saved with the decision."))
    with transaction.atomic():
        current = lock_chain(chain.pk)
        if current.status != Status.FLAGGED:
            return False
        links = links_of(current)
        if any(link.status in statuses.IN_HAND for link in links):
            raise CannotStep(_("An order of this chain isn’t finished. Stop the chain instead."))
        close(current, links, Reason.CLEARED, to=Status.DONE, by=by, words=plain_words(reason))
        audit.record(by, "chain.cleared", current, plain_words(reason)[:500])
    return True


def mark_to_move(chain: Chain, *, by: Any, reason: str = "") -> bool:
    """Have a chain go on elsewhere once its order, which is to be canceled next, is canceled. False when it can't.

    Whoever calls this requests the cancel afterwards; without this mark a cancel stops the chain.
    """
    with transaction.atomic():
        current = lock_chain(chain.pk)
        links = links_of(current)
        if current.status != Status.ACTIVE or links[-1].status not in statuses.OPEN:
            return False
        ChainStep.objects.create(
            chain=current,
            order=links[-1],
            reason=Reason.MOVED,
            before=current.status,
            after=current.status,
            actor=by,
            words=plain_words(reason)[:1000],
        )
        Chain.objects.filter(pk=current.pk).update(reason=Reason.MOVED)
        audit.record(by, "chain.moved", current, plain_words(reason)[:500])
    return True


def buy_elsewhere(chain: Chain, *, by: Any, reason: str, service: Service | None = None) -> Chain:
    """Add the next order by the decision of a person, at ``service`` or the first candidate; the reason is stored.

    For what the chain never does by itself: an order that was closed as unknown or settled as not placed (once a
    late reply can no longer come), a failed or refunded one. Raises :class:`CannotStep` with a sentence.
    """
    why = plain_words(reason)
    if not why:
        raise CannotStep(_("Enter a reason. It is saved with the decision."))
    with transaction.atomic():
        current = lock_chain(chain.pk)
        links = links_of(current)
        if current.status in ENDED or current.reason == Reason.SECOND_PERSON:
            raise CannotStep(_("This chain has ended, or waits for approval."))
        if any(link.status in statuses.IN_HAND | statuses.OPEN for link in links):
            raise CannotStep(_("An order of this chain is still open."))
        _check_late_replies(links)
        _check_late_ids(links)
        is_drip = bool(current.parameters.get("runs"))
        rest = rest_of(current, links)
        if rest <= 0 or (is_drip and rest != current.quantity):
            raise CannotStep(_("Nothing of this chain is left to buy."))
        quantity = (links[-1].quantity or rest) if is_drip else rest
        chosen = choose_next(current, links, quantity, person=by, service=service, tried_again=True)
        add_link(current, chosen, Reason.ELSEWHERE, after=links[-1], by=by, words=why)
        audit.record(by, "chain.bought_elsewhere", current, why[:500], service=chosen.service.pk)
    return current


def _check_late_replies(links: Sequence[Order]) -> None:
    """Raise :class:`CannotStep` while a reply to the last call may still come; as for "send again"."""
    last = Attempt.objects.filter(order__in=links).order_by("-started_at").first()
    if last is None:
        return
    opens = last.started_at + timedelta(seconds=SWEEP_AFTER)
    if last.outcome in {Attempt.Outcome.OPEN, Attempt.Outcome.UNKNOWN} and opens > timezone.now():
        raise CannotStep(_("A reply to the last call may still arrive. Try again in a minute."))


def _check_late_ids(links: Sequence[Order]) -> None:
    """Raise :class:`CannotStep` until a person has dealt with an order that a late reply says was accepted."""
    late = Attempt.objects.filter(order__in=links).exclude(late_id="").exclude(late_id=F("order__external_id"))
    seen = Settlement.objects.filter(order__in=links, way=Settlement.Way.SECOND_SEEN).values("external_id")
    if late.exclude(late_id__in=seen).exists():
        raise CannotStep(_("It may have been sent already. Review it on its own page."))


def _has_late_id(link: Order) -> bool:
    return Attempt.objects.filter(order=link).exclude(late_id="").exists()
