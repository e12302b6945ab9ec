"""Where orders, refills and product orders stand: asked of the providers, batch by batch.

:func:`sync_due` is the background's, :func:`sync_now` a person's for everything at once,
:func:`check_now` a person's for one order. What to ask next is in :mod:`orders.polling.rounds`, how in
:mod:`orders.polling.batches`, and what is made of the answers in :mod:`orders.polling.order_updates`.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.utils import timezone

from orders import statuses
from orders.models import Order, ProductOrder, Refill, Walk
from orders.polling import rounds
from orders.polling.batches import Asker
from orders.polling.subjects import ORDERS, PRODUCT_ORDERS, REFILLS, Tracked
from panelhub.background.worker import is_stopping
from panelhub.encryption.vault import SecretUnreadable
from panelhub.redaction import scrub
from providers.accounts.connection_test import explain
from providers.calls import circuit_breaker
from providers.calls.rate_limit import BudgetExhausted, Lane, places_for
from providers.client.errors import ProviderError, Unknown
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orders.polling.rounds import Leg

log = logging.getLogger(__name__)

FAILURES_TO_STOP: Final = 3
SINGLY_FOR: Final = timedelta(days=1)
LOOK_AGAIN_AFTER: Final = 0.2
# Funds and people's pauses are about buying; asking goes on.
STILL_ASKED: Final = frozenset({Provider.Pause.NONE, Provider.Pause.NO_FUNDS, Provider.Pause.BY_HAND})


@dataclass(slots=True)
class Synced:
    """What a sync did: rows asked about, changed, without an answer; calls made; why it failed, if it did."""

    asked: int = 0
    changed: int = 0
    missing: int = 0
    calls: int = 0
    failure: str = ""


@dataclass(slots=True)
class _Crew:
    """The workers of one sync of one provider, and what they have in common."""

    tracked: Tracked
    provider: Provider
    lane: Lane
    ends: float | None = None
    synced: Synced = field(default_factory=Synced)
    stopped: bool = False
    failures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_over(self) -> bool:
        return self.stopped or is_stopping() or (self.ends is not None and time.monotonic() >= self.ends)

    def note(self, **figures: int) -> None:
        with self.lock:
            for name, figure in figures.items():
                setattr(self.synced, name, getattr(self.synced, name) + figure)

    def fail(self, error: Exception, *, stop: bool) -> None:
        with self.lock:
            self.failures += 1
            self.synced.failure = scrub(explain(error))
            self.stopped = self.stopped or stop or self.failures >= FAILURES_TO_STOP

    def succeed(self) -> None:
        self.failures = 0


def may_be_asked(provider: Provider) -> bool:
    """Whether the background may ask the provider anything now."""
    return (
        provider.is_active
        and provider.pause_kind in STILL_ASKED
        and not circuit_breaker.is_broken(provider, timezone.now())
    )


def can_be_asked(tracked: Tracked, provider: Provider) -> bool:
    """Whether the provider's dialect answers the question at all."""
    speaks = provider.speaks
    return speaks.can(tracked.question.one) or speaks.can(tracked.question.many)


def providers_due(tracked: Tracked) -> list[int]:
    """Ids of active providers with a walk to be walked now; walks of new providers are made on the way."""
    new = Provider.objects.active().exclude(walks__kind=tracked.slug)
    for provider in new:
        rounds.ensure_walks(provider.pk, tracked.slug, tracked.paces)
    due = Provider.objects.active().not_held().filter(pk__in=rounds.providers_with_due_walks(tracked.slug))
    return [provider.pk for provider in due if may_be_asked(provider) and can_be_asked(tracked, provider)]


def sync_due(tracked: Tracked, provider: Provider, *, seconds: float | None = None) -> Synced:
    """Ask about what is due at a provider, until nothing is or ``seconds`` are over."""
    crew = _Crew(tracked, provider, Lane.POLL, None if seconds is None else time.monotonic() + seconds)
    if may_be_asked(provider) and can_be_asked(tracked, provider):
        rounds.ensure_walks(provider.pk, tracked.slug, tracked.paces)
        _work_together(crew, _work_on_due)
    return crew.synced


def sync_now(tracked: Tracked, provider: Provider) -> Synced:
    """Ask about everything at a provider now, whatever is due; joins whoever is at it already.

    Returns when all of it has been asked about, by this or another process; the figures are of
    this one's share.
    """
    crew = _Crew(tracked, provider, Lane.POLL)
    if not can_be_asked(tracked, provider):
        return crew.synced
    rounds.ensure_walks(provider.pk, tracked.slug, tracked.paces)
    walk = Walk.objects.get(provider=provider, kind=tracked.slug, tier=rounds.BY_HAND)
    tracked.after_round(provider.pk, ())
    rounds.begin_round(walk)
    _work_together(crew, lambda crew, help_wanted: _work_by_hand(crew, walk, help_wanted))
    if crew.stopped:
        rounds.break_off(walk)
    return crew.synced


def check_now(order: Order) -> Synced:
    """Ask about one order, and its open refills, at once."""
    provider = order.provider
    orders = Order.objects.filter(pk=order.pk, external_id__isnull=False, status__in=statuses.AT_PROVIDER)
    refills = Refill.objects.filter(order=order, external_id__isnull=False, status__in=statuses.REFILL_OPEN)
    synced = _ask_for_click(ORDERS, provider, ORDERS.read(orders))
    if not synced.failure:
        after = _ask_for_click(REFILLS, provider, REFILLS.read(refills))
        for name in ("asked", "changed", "missing", "calls"):
            setattr(synced, name, getattr(synced, name) + getattr(after, name))
        synced.failure = after.failure
    return synced


def check_product_order_now(order: ProductOrder) -> Synced:
    """Ask about one product order at once."""
    rows = ProductOrder.objects.filter(
        pk=order.pk, external_id__isnull=False, status__in=statuses.PRODUCT_ORDER.at_provider
    )
    return _ask_for_click(PRODUCT_ORDERS, order.provider, PRODUCT_ORDERS.read(rows))


def _ask_for_click(tracked: Tracked, provider: Provider, rows: Sequence[tuple[Any, ...]]) -> Synced:
    crew = _Crew(tracked, provider, Lane.CLICK)
    if rows and can_be_asked(tracked, provider):
        asker = Asker(provider, tracked.question, Lane.CLICK, singly=provider.speaks.can(tracked.question.one))
        for start in range(0, len(rows), asker.batch):
            if not crew.is_over():
                _ask_batch(crew, asker, rows[start : start + asker.batch])
    return crew.synced


# --- Workers ----------------------------------------------------------------------------------------------------------


def _work_together(crew: _Crew, work: Any) -> None:
    """Run ``work`` here, and in more threads once it turns out that there is enough to do.

    Inside a test's transaction other threads would see none of its rows: there it is this thread alone.
    """
    if connection.in_atomic_block:
        work(crew, lambda: None)
        return
    helpers: list[Any] = []
    most = places_for(crew.provider.rate_limit) - 1
    with ThreadPoolExecutor(max_workers=most, thread_name_prefix=crew.tracked.slug) as pool:

        def want_help() -> None:
            if not helpers:
                helpers.extend(pool.submit(_help, crew, work) for _ in range(most))

        work(crew, want_help)
    for helper in helpers:
        helper.result()


def _help(crew: _Crew, work: Any) -> None:
    try:
        work(crew, None)
    finally:
        connection.close()


def _work_on_due(crew: _Crew, want_help: Any) -> None:
    """Take a leg of each due walk in turn, so that no tier waits for another one's end."""
    provider = Provider.objects.get(pk=crew.provider.pk)
    found = True
    while found and not crew.is_over():
        found = False
        for walk in rounds.due_walks(crew.provider.pk, crew.tracked.slug):
            if crew.is_over():
                return
            if walk.started_at is None and not rounds.begin_round(walk, only_if_due=True):
                continue
            found = _work_on_leg(crew, provider, walk, want_help) or found


def _work_by_hand(crew: _Crew, walk: Walk, want_help: Any) -> None:
    provider = Provider.objects.get(pk=crew.provider.pk)
    walk = Walk.objects.get(pk=walk.pk)
    current = walk.round
    while walk.started_at is not None and walk.round == current and not crew.is_over():
        if _work_on_leg(crew, provider, walk, want_help):
            continue
        if want_help is None:
            return
        walk.refresh_from_db()
        if walk.started_at is not None:
            time.sleep(LOOK_AGAIN_AFTER)


def _work_on_leg(crew: _Crew, provider: Provider, walk: Walk, want_help: Any) -> bool:
    """Walk one leg of the walk; ``False`` when there was none to take. Ends the round after the last."""
    tracked = crew.tracked
    asker = Asker(provider, tracked.question, crew.lane, singly=_is_asked_singly(walk))
    pace = tracked.paces.get(walk.tier) or max(tracked.paces.values(), key=lambda pace: pace.batches)
    size = pace.batches * asker.batch

    def read(after: int, upto: int | None, count: int | None) -> list[tuple[Any, ...]]:
        rows = tracked.rows(crew.provider.pk, walk.tier).filter(pk__gt=after).order_by("pk")
        return tracked.read(rows.filter(pk__lte=upto) if upto is not None else rows[:count])

    leg = rounds.take_leg(walk, read, size)
    if leg is None:
        _end_round(tracked, walk)
        return False
    if want_help is not None and len(leg.rows) == size:
        want_help()
    try:
        _walk_leg(crew, asker, leg)
    except BaseException:
        rounds.leave_leg(leg)
        raise
    return True


def _end_round(tracked: Tracked, walk: Walk) -> None:
    pace = tracked.paces.get(walk.tier)
    if not rounds.finish_round(walk, pace.interval if pace else timedelta(0)):
        return
    if pace is None:
        rounds.all_were_walked(walk, {tier: pace.interval for tier, pace in tracked.paces.items()})
    tracked.after_round(walk.provider_id, tracked.paces if pace is None else (walk.tier,))


def _walk_leg(crew: _Crew, asker: Asker, leg: Leg) -> None:
    asked = changed = missing = 0
    place = 0
    while place < len(leg.rows):
        if crew.is_over() or not rounds.keep_leg(leg):
            rounds.leave_leg(leg, retry_after=rounds.RETRY_AFTER if crew.stopped else timedelta(0))
            break
        batch = leg.rows[place : place + asker.batch]
        applied = _ask_batch(crew, asker, batch)
        place += len(batch)
        asked, changed, missing = asked + len(batch), changed + applied.changed, missing + applied.missing
    else:
        rounds.finish_leg(leg, asked=asked, changed=changed, missing=missing)
    if asker.singly and not _is_asked_singly(leg.walk) and asker.provider.speaks.can(asker.question.many):
        Walk.objects.filter(provider_id=crew.provider.pk, kind=crew.tracked.slug).update(
            singly_until=timezone.now() + SINGLY_FOR
        )


def _is_asked_singly(walk: Walk) -> bool:
    return walk.singly_until is not None and walk.singly_until > timezone.now()


def _ask_batch(crew: _Crew, asker: Asker, rows: Sequence[tuple[Any, ...]]) -> Any:
    """Ask about one batch and write the answers down, also those that came before a failure."""
    ids = [row[1] for row in rows]
    asker.answers, asker.poison, asker.unasked = {}, set(), set()
    calls = asker.calls
    try:
        asker.ask(ids)
    except Unknown as unknown:
        asker.unasked = set(ids) - asker.answers.keys()
        crew.fail(unknown, stop=circuit_breaker.is_broken(asker.provider, timezone.now()))
    except (ProviderError, BudgetExhausted, SecretUnreadable) as error:
        asker.unasked = set(ids) - asker.answers.keys()
        crew.fail(error, stop=True)
    else:
        crew.succeed()
    applied = crew.tracked.apply(
        asker.provider,
        rows,
        asker.answers,
        now=timezone.now(),
        unasked=asker.unasked,
        poison=asker.poison,
    )
    crew.note(
        asked=len(rows) - len(asker.unasked),
        changed=applied.changed,
        missing=applied.missing,
        calls=asker.calls - calls,
    )
    return applied
