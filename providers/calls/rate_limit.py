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
from enum import StrEnum
from typing import Final

from django.db import connection

from providers.models import CallSlot, Provider, RequestBudget

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
MARK: Final = "#"

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
    return f"{MARK}{priority}{MARK}"


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
