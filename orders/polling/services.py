"""Status polling: poll providers for the states of orders, refills and product orders, batch by batch.

:func:`sync_due` runs in the background, :func:`sync_now` polls everything at once by hand,
:func:`check_now` one order by hand. :mod:`orders.polling.rounds` decides what is polled next,
:mod:`orders.polling.poller` runs the rounds, :mod:`orders.polling.batches` sends the requests, and
:mod:`orders.polling.order_updates` applies the answers.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Order, PollRound, ProductOrder, Refill
from orders.polling import rounds
from orders.polling.batches import BatchRequest
from orders.polling.poll_run import PollRun, Synced, ask_batch, save_answers
from orders.polling.poller import Poller
from orders.polling.subjects import ORDERS, PRODUCT_ORDERS, REFILLS, Tracked
from panelhub.background.jobs import job
from panelhub.background.worker import is_stopping
from providers.calls import circuit_breaker
from providers.calls.rate_limit import CallPriority
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

LOOK_AGAIN_AFTER: Final = 0.2
# Low funds and pauses by hand stop buying only; polling goes on.
STILL_ASKED: Final = frozenset(
    {Provider.Pause.NONE, Provider.Pause.NO_FUNDS, Provider.Pause.BY_HAND, Provider.Pause.SAME_REFUSAL}
)


def may_be_asked(provider: Provider) -> bool:
    """Return whether the background may poll the provider now."""
    return (
        provider.is_active
        and provider.pause_kind in STILL_ASKED
        and not circuit_breaker.is_broken(provider, timezone.now())
    )


def can_be_asked(tracked: Tracked, provider: Provider) -> bool:
    """Return whether the provider's dialect answers the question at all."""
    speaks = provider.speaks
    return speaks.can(tracked.question.one) or speaks.can(tracked.question.many)


def providers_due(tracked: Tracked) -> list[int]:
    """Return ids of active providers with a due poll round; creates the rounds of new providers first."""
    new = Provider.objects.active().exclude(poll_rounds__kind=tracked.slug)
    for provider in new:
        rounds.ensure_rounds(provider.pk, tracked.slug, tracked.paces)
    due = Provider.objects.active().not_held().filter(pk__in=rounds.providers_with_due_rounds(tracked.slug))
    return [provider.pk for provider in due if may_be_asked(provider) and can_be_asked(tracked, provider)]


def sync_due(tracked: Tracked, provider: Provider, *, seconds: float | None = None) -> Synced:
    """Poll what is due at a provider, until nothing is or ``seconds`` are over.

    Whoever calls this holds the lease of ``tracked.job`` on the provider.
    """
    run = PollRun(tracked, provider, ends=None if seconds is None else time.monotonic() + seconds)
    if may_be_asked(provider) and can_be_asked(tracked, provider):
        rounds.ensure_rounds(provider.pk, tracked.slug, tracked.paces)
        Poller(run).poll()
    return run.synced


def sync_now(tracked: Tracked, provider: Provider) -> Synced:
    """Poll all rows at a provider now, due or not.

    Where another process holds the lease, that one polls, and this returns when it is done; the figures cover this
    process's share only.
    """
    asking = PollRun(tracked, provider)
    if not can_be_asked(tracked, provider):
        return asking.synced
    rounds.ensure_rounds(provider.pk, tracked.slug, tracked.paces)
    poll_round = PollRound.objects.get(provider=provider, kind=tracked.slug, tier=rounds.BY_HAND)
    tracked.after_round(provider.pk)
    rounds.begin_round(poll_round)
    current, began = poll_round.round, poll_round.started_at
    while poll_round.started_at is not None and poll_round.round == current and not is_stopping():
        with job(tracked.job, provider=provider.name, always_keep=True) as run:
            if run is not None:
                Poller(asking).poll()
                if asking.stopped:
                    rounds.break_off(poll_round)
                done = asking.synced
                run.count(asked=done.asked, changed=done.changed, unanswered=done.missing, calls=done.calls)
                if done.failure:
                    run.fail(done.failure)
                return done
        time.sleep(LOOK_AGAIN_AFTER)
        poll_round.refresh_from_db()
    if poll_round.round == current and poll_round.round_before != began:
        provider.refresh_from_db()
        asking.synced.failure = provider.last_failure or _("The check was interrupted.")
    return asking.synced


def check_now(order: Order) -> Synced:
    """Poll one order, and its open refills, at once."""
    provider = order.provider
    orders = Order.objects.filter(pk=order.pk, external_id__isnull=False, status__in=statuses.AT_PROVIDER)
    refills = Refill.objects.filter(order=order, external_id__isnull=False, status__in=statuses.REFILL_OPEN)
    synced = _ask_for_click(ORDERS, provider, ORDERS.read(orders))
    after = Synced()
    if not synced.failure and synced.again_in is None:
        after = _ask_for_click(REFILLS, provider, REFILLS.read(refills))
        for name in ("asked", "changed", "missing", "calls"):
            setattr(synced, name, getattr(synced, name) + getattr(after, name))
        synced.failure = after.failure
    synced.again_in = synced.again_in or after.again_in
    return synced


def check_orders_now(provider: Provider, orders: QuerySet[Order]) -> Synced:
    """Poll some orders of one provider at once, in batches where it supports them."""
    rows = ORDERS.read(orders.filter(external_id__isnull=False, status__in=statuses.AT_PROVIDER).order_by("pk"))
    return _ask_for_click(ORDERS, provider, rows)


def check_product_order_now(order: ProductOrder) -> Synced:
    """Poll one product order at once."""
    rows = ProductOrder.objects.filter(
        pk=order.pk, external_id__isnull=False, status__in=statuses.PRODUCT_ORDER.at_provider
    )
    return _ask_for_click(PRODUCT_ORDERS, order.provider, PRODUCT_ORDERS.read(rows))


def _ask_for_click(tracked: Tracked, provider: Provider, rows: Sequence[tuple[Any, ...]]) -> Synced:
    run = PollRun(tracked, provider, CallPriority.CLICK)
    if rows and can_be_asked(tracked, provider):
        singly = len(rows) == 1 and provider.speaks.can(tracked.question.one)
        batch_request = BatchRequest(provider, tracked.question, CallPriority.CLICK, singly=singly)
        for start in range(0, len(rows), batch_request.batch):
            if not run.is_over():
                batch = rows[start : start + batch_request.batch]
                batch_request.unasked.clear()
                ask_batch(run, batch_request, batch)
                save_answers(run, batch_request, batch)
    return run.synced
