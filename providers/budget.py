"""The request budget of a provider account, shared by every process through the database.

Two rows bound what goes out. The *lane* is one number, the time of the next free slot, moved
by a single UPDATE: fair, cheap, and the same on SQLite and PostgreSQL. *Call slots* cap the
calls in flight, with a place kept for clicks, so one hung provider stops nobody.
"""

from __future__ import annotations

import random
import time
import uuid
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from providers.models import BudgetLane, CallSlot, Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARE_USED = 0.97
SLOTS_FOR_ALL = 3
SLOTS_FOR_CLICKS = 1
SLOT_LEASE = 75.0
LONGEST_WAIT = 60.0

_CLOCK = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "extract(epoch from clock_timestamp())",
}
_LATER = {"sqlite": "max", "postgresql": "greatest"}


class Lane(StrEnum):
    """Who asks: a person waiting, or the background."""

    CLICK = "click"
    POLL = "poll"


class BudgetExhausted(Exception):
    """No slot within the time one is willing to wait."""


def _words() -> tuple[str, str]:
    return _CLOCK[connection.vendor], _LATER[connection.vendor]


def reserve_slot(provider_id: int, *, requests_per_minute: int) -> float:
    """Reserve the next slot of the lane; returns the seconds until it comes.

    A slot whose caller dies is lost, which is harmless.
    """
    clock, later = _words()
    gap = 60.0 / (requests_per_minute * SHARE_USED)
    statement = (
        f"UPDATE providers_budgetlane SET next_at = {later}(next_at, held_until, {clock}) + %s, used = used + 1 "  # noqa: S608
        f"WHERE provider_id = %s RETURNING next_at - %s - {clock}"
    )
    for _attempt in range(2):
        with connection.cursor() as cursor:
            cursor.execute(statement, [gap, provider_id, gap])
            row = cursor.fetchone()
        if row is not None:
            return max(0.0, float(row[0]))
        BudgetLane.objects.get_or_create(provider_id=provider_id)
    raise BudgetExhausted


def hold_lane(provider_id: int, seconds: float) -> None:
    """Let nothing out for ``seconds``: the provider said when it wants to be asked again."""
    clock, later = _words()
    BudgetLane.objects.get_or_create(provider_id=provider_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE providers_budgetlane SET held_until = {later}(held_until, {clock} + %s) WHERE provider_id = %s",  # noqa: S608
            [seconds, provider_id],
        )


def _take_call_slot(provider_id: int, lane: Lane, holder: str) -> bool:
    clock, _ = _words()
    clicks = "" if lane is Lane.CLICK else "AND NOT for_clicks_only "
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE providers_callslot SET holder = %s, until = {clock} + %s WHERE id = ("  # noqa: S608
            f"SELECT id FROM providers_callslot WHERE provider_id = %s AND until < {clock} {clicks}"
            f"ORDER BY for_clicks_only, number LIMIT 1) AND until < {clock}",
            [holder, SLOT_LEASE, provider_id],
        )
        return bool(cursor.rowcount)


def ensure_rows(provider: Provider) -> None:
    """Make the lane and the call slots of an account; safe to call at any time."""
    BudgetLane.objects.get_or_create(provider=provider)
    CallSlot.objects.bulk_create(
        [
            CallSlot(provider=provider, number=number, for_clicks_only=number >= SLOTS_FOR_ALL)
            for number in range(SLOTS_FOR_ALL + SLOTS_FOR_CLICKS)
        ],
        ignore_conflicts=True,
    )


@contextmanager
def admission(provider: Provider, *, lane: Lane, patience: float = LONGEST_WAIT) -> Iterator[None]:
    """Wait for a place in flight and a slot of the budget, then let one call out.

    Raises :class:`BudgetExhausted` when neither comes within ``patience`` seconds. Never
    called inside a transaction: it waits.
    """
    holder = str(uuid.uuid4())
    deadline = time.monotonic() + patience
    if not CallSlot.objects.filter(provider=provider).exists():
        ensure_rows(provider)
    while not _take_call_slot(provider.pk, lane, holder):
        if time.monotonic() >= deadline:
            raise BudgetExhausted
        time.sleep(random.uniform(0.02, 0.08))  # noqa: S311
    try:
        wait = reserve_slot(provider.pk, requests_per_minute=provider.rate_limit)
        if wait > deadline - time.monotonic():
            raise BudgetExhausted
        if wait:
            time.sleep(wait)
        yield
    finally:
        CallSlot.objects.filter(Q(holder=holder)).update(holder="", until=0.0)
