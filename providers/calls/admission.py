"""Wait until a call may go out: for a place in flight, and for a slot of the budget (`providers.calls.rate_limit`)."""

from __future__ import annotations

import logging
import random
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import Error, connection
from django.db.models import F

from panelhub.background.pool import is_shared
from panelhub.background.processes import is_surely_gone, name_this_process
from providers.calls.rate_limit import (
    CLICK_GRACE,
    GONE_CHECK_SECONDS,
    LONGEST_WAIT,
    MARK,
    PLACE_LEASE,
    SHARED_WAIT,
    BudgetExhausted,
    CallPriority,
    clock_of,
    ensure_rows,
    gap_of,
    mark_of,
    places_for,
    reserve_slot,
    seconds_held,
)
from providers.models import CallSlot, Provider, RequestBudget

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

KEPT_SECONDS: Final = 2.0
"""How long a poll may keep its place from one call to the next: a second click waits for one that is left."""


@dataclass(slots=True)
class KeptPlace:
    """The place in flight that a thread keeps from one call to the next, for ``KEPT_SECONDS`` at most."""

    holder: str = ""
    since: float = 0.0

    def is_over(self) -> bool:
        """Return whether it is time to leave the place."""
        return time.monotonic() - self.since >= KEPT_SECONDS

    def leave(self) -> None:
        """Leave the place, if there is one."""
        if self.holder:
            _leave_place(self.holder)
            self.holder = ""


@contextmanager
def admission(
    provider: Provider, *, priority: CallPriority, patience: float | None = None, kept: KeptPlace | None = None
) -> Iterator[None]:
    """Wait for a place in flight and a slot of the budget, then let one call out. A place that is ``kept`` is used.

    Raises :class:`BudgetExhausted` when they do not come within ``patience`` seconds (a second in a shared thread, a
    minute in a process of one's own), and at once while the provider is held. Never called inside a transaction: it
    waits.
    """
    if patience is None:
        patience = SHARED_WAIT if is_shared() else LONGEST_WAIT
    rate = provider.rate_limit
    deadline = time.monotonic() + patience
    place = kept if kept is not None else KeptPlace()
    if not place.holder:
        if held := seconds_held(provider.pk):
            raise BudgetExhausted(held, held=True)
        place.holder = _wait_for_place(provider, priority, rate, deadline)
        place.since = time.monotonic()
    is_called = False
    try:
        _wait_for_slot(provider, priority, rate, deadline)
        is_called = True
        yield
    finally:
        if kept is None or not is_called or place.is_over():
            place.leave()


def _wait_for_place(provider: Provider, priority: CallPriority, rate: int, deadline: float) -> str:
    holder = f"{name_this_process()}{mark_of(priority)}{uuid.uuid4().hex}"
    looked_for_dead = 0.0
    pause = 0.02
    while not _take_place(provider.pk, priority, rate, holder):
        now = time.monotonic()
        if now - looked_for_dead >= GONE_CHECK_SECONDS:
            looked_for_dead = now
            if _clear_places(provider):
                continue
        if now >= deadline:
            raise BudgetExhausted
        time.sleep(min(random.uniform(pause, 2 * pause), max(0.0, deadline - now)))  # noqa: S311
        pause = min(2 * pause, 0.05 if priority is CallPriority.CLICK else 0.2)
    return holder


def _take_place(provider_id: int, priority: CallPriority, rate: int, holder: str) -> bool:
    clock = clock_of(connection.vendor)
    free = f"(until < {clock} OR until > {clock} + %s)"
    own = "OR for_clicks_only" if priority is CallPriority.CLICK else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE providers_callslot SET holder = %s, until = {clock} + %s WHERE id = ("  # noqa: S608
            f"SELECT id FROM providers_callslot WHERE provider_id = %s AND {free} AND (number < %s {own}) "
            f"ORDER BY for_clicks_only, number LIMIT 1) AND {free}",
            [holder, PLACE_LEASE, provider_id, PLACE_LEASE + 1.0, places_for(rate), PLACE_LEASE + 1.0],
        )
        return bool(cursor.rowcount)


def _clear_places(provider: Provider) -> bool:
    """Make the places if there are none, and free those whose process has ended; whether that helped."""
    holders = list(CallSlot.objects.filter(provider=provider).values_list("holder", flat=True))
    if not holders:
        ensure_rows(provider)
        return True
    dead = [holder for holder in holders if holder and is_surely_gone(holder.partition(MARK)[0])]
    return bool(dead and CallSlot.objects.filter(provider=provider, holder__in=dead).update(holder="", until=0.0))


def _wait_for_slot(provider: Provider, priority: CallPriority, rate: int, deadline: float) -> None:
    gap = gap_of(rate)
    while True:
        left = max(0.0, deadline - time.monotonic())
        wait = reserve_slot(provider.pk, requests_per_minute=rate, priority=priority, patience=left)
        if wait is None:
            _, is_new = RequestBudget.objects.get_or_create(provider=provider)
            if is_new:
                continue
            if held := seconds_held(provider.pk):
                raise BudgetExhausted(held, held=True)
            # A click was refused a slot within its patience, so there is none; a poll's turn may still come.
            coming = _seconds_to_slot(provider.pk, gap, keep=priority is CallPriority.CLICK)
            if priority is CallPriority.CLICK or coming > left:
                raise BudgetExhausted(coming)
            time.sleep(min(left, random.uniform(0.2, 0.5) * gap, 1.0))  # noqa: S311
            continue
        if wait:
            time.sleep(wait)
            # The provider may have requested a pause while this call waited for its slot.
            if held := seconds_held(provider.pk):
                raise BudgetExhausted(held, held=True)
        return


def _seconds_to_slot(provider_id: int, gap: float, *, keep: bool) -> float:
    """In how many seconds the next free slot comes; with ``keep`` no poll may take it."""
    clock = clock_of(connection.vendor)
    if keep:
        RequestBudget.objects.filter(provider_id=provider_id).update(click_at=F("next_at"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT next_at - {clock}, click_at - {clock} FROM providers_budgetlane WHERE provider_id = %s",  # noqa: S608
            [provider_id],
        )
        row = cursor.fetchone()
    slot, click = map(float, row) if row else (0.0, 0.0)
    if not keep and -CLICK_GRACE < click < LONGEST_WAIT:
        slot = max(slot, click + CLICK_GRACE)
    return max(0.1, slot) if slot < LONGEST_WAIT + gap + 1.0 else 0.1


def _leave_place(holder: str) -> None:
    try:
        CallSlot.objects.filter(holder=holder).update(holder="", until=0.0)
    except Error as error:
        # The result of the call is worth more than its place, which ends by itself.
        logger.warning("A place in flight was not given back: %s", error)
