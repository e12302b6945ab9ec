"""Decide who is polled next: rounds over a provider's tiers, by one poller that holds the lease on them.

A round goes over the rows of one tier by their keys, so the row that was polled longest ago is always the next.
``cursor`` says how far it has come: whoever takes the lease after a kill goes on from there. Times of leases and
rounds are the database's: it is the one clock that all workers share.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, When
from django.db.models.functions import Greatest, Now

from orders.models import PollRound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

BY_HAND: Final = 0
"""The tier of a poll round over all rows, started by hand."""

RETRY_AFTER: Final = timedelta(seconds=20)
# A round that takes longer than its interval leaves this share of it to others before the next one.
BREATH: Final = 0.25


def ensure_rounds(provider_id: int, kind: str, tiers: Iterable[int]) -> None:
    """Create the rows of a provider's poll rounds; safe to call at any time."""
    # Due by the database's clock, as they are looked for: SQLite's knows no microseconds, and by this process's a new
    # round would not be due within its first millisecond.
    PollRound.objects.bulk_create(
        [PollRound(provider_id=provider_id, kind=kind, tier=tier, due_at=Now()) for tier in (BY_HAND, *tiers)],
        ignore_conflicts=True,
    )


def due_rounds(provider_id: int, kind: str) -> list[PollRound]:
    """Return the poll rounds that need a worker now, the longest due first; one started by hand is returned alone."""
    poll_rounds = list(
        PollRound.objects.filter(provider_id=provider_id, kind=kind, due_at__lte=Now())
        .exclude(tier=BY_HAND, started_at=None)
        .order_by("due_at", "tier")
    )
    return [poll_round for poll_round in poll_rounds if poll_round.tier == BY_HAND] or poll_rounds


def providers_with_due_rounds(kind: str) -> list[int]:
    """Return ids of providers that have a due poll round of the kind."""
    due = PollRound.objects.filter(kind=kind, due_at__lte=Now()).exclude(tier=BY_HAND, started_at=None)
    return list(due.values_list("provider_id", flat=True).distinct().order_by("provider_id"))


def begin_round(poll_round: PollRound, *, only_if_due: bool = False) -> bool:
    """Begin a round if none is on; returns whether one is now. ``poll_round`` is up to date afterwards."""
    due = Q(due_at__lte=Now()) if only_if_due else Q()
    PollRound.objects.filter(due, pk=poll_round.pk, started_at=None).update(
        started_at=Now(), due_at=Now(), round=F("round") + 1, cursor=0, asked=0, changed=0, missing=0
    )
    poll_round.refresh_from_db()
    return poll_round.started_at is not None


def advance(poll_round: PollRound, cursor: int, *, asked: int, changed: int, missing: int) -> None:
    """Note that everything up to the row ``cursor`` has been polled in this round, and how that went."""
    PollRound.objects.filter(
        pk=poll_round.pk, round=poll_round.round, started_at__isnull=False, cursor__lt=cursor
    ).update(cursor=cursor, asked=F("asked") + asked, changed=F("changed") + changed, missing=F("missing") + missing)


def put_off(poll_round: PollRound, wait: timedelta) -> None:
    """Go on with a round that cannot go on now, not before ``wait`` is over."""
    PollRound.objects.filter(pk=poll_round.pk, round=poll_round.round).update(due_at=_in(wait))


def finish_round(poll_round: PollRound, interval: timedelta) -> bool:
    """End the round; returns whether this call ended it.

    The next one is due an interval after the beginning of this one.
    """
    ended = PollRound.objects.filter(pk=poll_round.pk, round=poll_round.round, started_at__isnull=False).update(
        started_at=None,
        round_before=F("started_at"),
        finished_at=Now(),
        due_at=Greatest(_after(F("started_at"), interval), _in(interval * BREATH)),
    )
    return bool(ended)


def break_off(poll_round: PollRound) -> None:
    """End a round started by hand that cannot go on; the rest of it is not polled."""
    PollRound.objects.filter(pk=poll_round.pk, round=poll_round.round, started_at__isnull=False).update(started_at=None)


def all_were_polled(poll_round: PollRound, intervals: dict[int, timedelta]) -> None:
    """Put off the tiers' own rounds after a round by hand, which covered them, unless they are halfway."""
    due = Case(*(When(tier=tier, then=_in(interval)) for tier, interval in intervals.items()))
    PollRound.objects.filter(
        provider_id=poll_round.provider_id, kind=poll_round.kind, tier__in=intervals, started_at=None
    ).update(due_at=due)


def last_checked(order: Any, **how: Any) -> datetime | None:
    """Return since when at the latest an order has been polled; ``None`` when it has not.

    ``how`` is that of :func:`last_checked_each`.
    """
    return last_checked_each([order], **how).get(order.pk)


def last_checked_each(
    orders: Sequence[Any], *, kind: str = "order", tier_of: Callable[[Any], int] = lambda order: order.tier
) -> dict[int, datetime]:
    """Return :func:`last_checked` of many orders, by key, in one statement; those never polled are absent.

    ``kind`` names the poll rounds that cover them, ``tier_of`` returns the tier of one of them.
    """
    poll_rounds: dict[tuple[int, int], PollRound] = {
        (poll_round.provider_id, poll_round.tier): poll_round
        for poll_round in PollRound.objects.filter(kind=kind, provider_id__in={order.provider_id for order in orders})
    }
    found: dict[int, datetime] = {}
    for order in orders:
        asked = [
            at
            for tier in (tier_of(order), BY_HAND)
            if (poll_round := poll_rounds.get((order.provider_id, tier))) and (at := _polled_at(poll_round, order.pk))
        ]
        placed = order.placed_at or order.created_at
        if order.external_id and asked and max(asked) >= placed:
            found[order.pk] = max(asked)
    return found


def _polled_at(poll_round: PollRound, key: int) -> datetime | None:
    return (
        poll_round.started_at
        if poll_round.started_at is not None and key <= poll_round.cursor
        else poll_round.round_before
    )


def _in(wait: timedelta) -> ExpressionWrapper:
    return _after(Now(), wait)


def _after(moment: Any, wait: timedelta) -> ExpressionWrapper:
    return ExpressionWrapper(moment + wait, output_field=models.DateTimeField())
