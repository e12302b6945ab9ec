"""Orders that someone should look at: waiting for a person, standing still, or slower than their service is.

Read in one statement from the oldest orders of each open state: the young ones are neither stuck nor slow yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders import statuses
from orders.listing.rows import words_of
from orders.models import Order
from panelhub.ui.formatting import badge, describe_span, format_when
from panelhub.ui.pagination import merge_branches

STUCK_AFTER: Final = timedelta(days=7)
SLOW_TIMES: Final = 3
"""How many times as long as its service usually takes an order may take before it counts as slow."""
SHORTEST_SLOW: Final = timedelta(hours=1)
FEWEST_MEASURED: Final = 5
"""Finished orders of a service from which on its usual time says something."""
MOST_LOOKED_AT: Final = 200
MOST_SHOWN: Final = 6
_COLUMNS: Final = (
    "pk", "status", "created_at", "placed_at", "moved_at", "held_for", "error", "provider_status", "provider__name",
    "service__name", "service__measured__seconds_to_finish", "service__measured__orders",
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
    moved = row["moved_at"] or row["placed_at"] or row["created_at"]
    if now - moved > STUCK_AFTER:
        return found.stuck, _("no change for %(time)s") % {"time": describe_span((now - moved).total_seconds())}
    usual = row["service__measured__seconds_to_finish"]
    if not usual or (row["service__measured__orders"] or 0) < FEWEST_MEASURED:
        return None, ""
    taken = now - (row["placed_at"] or row["created_at"])
    if taken < SHORTEST_SLOW or taken.total_seconds() < SLOW_TIMES * usual:
        return None, ""
    return found.slow, _("%(time)s so far, usually %(usual)s") % {
        "time": describe_span(taken.total_seconds()),
        "usual": describe_span(usual),
    }


def _draw(row: Mapping[str, Any], why: str, now: datetime) -> Waiting:
    return Waiting(
        pk=row["pk"],
        badge=badge(row["status"]).html,
        provider=row["provider__name"],
        service=row["service__name"] or "",
        why=why,
        when=format_when(row["created_at"], now).html,
    )
