"""The request budget of a provider account, shared by every process through the database.

Two things bound what goes out. The *lane* is one number, the time of the next free slot, moved
by a single UPDATE: fair, cheap, and the same on SQLite and PostgreSQL. A person's click may
reserve any slot to come; the background reserves only the next one, so a click goes out within
two slots however many polls wait. *Places* cap the calls in flight, with one kept for clicks, so
a provider that hangs holds up nobody.

All times are the database's, the one clock that every process shares. A time in the table that
lies further ahead than anybody can have written it comes from a clock that was set back since,
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

from panelhub.background.processes import is_surely_gone, name_this_process
from providers.models import BudgetLane, CallSlot, Provider

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


class Lane(StrEnum):
    """Who asks: a person waiting, or the background."""

    CLICK = "click"
    POLL = "poll"


class BudgetExhausted(Exception):
    """No slot within the time one is willing to wait."""


def clock_of(vendor: str) -> str:
    """The SQL of the database's clock, in Unix seconds with fractions."""
    return _CLOCK[vendor]


def mark_of(lane: Lane) -> str:
    """What stands between the process and the call in the name of who holds a place."""
    return f"{_MARK}{lane}{_MARK}"


def places_for(requests_per_minute: int) -> int:
    """How many calls may be in flight at once at this rate, the one for clicks not counted."""
    return max(FEWEST_PLACES, min(MOST_PLACES, requests_per_minute // REQUESTS_A_PLACE))


def gap_of(requests_per_minute: int) -> float:
    """Seconds from one slot to the next."""
    return 60.0 / (requests_per_minute * SHARE_USED)


def reserve_slot(
    provider_id: int, *, requests_per_minute: int, lane: Lane = Lane.CLICK, patience: float = LONGEST_WAIT
) -> float | None:
    """Reserve the next slot and return the seconds until it comes, or None when none is to be had now.

    A click may reserve as far ahead as its ``patience``, a poll only the very next slot. A slot
    whose caller dies is lost, which is harmless.
    """
    gap = gap_of(requests_per_minute)
    horizon = min(patience, LONGEST_WAIT if lane is Lane.CLICK else gap)
    clock, later = _CLOCK[connection.vendor], _LATER[connection.vendor]
    start = (
        f"{later}({clock}, CASE WHEN next_at > {clock} + %s THEN 0.0 ELSE next_at END, "
        f"CASE WHEN held_until > {clock} + %s THEN 0.0 ELSE held_until END)"
    )
    beyond = [LONGEST_WAIT + gap + 1.0, LONGEST_HOLD + 1.0]
    minute = _MINUTE[connection.vendor]
    statement = (
        f"UPDATE providers_budgetlane SET next_at = {start} + %s, used = used + 1, "  # noqa: S608
        f"used_before = CASE {minute} - minute WHEN 0 THEN used_before WHEN 1 THEN used_now ELSE 0 END, "
        f"used_now = CASE WHEN minute = {minute} THEN used_now + 1 ELSE 1 END, minute = {minute} "
        f"WHERE provider_id = %s AND {start} <= {clock} + %s RETURNING next_at - %s - {clock}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*beyond, gap, provider_id, *beyond, horizon, gap])
        row = cursor.fetchone()
    return None if row is None else max(0.0, float(row[0]))


def hold_lane(provider_id: int, seconds: float) -> None:
    """Let nothing out for ``seconds``, at most a quarter of an hour: the provider asked for it."""
    clock = _CLOCK[connection.vendor]
    BudgetLane.objects.get_or_create(provider_id=provider_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE providers_budgetlane SET held_until = {clock} + %s "  # noqa: S608
            f"WHERE provider_id = %s AND (held_until < {clock} + %s OR held_until > {clock} + %s)",
            [min(seconds, LONGEST_HOLD), provider_id, min(seconds, LONGEST_HOLD), LONGEST_HOLD + 1.0],
        )


def seconds_held(provider_id: int) -> float:
    """For how many seconds the lane lets nothing out; nought when it does."""
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
    BudgetLane.objects.get_or_create(provider=provider)
    CallSlot.objects.bulk_create(
        [
            CallSlot(provider=provider, number=number, for_clicks_only=number >= MOST_PLACES)
            for number in range(MOST_PLACES + 1)
        ],
        ignore_conflicts=True,
    )


@contextmanager
def admission(provider: Provider, *, lane: Lane, patience: float = LONGEST_WAIT) -> Iterator[None]:
    """Wait for a place in flight and a slot of the budget, then let one call out.

    Raises :class:`BudgetExhausted` when they do not come within ``patience`` seconds. Never
    called inside a transaction: it waits.
    """
    rate = provider.rate_limit
    deadline = time.monotonic() + patience
    holder = _wait_for_place(provider, lane, rate, deadline)
    try:
        _wait_for_slot(provider, lane, rate, deadline)
        yield
    finally:
        _leave_place(holder)


def _wait_for_place(provider: Provider, lane: Lane, rate: int, deadline: float) -> str:
    holder = f"{name_this_process()}{mark_of(lane)}{uuid.uuid4().hex}"
    looked_for_dead = 0.0
    pause = 0.02
    while not _take_place(provider.pk, lane, rate, holder):
        now = time.monotonic()
        if now - looked_for_dead >= GONE_CHECK_SECONDS:
            looked_for_dead = now
            if _clear_places(provider):
                continue
        if now >= deadline:
            raise BudgetExhausted
        time.sleep(min(random.uniform(pause, 2 * pause), max(0.0, deadline - now)))  # noqa: S311
        pause = min(2 * pause, 0.05 if lane is Lane.CLICK else 0.2)
    return holder


def _take_place(provider_id: int, lane: Lane, rate: int, holder: str) -> bool:
    clock = _CLOCK[connection.vendor]
    free = f"(until < {clock} OR until > {clock} + %s)"
    own = "OR for_clicks_only" if lane is Lane.CLICK else ""
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


def _wait_for_slot(provider: Provider, lane: Lane, rate: int, deadline: float) -> None:
    gap = gap_of(rate)
    while True:
        left = max(0.0, deadline - time.monotonic())
        wait = reserve_slot(provider.pk, requests_per_minute=rate, lane=lane, patience=left)
        if wait is None:
            _, is_new = BudgetLane.objects.get_or_create(provider=provider)
            if is_new:
                continue
            # A click was refused a slot within its patience, so there is none; a poll's turn may still come.
            if not left or seconds_held(provider.pk) > left or (lane is Lane.CLICK and left < LONGEST_WAIT):
                raise BudgetExhausted
            time.sleep(min(left, random.uniform(0.2, 0.5) * gap, 1.0))  # noqa: S311
            continue
        if wait:
            time.sleep(wait)
            # The provider may have asked for a pause while this call waited for its slot.
            if seconds_held(provider.pk):
                continue
        return


def _leave_place(holder: str) -> None:
    try:
        CallSlot.objects.filter(holder=holder).update(holder="", until=0.0)
    except Error as error:
        # What came of the call is worth more than its place, which ends by itself.
        logger.warning("A place in flight was not given back: %s", error)
