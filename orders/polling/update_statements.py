"""Build the UPDATE of one batch of statuses: its columns, what follows from a move, and the condition to write."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from orders import statuses
from orders.models import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


_STARTED: Final = frozenset({"processing", "in_progress", "completed", "partial"})
# What of a row an answer changes, as bits: a statement writes only the columns that some row of its batch changes.
STATE, CHARGE, START, REMAINS, CURRENCY, SILENCE = 1, 2, 4, 8, 16, 32


@dataclass(frozen=True, slots=True)
class Shape:
    """The UPDATE for what a batch changes: which columns travel, what is worked out from them, and on what condition.

    A row is only written while it stands as it was read, as far as this statement changes it.
    """

    columns: tuple[str, ...]
    carried: Mapping[str, str]
    sets: Mapping[str, str]
    moments: int
    only_if: str
    pick: Callable[[tuple[Any, ...]], tuple[Any, ...]]


@lru_cache(maxsize=128)
def shape_of(bits: int, vendor: str) -> Shape:
    is_same, differs = ("IS NOT DISTINCT FROM", "IS DISTINCT FROM") if vendor == "postgresql" else ("IS", "IS NOT")
    columns, places, moved, only_if = [], [0], [], []
    carried: dict[str, str] = {}
    if bits & STATE:
        columns += ["status", "provider_status"]
        places += [1, 2]
        moved.append("t.status <> v.status")
    for bit, column, place in ((CHARGE, "charge", 3), (START, "start_count", 4), (REMAINS, "remains", 5)):
        if bits & bit:
            columns.append(column)
            places.append(place)
    if bits & REMAINS:
        moved.append(f"t.remains {differs} v.remains")
    if bits & CURRENCY:
        columns.append("currency")
        places.append(6)
    if bits & STATE:
        carried |= {"was_status": "status", "was_word": "provider_status"}
        places += [7, 8]
        only_if.append("t.status = v.was_status AND t.provider_status = v.was_word")
    if bits & CHARGE:
        carried["was_charge"] = "charge"
        places.append(9)
        only_if.append(f"t.charge {is_same} v.was_charge")
    sets = {"unknown_answers": "0", "unknown_since": "NULL"}
    if moved:
        sets |= _moments(f"({' OR '.join(moved)})", new="v.status" if bits & STATE else "t.status")
    return Shape(
        columns=tuple(columns),
        carried=carried,
        sets=sets,
        moments=sum(expression.count("%s") for expression in sets.values()),
        only_if=" AND ".join(only_if),
        pick=itemgetter(*places) if len(places) > 1 else lambda row: (row[0],),
    )


def _moments(moved: str, *, new: str) -> dict[str, str]:
    """What follows from a move: moments, and the tier, as SQL on the old row ``t`` and the new status."""
    final = _listed(statuses.FINAL)
    follows = {
        "moved_at": f"CASE WHEN {moved} THEN %s ELSE t.moved_at END",
        "tier": (
            f"CASE WHEN NOT {moved} THEN t.tier WHEN {new} IN {final} THEN {Order.Tier.SLOW} "
            f"WHEN t.tier = {Order.Tier.NEW} THEN t.tier ELSE {Order.Tier.MOVING} END"
        ),
        # In the other tiers ageing comes by within a day anyway; an indexed column that stays costs nothing.
        "ages_at": (
            f"CASE WHEN {moved} AND t.tier NOT IN ({Order.Tier.NEW}, {Order.Tier.MOVING}) THEN %s ELSE t.ages_at END"
        ),
    }
    if new == "t.status":
        return follows
    return follows | {
        "started_at": (
            f"CASE WHEN t.started_at IS NULL AND t.status <> v.status AND v.status IN {_listed(_STARTED)} "
            "THEN %s ELSE t.started_at END"
        ),
        "finished_at": (
            f"CASE WHEN v.status NOT IN {final} THEN NULL WHEN t.status IN {final} THEN t.finished_at ELSE %s END"
        ),
        "reopened_at": (f"CASE WHEN t.status IN {final} AND t.status <> v.status THEN %s ELSE t.reopened_at END"),
    }


def _listed(words: Iterable[str]) -> str:
    return f"({', '.join(repr(word) for word in sorted(words))})"
