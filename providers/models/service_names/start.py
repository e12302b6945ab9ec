"""When delivery starts, as a name states."""

from __future__ import annotations

from typing import Final

from providers.models.service_names.reading import Parsed
from providers.models.service_names.term_words import MINUTES
from providers.models.service_names.units import FILLERS, REACH, unit_of

_LONGEST_START: Final = 60 * 24 * 60
_START_FAMILIES: Final = frozenset(("start", "instant"))


def read_start(parsed: Parsed) -> int | None:
    """In how many minutes delivery starts, at the latest; 0 for at once."""
    items = parsed.items
    found: int | None = None
    if parsed.families.isdisjoint(_START_FAMILIES) and all(items[place].low != 0 for place in parsed.numbers):
        return None
    for place in parsed.numbers:
        item = items[place]
        if item.is_percent or place in parsed.used:
            continue
        at = place + 1
        if at < len(items) and items[at].text == "+":
            continue
        unit = unit_of(parsed, at)
        if unit not in MINUTES:
            continue
        if not _is_start(parsed, place, at, unit):
            continue
        minutes = round((item.number or 0) * MINUTES[unit])
        if minutes <= _LONGEST_START:
            parsed.used.add(place)
            found = minutes
            break
    if found is not None:
        return found
    return 0 if any(_means_start(parsed, place) for place in parsed.find("instant")) else None


def _is_start(parsed: Parsed, place: int, unit_place: int, unit: str) -> bool:
    items = parsed.items
    clause = items[place].clause

    def is_near(places: range, family: str) -> bool:
        steps = 0
        for at in places:
            if not 0 <= at < len(items) or items[at].clause != clause or steps > REACH:
                return False
            if family in items[at].meanings:
                return True
            if items[at].number is not None or "refill" in items[at].meanings:
                return False
            if items[at].text not in FILLERS:
                steps += 1
        return False

    before, after = range(place - 1, -1, -1), range(unit_place + 1, len(items))
    if is_near(before, "start"):
        return True
    if is_near(after, "start") and not _has_own_time(parsed, unit_place + 1):
        return True
    # "Start | 0-1 hour" and "Instant [0-1 hour]": the mark between them is no end.
    lowest = items[place].low
    if "instant" in (items[place - 1].meanings if place else {}):
        return True
    if lowest == 0 and unit in ("minute", "hour"):
        return not (
            is_near(before, "ending")
            or is_near(after, "ending")
            or is_near(after, "refill")
            or is_near(before, "refill")
        )
    return False


def _has_own_time(parsed: Parsed, place: int) -> bool:
    """Return whether the word for the start after ``place`` has its time behind it:
    ``60 days, start in 30 minutes``.
    """
    items = parsed.items
    while place < len(items) and "start" not in items[place].meanings:
        place += 1
    at = place + 1
    while at < min(len(items), place + 2 + REACH) and items[at].clause == items[place].clause:
        if parsed.number_at(at) is not None:
            return unit_of(parsed, at + 1) in MINUTES
        at += 1
    return False


def _means_start(parsed: Parsed, place: int) -> bool:
    following = parsed.items[place + 1] if place + 1 < len(parsed.items) else None
    before = parsed.items[place - 1] if place else None
    if before is not None and "not" in before.meanings and before.clause == parsed.items[place].clause:
        return False
    return not (
        following is not None
        and following.clause == parsed.items[place].clause
        and ("not_a_start" in following.meanings or "refill" in following.meanings)
    )
