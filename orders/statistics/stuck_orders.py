"""Orders that someone should look at: waiting for a person, standing still, or slower than their service is.

Read in one statement from the oldest orders of each open state: the young ones are neither stuck nor slow yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.safestring import SafeString

from orders import statuses
from orders.aftercare.slow_orders import TIMES, describe_slow, is_stuck, usual_if_slow
from orders.listing.rows import words_of
from orders.models import Order
from panelhub.ui.formatting import badge, format_when
from panelhub.ui.pagination import merge_branches

MOST_LOOKED_AT: Final = 200
MOST_SHOWN: Final = 6
_COLUMNS: Final = (
    "pk", "status", *TIMES, "held_for", "error", "provider_status", "provider__name", "service__name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """One order, and why it is here."""

    pk: int
    badge: SafeString
    provider: str
    service: str
    why: str
    when: SafeString


@dataclass(slots=True)
class Watched:
    """The oldest of each kind."""

    people: list[Waiting] = field(default_factory=list)
    stuck: list[Waiting] = field(default_factory=list)
    slow: list[Waiting] = field(default_factory=list)


def find_waiting(provider_ids: Collection[int], *, now: datetime, clients: Collection[int] | None = None) -> Watched:
    """Return what to look at among the orders of these providers, and of these clients; one statement."""
    if not provider_ids:
        return Watched()
    visible = Order.objects.filter(provider__in=provider_ids)
    if clients is not None:
        visible = visible.filter(client__in=clients)
    wanted = (statuses.HELD, statuses.UNCONFIRMED, *sorted(statuses.OPEN))
    oldest = [visible.filter(status=status).order_by("id")[:MOST_LOOKED_AT] for status in wanted]
    found = Watched()
    for row in merge_branches(oldest).order_by("id").values(*_COLUMNS):
        place, why = _judge(row, found, now)
        if place is not None and len(place) < MOST_SHOWN:
            place.append(_draw(row, why, now))
    return found


def _judge(row: Mapping[str, Any], found: Watched, now: datetime) -> tuple[list[Waiting] | None, str]:
    if row["status"] not in statuses.OPEN:
        return found.people, words_of(row["status"], row)
    if is_stuck(row, now):
        moved = row["moved_at"] or row["placed_at"] or row["created_at"]
        return found.stuck, describe_slow(now - moved, None)
    usual = usual_if_slow(row, now)
    if usual is None:
        return None, ""
    return found.slow, describe_slow(now - (row["placed_at"] or row["created_at"]), usual)


def _draw(row: Mapping[str, Any], why: str, now: datetime) -> Waiting:
    return Waiting(
        pk=row["pk"],
        badge=badge(row["status"]).html,
        provider=row["provider__name"],
        service=row["service__name"] or "",
        why=why,
        when=format_when(row["created_at"], now).html,
    )
