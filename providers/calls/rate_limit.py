"""The request budget of a provider account, shared by every process through the database.

Two things bound what goes out. The *lane* is one number, the time of the next free slot, moved
by a single UPDATE: fair, cheap, and the same on SQLite and PostgreSQL. A person's click may
reserve any slot to come; the background reserves only the next one, so a click goes out within
two slots however many polls wait. *Places* cap the calls in flight, with one kept for clicks, so
a provider that hangs holds up no one.

In a shared thread no one waits for longer than a second: :class:`BudgetExhausted` says when it is worth coming back,
and a click leaves word in the lane's row, so that no poll takes the slot it comes back for.

All times are the database's, the one clock that every process shares. A time in the table that
lies further ahead than any process can have written it comes from a clock that was set back since,
and counts as past.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.db import Error, connection
from django.db.models import F

from panelhub.background.pool import is_shared
from panelhub.background.processes import is_surely_gone, name_this_process
from providers.models import CallSlot, Provider, RequestBudget

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

SHARE_USED: Final = 0.97
"""Of the rate that is allowed; the rest is room for slots that are used a little late."""
FEWEST_PLACES: Final = 3
MOST_PLACES: Final = 8
REQUESTS_A_PLACE: Final = 50
LONGEST_WAIT: Final = 60.0
LONGEST_HOLD: Final = 900.0
SHARED_WAIT: Final = 1.0
"""How long a call may wait in a thread that others wait for."""
CLICK_GRACE: Final = 2.0
"""For how many seconds a slot is reserved for the click that was to come back for it."""
PLACE_AGAIN: Final = 2.0
"""After how many seconds it is worth looking for a free place again."""
PLACE_LEASE: Final = LONGEST_WAIT + 60.0
"""How long a place is lost when its holder dies unseen: longer than any wait and any call."""
GONE_CHECK_SECONDS: Final = 1.0
_MARK: Final = "#"

_CLOCK: Final = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "extract(epoch from clock_timestamp())",
}
_MINUTE: Final = {
    "sqlite": f"CAST({_CLOCK['sqlite']} / 60.0 AS integer)",
    "postgresql": f"CAST(floor({_CLOCK['postgresql']} / 60.0) AS bigint)",
}
_LATER: Final = {"sqlite": "max", "postgresql": "greatest"}


class CallPriority(StrEnum):
    """Who asks: a person waiting, or the background."""

    CLICK = "click"
    POLL = "poll"


class BudgetExhausted(Exception):
    """No call within the time one may wait: come back in ``seconds``; ``held`` when the provider requested a pause."""

    def __init__(self, seconds: float = PLACE_AGAIN, *, held: bool = False) -> None:
        super().__init__(f"no call for {seconds:.0f} s")
        self.seconds = seconds
        self.held = held


def clock_of(vendor: str) -> str:
    """Return the SQL of the database's clock, in Unix seconds with fractions."""
    return _CLOCK[vendor]


def mark_of(priority: CallPriority) -> str:
    """Return what stands between the process and the call in the name of who holds a place."""
    return f"{_MARK}{priority}{_MARK}"


def places_for(requests_per_minute: int) -> int:
    """Return how many calls may be in flight at once at this rate, the one for clicks not counted."""
    return max(FEWEST_PLACES, min(MOST_PLACES, requests_per_minute // REQUESTS_A_PLACE))


def gap_of(requests_per_minute: int) -> float:
    """Return seconds from one slot to the next."""
    return 60.0 / (requests_per_minute * SHARE_USED)


def reserve_slot(
    provider_id: int,
    *,
    requests_per_minute: int,
    priority: CallPriority = CallPriority.CLICK,
    patience: float = LONGEST_WAIT,
) -> float | None:
    """Reserve the next slot and return the seconds until it comes, or None when none is to be had now.

    A click may reserve as far ahead as its ``patience``, a poll only the very next slot. A slot
    whose caller dies is lost, which is harmless.
    """
    gap = gap_of(requests_per_minute)
    horizon = min(patience, LONGEST_WAIT if priority is CallPriority.CLICK else gap)
    clock, later = _CLOCK[connection.vendor], _LATER[connection.vendor]
    start = (
        f"{later}({clock}, CASE WHEN next_at > {clock} + %s THEN 0.0 ELSE next_at END, "
        f"CASE WHEN held_until > {clock} + %s THEN 0.0 ELSE held_until END)"
    )
    beyond = [LONGEST_WAIT + gap + 1.0, LONGEST_HOLD + 1.0]
    # A slot that a click comes back for is no poll's.
    free, mine = "", "click_at = 0.0, "
    if priority is CallPriority.POLL:
        free, mine = f"AND (click_at < {clock} - %s OR click_at > {clock} + %s) ", ""
    minute = _MINUTE[connection.vendor]
    statement = (
        f"UPDATE providers_budgetlane SET next_at = {start} + %s, {mine}used = used + 1, "  # noqa: S608
        f"used_before = CASE {minute} - minute WHEN 0 THEN used_before WHEN 1 THEN used_now ELSE 0 END, "
        f"used_now = CASE WHEN minute = {minute} THEN used_now + 1 ELSE 1 END, minute = {minute} "
        f"WHERE provider_id = %s {free}AND {start} <= {clock} + %s RETURNING next_at - %s - {clock}"
    )
    kept = [CLICK_GRACE, LONGEST_HOLD + CLICK_GRACE] if free else []
    with connection.cursor() as cursor:
        cursor.execute(statement, [*beyond, gap, provider_id, *kept, *beyond, horizon, gap])
        row = cursor.fetchone()
    return None if row is None else max(0.0, float(row[0]))


def hold_budget(provider_id: int, seconds: float) -> None:
    """Hold all calls for ``seconds``, at most a quarter of an hour: the provider requested it."""
    clock = _CLOCK[connection.vendor]
    RequestBudget.objects.get_or_create(provider_id=provider_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE providers_budgetlane SET held_until = {clock} + %s "  # noqa: S608
            f"WHERE provider_id = %s AND (held_until < {clock} + %s OR held_until > {clock} + %s)",
            [min(seconds, LONGEST_HOLD), provider_id, min(seconds, LONGEST_HOLD), LONGEST_HOLD + 1.0],
        )


def seconds_held(provider_id: int) -> float:
    """For how many seconds the lane lets nothing out; zero when it does."""
    clock = _CLOCK[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT held_until - {clock} FROM providers_budgetlane WHERE provider_id = %s",  # noqa: S608
            [provider_id],
        )
        row = cursor.fetchone()
    seconds = float(row[0]) if row else 0.0
    return seconds if 0.0 < seconds <= LONGEST_HOLD + 1.0 else 0.0


def ensure_rows(provider: Provider) -> None:
    """Make the lane and the places of an account; safe to call at any time."""
    RequestBudget.objects.get_or_create(provider=provider)
    CallSlot.objects.bulk_create(
        [
            CallSlot(provider=provider, number=number, for_clicks_only=number >= MOST_PLACES)
            for number in range(MOST_PLACES + 1)
        ],
        ignore_conflicts=True,
    )


@contextmanager
def admission(provider: Provider, *, priority: CallPriority, patience: float | None = None) -> Iterator[None]:
    """Wait for a place in flight and a slot of the budget, then let one call out.

    Raises :class:`BudgetExhausted` when they do not come within ``patience`` seconds (a second in a shared thread, a
    minute in a process of one's own), and at once while the provider is held. Never called inside a transaction: it
    waits.
    """
    if patience is None:
        patience = SHARED_WAIT if is_shared() else LONGEST_WAIT
    rate = provider.rate_limit
    deadline = time.monotonic() + patience
    if held := seconds_held(provider.pk):
        raise BudgetExhausted(held, held=True)
    holder = _wait_for_place(provider, priority, rate, deadline)
    try:
        _wait_for_slot(provider, priority, rate, deadline)
        yield
    finally:
        _leave_place(holder)


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
    clock = _CLOCK[connection.vendor]
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
    dead = [holder for holder in holders if holder and is_surely_gone(holder.partition(_MARK)[0])]
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
    clock = _CLOCK[connection.vendor]
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
