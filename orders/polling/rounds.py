"""Who is asked about next: rounds over a provider's tiers, handed out to workers in legs.

A round goes over the rows of one tier by their keys. Whoever has time takes the next stretch of
it, a leg, by moving the walk's cursor; so any number of workers share a round, nobody asks twice,
and the row that was asked about longest ago is always the next. A leg that is not finished (its
worker died, or its provider failed) is taken over from its beginning, which costs reads alone.
Times of leases and rounds are the database's: it is the one clock that all workers share.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import models, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Greatest, Now

from orders.models import Walk, WalkLeg
from panelhub.background.processes import is_surely_gone, name_this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    # Rows above the first key, at most to the second or at most so many; oldest first, the key in front.
    ReadRows = Callable[[int, int | None, int | None], list[tuple[Any, ...]]]

BY_HAND: Final = 0
"""The tier of a walk that goes over everything, because a person asked for it."""

LEG_LEASE: Final = timedelta(seconds=150)
RENEWED_AFTER: Final = 30.0
RETRY_AFTER: Final = timedelta(seconds=20)
# A round that takes longer than its interval leaves this share of it to others before the next one.
BREATH: Final = 0.25


@dataclass(slots=True)
class Leg:
    """A stretch of a round that is ours: the rows to ask about, and the token that proves it."""

    walk: Walk
    pk: int
    token: uuid.UUID
    rows: list[tuple[Any, ...]]
    renewed: float = field(default_factory=time.monotonic)


def ensure_walks(provider_id: int, kind: str, tiers: Iterable[int]) -> None:
    """Make the rows of a provider's walks; safe to call at any time."""
    Walk.objects.bulk_create(
        [Walk(provider_id=provider_id, kind=kind, tier=tier) for tier in (BY_HAND, *tiers)], ignore_conflicts=True
    )


def due_walks(provider_id: int, kind: str) -> list[Walk]:
    """Walks that want a worker now, the longest due first; one that a person asked for comes alone."""
    walks = list(
        Walk.objects.filter(provider_id=provider_id, kind=kind, due_at__lte=Now())
        .exclude(tier=BY_HAND, started_at=None)
        .order_by("due_at", "tier")
    )
    return [walk for walk in walks if walk.tier == BY_HAND] or walks


def providers_with_due_walks(kind: str) -> list[int]:
    """Ids of providers that have a walk of the kind to be walked now."""
    due = Walk.objects.filter(kind=kind, due_at__lte=Now()).exclude(tier=BY_HAND, started_at=None)
    return list(due.values_list("provider_id", flat=True).distinct().order_by("provider_id"))


def begin_round(walk: Walk, *, only_if_due: bool = False) -> bool:
    """Begin a round if none is on; returns whether one is now. ``walk`` is up to date afterwards."""
    due = Q(due_at__lte=Now()) if only_if_due else Q()
    Walk.objects.filter(due, pk=walk.pk, started_at=None).update(
        started_at=Now(), due_at=Now(), round=F("round") + 1, cursor=0, asked=0, changed=0, missing=0
    )
    walk.refresh_from_db()
    return walk.started_at is not None


def take_leg(walk: Walk, read_rows: ReadRows, size: int) -> Leg | None:
    """Take the next leg of the round that is on: one that was left behind, else the next ``size`` rows.

    ``None`` when the round has no rows left to hand out; others may still be walking theirs.
    """
    for left in _abandoned_legs(walk):
        taken = _take_over(walk, left, read_rows)
        if taken is not None:
            return taken
    while True:
        seen = walk.round
        walk.refresh_from_db()
        if walk.started_at is None or walk.round != seen:
            return None
        rows = read_rows(walk.cursor, None, size)
        if not rows:
            return None
        leg = _hand_out(walk, rows)
        if leg is not None:
            return leg


def _hand_out(walk: Walk, rows: list[tuple[Any, ...]]) -> Leg | None:
    upto = rows[-1][0]
    with transaction.atomic():
        moved = Walk.objects.filter(pk=walk.pk, round=walk.round, cursor=walk.cursor, started_at__isnull=False).update(
            cursor=upto
        )
        if not moved:
            return None
        leg = WalkLeg(walk=walk, after=walk.cursor, upto=upto, holder=name_this_process(), until=_in(LEG_LEASE))
        leg.save(force_insert=True)
    return Leg(walk, leg.pk, leg.token, rows)


def _abandoned_legs(walk: Walk) -> list[WalkLeg]:
    over = ExpressionWrapper(Q(until__lt=Now()), output_field=BooleanField())
    legs = WalkLeg.objects.filter(walk=walk).annotate(is_over=over).order_by("after")
    return [leg for leg in legs if leg.is_over or is_surely_gone(leg.holder)]


def _take_over(walk: Walk, leg: WalkLeg, read_rows: ReadRows) -> Leg | None:
    token = uuid.uuid4()
    if not WalkLeg.objects.filter(pk=leg.pk, token=leg.token).update(
        token=token, holder=name_this_process(), until=_in(LEG_LEASE)
    ):
        return None
    return Leg(walk, leg.pk, token, read_rows(leg.after, leg.upto, None))


def keep_leg(leg: Leg) -> bool:
    """Prolong our lease when it is time to; ``False`` when somebody else has taken the leg over."""
    if time.monotonic() - leg.renewed < RENEWED_AFTER:
        return True
    leg.renewed = time.monotonic()
    return bool(WalkLeg.objects.filter(pk=leg.pk, token=leg.token).update(until=_in(LEG_LEASE)))


def finish_leg(leg: Leg, *, asked: int, changed: int, missing: int) -> None:
    """The leg was walked to its end: it need not be walked again this round."""
    with transaction.atomic():
        deleted, _ = WalkLeg.objects.filter(pk=leg.pk, token=leg.token).delete()
        if deleted:
            Walk.objects.filter(pk=leg.walk.pk, round=leg.walk.round).update(
                asked=F("asked") + asked, changed=F("changed") + changed, missing=F("missing") + missing
            )


def leave_leg(leg: Leg, *, retry_after: timedelta = timedelta(0)) -> None:
    """Give up a leg halfway: somebody takes it over, not before ``retry_after`` when nothing else is due."""
    WalkLeg.objects.filter(pk=leg.pk, token=leg.token).update(holder="", until=_in(timedelta(seconds=-1)))
    if retry_after:
        Walk.objects.filter(pk=leg.walk.pk, round=leg.walk.round).update(due_at=_in(retry_after))


def finish_round(walk: Walk, interval: timedelta) -> bool:
    """End the round when all its legs have been walked; returns whether this call ended it.

    The next one is due an interval after the beginning of this one.
    """
    ended = (
        Walk.objects.filter(pk=walk.pk, round=walk.round, started_at__isnull=False)
        .filter(~Exists(WalkLeg.objects.filter(walk=OuterRef("pk"))))
        .update(
            started_at=None,
            round_before=F("started_at"),
            finished_at=Now(),
            due_at=Greatest(_after(F("started_at"), interval), _in(interval * BREATH)),
        )
    )
    return bool(ended)


def break_off(walk: Walk) -> None:
    """End a round that a person asked for and that cannot go on; what is left of it is not walked."""
    with transaction.atomic():
        if Walk.objects.filter(pk=walk.pk, round=walk.round, started_at__isnull=False).update(started_at=None):
            WalkLeg.objects.filter(walk=walk).delete()


def all_were_walked(walk: Walk, intervals: dict[int, timedelta]) -> None:
    """After a round by hand: the tiers' own rounds have been walked with it, unless they are halfway."""
    for tier, interval in intervals.items():
        Walk.objects.filter(provider_id=walk.provider_id, kind=walk.kind, tier=tier, started_at=None).update(
            due_at=_in(interval)
        )


def last_checked(order: Any, **how: Any) -> datetime | None:
    """Since when at the latest the provider has been asked about an order; ``None`` when it has not.

    ``how`` is that of :func:`last_checked_each`.
    """
    return last_checked_each([order], **how).get(order.pk)


def last_checked_each(
    orders: Sequence[Any], *, kind: str = "order", tier_of: Callable[[Any], int] = lambda order: order.tier
) -> dict[int, datetime]:
    """:func:`last_checked` of many orders, by key, in one statement; those never asked about are absent.

    ``kind`` names the walks that lead past them, ``tier_of`` tells the tier of one of them.
    """
    walks: dict[tuple[int, int], Walk] = {
        (walk.provider_id, walk.tier): walk
        for walk in Walk.objects.filter(kind=kind, provider_id__in={order.provider_id for order in orders})
    }
    found: dict[int, datetime] = {}
    for order in orders:
        asked = [
            at
            for tier in (tier_of(order), BY_HAND)
            if (walk := walks.get((order.provider_id, tier))) and (at := _walked_at(walk, order.pk))
        ]
        placed = order.placed_at or order.created_at
        if order.external_id and asked and max(asked) >= placed:
            found[order.pk] = max(asked)
    return found


def _walked_at(walk: Walk, key: int) -> datetime | None:
    return walk.started_at if walk.started_at is not None and key <= walk.cursor else walk.round_before


def _in(wait: timedelta) -> ExpressionWrapper:
    return _after(Now(), wait)


def _after(moment: Any, wait: timedelta) -> ExpressionWrapper:
    return ExpressionWrapper(moment + wait, output_field=models.DateTimeField())
