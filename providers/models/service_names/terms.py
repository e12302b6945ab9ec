"""The terms that a name states: refill, speed, start, drop, maximum."""

from __future__ import annotations

from typing import Final

from providers.models.service_names.reading import Item, Parsed
from providers.models.service_names.term_words import DAYS, MINUTES, PER_DAY

LIFETIME: Final = 36_500
"""Days that stand for a refill without an end: a hundred years, so that it is more than any stated term."""
NON_DROP: Final = 0
_LONGEST_TERM: Final = 3_650
_MOST_PER_DAY: Final = 10**12
_LONGEST_START: Final = 60 * 24 * 60
_PLAIN_TERMS: Final = frozenset(
    (
        7,
        10,
        14,
        15,
        20,
        21,
        25,
        28,
        30,
        31,
        40,
        45,
        50,
        60,
        75,
        90,
        99,
        100,
        120,
        150,
        180,
        200,
        210,
        240,
        270,
        300,
        360,
        365,
        366,
        500,
        730,
        999,
        1000,
    )
)
_CODES: Final = frozenset(("r", "ar", "rf", "gr", "ref", "g", "bh", "refill", "♻"))
_FILLERS: Final = frozenset((":", "=", "-", "–", ">", "~", "#", "'", "’", "+", "/", "°", "≈", "*"))
_REACH: Final = 3
_START_FAMILIES: Final = frozenset(("start", "instant"))


def unit_of(parsed: Parsed, place: int) -> str:
    """The unit of time at ``place``, right behind a figure or a slash; "" when there is none."""
    if not 0 <= place < len(parsed.items):
        return ""
    item = parsed.items[place]
    unit = item.meanings.get("unit", "")
    if not unit and (short := item.meanings.get("short_unit")):
        before = parsed.items[place - 1] if place else None
        if item.glued or (before is not None and before.text == "/"):
            unit = short
        elif before is not None and before.number is not None and item.raw in ("H", "D"):
            unit = short
    return unit


def _next(parsed: Parsed, place: int, *, skip: frozenset[str] = _FILLERS) -> int:
    """The next place that holds more than a quiet mark."""
    while place < len(parsed.items) and parsed.items[place].text in skip:
        place += 1
    return place


# --- Speed ------------------------------------------------------------------------------------------------------------


def read_speed(parsed: Parsed) -> int | None:
    """How many a day are delivered, at most."""
    for place in parsed.numbers:
        item = parsed.items[place]
        if item.is_percent:
            continue
        factor = _speed_after(parsed, place) or _speed_before(parsed, place)
        if factor:
            speed = round((item.number or 0) * factor)
            if 0 < speed < _MOST_PER_DAY:
                parsed.used.add(place)
                return speed
    return None


def _speed_after(parsed: Parsed, place: int) -> float:
    items = parsed.items
    at = place + 1
    while at < len(items) and items[at].text in ("+", "'", "~"):
        at += 1
    if not items[place].scaled and unit_of(parsed, at) and not parsed.has(at, "daily"):
        return 0
    words = 0
    # "500 followers per day": what is counted may stand between.
    while (
        at < len(items) and words < 2 and (parsed.has(at, "kind") or (words == 0 and items[at].text in ("real", "max")))
    ):
        if parsed.has(at, "daily"):
            break
        at += 1
        words += 1
    if at >= len(items) or items[at].clause != items[place].clause:
        return 0
    if parsed.has(at, "daily"):
        if "unit" in items[at].meanings and parsed.has(_next(parsed, at + 1), "refill") and not items[place].scaled:
            return 0
        after = _next(parsed, at + 1)
        number = parsed.number_at(after)
        if (
            number is not None
            and number.clause == items[place].clause
            and not unit_of(parsed, after + 1)
            and not parsed.has(after + 1, "refill")
        ):
            # "Max 50M daily 5M": the word belongs to what follows.
            return 0
        return 1
    if parsed.has(at, "hourly"):
        return 24
    if items[at].text in ("/", "\\") or items[at].text in ("per", "por", "pro", "par", "al", "prati"):
        following = at + 1
        count = 1.0
        if (number := parsed.number_at(following)) is not None and number.number:
            count = number.number
            following += 1
        unit = unit_of(parsed, following)
        if unit in PER_DAY:
            return PER_DAY[unit] / count
    return 0


def _speed_before(parsed: Parsed, place: int) -> float:
    items = parsed.items
    at = place - 1
    steps = 0
    while (
        at >= 0
        and steps < 4
        and items[at].clause == items[place].clause
        and (
            items[at].text in _FILLERS
            or ("speed" in items[at].meanings and "daily" not in items[at].meanings)
            or "max" in items[at].meanings
        )
    ):
        at -= 1
        steps += 1
    if at < 0 or items[at].clause != items[place].clause:
        return 0
    after = place + 1
    if unit_of(parsed, after) or parsed.has(after, "refill"):
        return 0
    follower = items[after] if after < len(items) and items[after].clause == items[place].clause else None
    is_amount = (
        items[place].scaled
        or (items[place].number or 0) >= 100
        or follower is None
        or not follower.text[0].isalpha()
        or "kind" in follower.meanings
    )
    if not is_amount:
        return 0
    # "30 günlük telafi": the word belongs to the figure before it.
    counted = at > 0 and items[at - 1].number is not None and not items[at - 1].scaled
    if "daily" in items[at].meanings and not counted:
        return 1
    if "hourly" in items[at].meanings and not counted:
        return 24
    if (
        items[at].meanings.get("unit") == "day"
        and not counted
        and (items[place].scaled or (items[place].number or 0) >= 100)
    ):
        return 1
    return 0


# --- Start ------------------------------------------------------------------------------------------------------------


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
            if not 0 <= at < len(items) or items[at].clause != clause or steps > _REACH:
                return False
            if family in items[at].meanings:
                return True
            if items[at].number is not None or "refill" in items[at].meanings:
                return False
            if items[at].text not in _FILLERS:
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
    """Whether the word for the start that follows ``place`` has its time behind it: ``60 days, start in 30 minutes``."""
    items = parsed.items
    while place < len(items) and "start" not in items[place].meanings:
        place += 1
    at = place + 1
    while at < min(len(items), place + 2 + _REACH) and items[at].clause == items[place].clause:
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


# --- Refill -----------------------------------------------------------------------------------------------------------


def read_refill(parsed: Parsed) -> int | None:
    """The refill's days: 0 for none, ``LIFETIME`` without an end, None when no term is stated."""
    refused = False
    if parsed.numbers:
        for place, item in enumerate(parsed.items):
            if item.text in _CODES and (coded := _coded_term(parsed, place)) is not None:
                return coded
    for place in parsed.find("refill", "no_refill"):
        if "no_refill" in parsed.items[place].meanings or _is_refused(parsed, place):
            refused = True
        elif (term := _stated_term(parsed, place)) is not None:
            return term
    if any(not parsed.has(place - 1, "not") for place in parsed.find("lifetime")):
        return LIFETIME
    return 0 if refused else None


def _coded_term(parsed: Parsed, place: int) -> int | None:
    """``R30``, ``AR30``, ``R-30``, ``30R``."""
    item = parsed.items[place]
    at = place + 1
    is_code = len(item.text) <= 2
    if is_code and item.raw != item.raw.upper() and not (at < len(parsed.items) and parsed.items[at].glued):
        return None
    if at < len(parsed.items) and parsed.items[at].text in ("-", ":", "=", "∞"):
        if parsed.items[at].text == "∞":
            return LIFETIME
        at += 1
    number = parsed.number_at(at)
    if number is None or number.scaled or number.clause != item.clause:
        before = parsed.number_at(place - 1)
        if (
            item.text == "r"
            and item.glued
            and before is not None
            and not before.scaled
            and before.number in _PLAIN_TERMS
        ):
            parsed.used.add(place - 1)
            return round(before.number or 0)
        return None
    unit = unit_of(parsed, at + 1)
    days = round((number.number or 0) * DAYS.get(unit, 1))
    if (unit and unit not in DAYS) or not (days == 0 or unit or days in _PLAIN_TERMS):
        return None
    if is_code and item.text == "g" and not unit and days not in _PLAIN_TERMS:
        return None
    parsed.used.add(at)
    return days if days <= _LONGEST_TERM else LIFETIME


def _is_refused(parsed: Parsed, place: int) -> bool:
    items = parsed.items
    clause = items[place].clause
    at, steps = place - 1, 0
    # "no", or "no any", right before; nothing else that the "no" could belong to between them.
    while at >= 0 and items[at].clause == clause and steps < 2:
        if "not" in items[at].meanings:
            return True
        if (
            items[at].number is not None
            or "drop" in items[at].meanings
            or items[at].text not in ("any", "free", "-", "auto", "'", "de", "da", "có")
        ):
            break
        at -= 1
        steps += 1
    after = place + 1
    while after < len(items) and (items[after].text in _FILLERS or "refill" in items[after].meanings):
        after += 1
    return (
        after < len(items)
        and "not_after" in items[after].meanings
        and (items[after].clause == clause or not items[after].text[0].isalpha())
        and not parsed.has(after + 1, "drop")
    )


def _stated_term(parsed: Parsed, place: int) -> int | None:
    """The term beside a word for refills: the nearer of the figures after and before it."""
    candidates = [found for found in (_term_after(parsed, place), _term_before(parsed, place)) if found]
    if not candidates:
        return None
    _distance, days, at = min(candidates)
    parsed.used.add(at)
    return days if days <= _LONGEST_TERM else LIFETIME


def _term_after(parsed: Parsed, place: int) -> tuple[int, int, int] | None:
    items = parsed.items
    clause = items[place].clause
    at, steps = place + 1, 0
    while at < len(items) and items[at].clause == clause and steps <= _REACH:
        number = parsed.number_at(at)
        if number is not None:
            days = _days_at(parsed, at)
            if (
                days is None
                and steps == 0
                and not number.scaled
                and number.number in _PLAIN_TERMS
                and not _names_a_unit(parsed, at + 1)
            ):
                days = round(number.number or 0)
            return None if days is None else (2 * steps, days, at)
        if items[at].number is not None or items[at].meanings.keys() & {
            "start",
            "daily",
            "drop",
            "no_drop",
            "max",
            "instant",
        }:
            return None
        if items[at].text not in _FILLERS and "refill" not in items[at].meanings:
            steps += 1
        at += 1
    # "Refill [30 days]", "Refill | 30 days": a clause that holds nothing but the term.
    if at < len(items) and items[at].clause != clause and steps == 0:
        days = _days_at(parsed, at)
        if days is not None and not _follows_in_clause(parsed, at + 2):
            return (1, days, at)
    return None


def _follows_in_clause(parsed: Parsed, at: int) -> bool:
    return at < len(parsed.items) and parsed.items[at].clause == parsed.items[at - 1].clause


def _names_a_unit(parsed: Parsed, place: int) -> bool:
    return bool(unit_of(parsed, place)) or parsed.has(place, "kind")


def _term_before(parsed: Parsed, place: int) -> tuple[int, int, int] | None:
    items = parsed.items
    clause = items[place].clause
    at, steps = place - 1, 0
    while at >= 1 and items[at].clause == clause and steps <= _REACH - 1:
        if parsed.number_at(at - 1) is not None and (unit_of(parsed, at) or items[at].text in ("-", "'", "°")):
            start = at - 1
            days = _days_at(parsed, start)
            return None if days is None else (2 * steps, days, start)
        if items[at].number is not None:
            # "30 refill"
            number = parsed.number_at(at)
            if number is not None and steps == 0 and not number.scaled and number.number in _PLAIN_TERMS:
                return (1, round(number.number or 0), at)
            return None
        if items[at].meanings.keys() & {"start", "daily", "instant", "refill", "kind"}:
            return None
        if items[at].text not in _FILLERS:
            steps += 1
        at -= 1
    return None


def _days_at(parsed: Parsed, place: int) -> int | None:
    """The days of a figure and the unit behind it: ``30 days``, ``1-year``."""
    number = parsed.number_at(place)
    if number is None or number.scaled:
        return None
    at = place + 1
    if at < len(parsed.items) and parsed.items[at].text in ("-", "'"):
        at += 1
    unit = unit_of(parsed, at)
    if unit == "minute" and parsed.items[at].text == "m":
        unit = "month"
    return round((number.number or 0) * DAYS[unit]) if unit in DAYS else None


# --- Maximum and drop -------------------------------------------------------------------------------------------------


def read_maximum(parsed: Parsed) -> int | None:
    """The largest order that is stated."""
    items = parsed.items
    for place in parsed.find("max"):
        item = items[place]
        at = place + 1
        while at < len(items) and (
            items[at].text in _FILLERS
            or items[at].text in (".", "order", "quantity", "qty", "limit", "de", "is", "sipariş", "siparis")
        ):
            at += 1
        number = parsed.number_at(at)
        if number is not None and (number.scaled or not unit_of(parsed, at + 1)):
            return _possible(number.number)
        number = parsed.number_at(place - 1)
        is_last = place + 1 >= len(items) or items[place + 1].clause != item.clause
        if number is not None and is_last and number.clause == item.clause:
            return _possible(number.number)
    return None


def _possible(quantity: float | None) -> int | None:
    return round(quantity) if quantity and quantity < _MOST_PER_DAY else None


def read_drop(parsed: Parsed) -> int | None:
    """How many per cent are lost at most: ``NON_DROP`` for none."""
    for place in parsed.find("drop", "no_drop"):
        if "drop" in parsed.items[place].meanings:
            share = _share_beside(parsed, place)
            if share is not None:
                return share
            if _is_denied(parsed, place):
                return NON_DROP
        else:
            return NON_DROP
    return None


def _share_beside(parsed: Parsed, place: int) -> int | None:
    clause = parsed.items[place].clause
    for at in (*range(place + 1, place + 5), *range(place - 1, place - 4, -1)):
        if not 0 <= at < len(parsed.items):
            continue
        item: Item = parsed.items[at]
        if item.clause != clause and not (at == place + 1 and item.bracketed):
            continue
        if item.is_percent:
            return round(item.number or 0) if (item.number or 0) <= 100 else None
    return None


def _is_denied(parsed: Parsed, place: int) -> bool:
    items, clause = parsed.items, parsed.items[place].clause
    before = place - 1
    if before >= 0 and items[before].text in ("-", "any"):
        before -= 1
    if before >= 0 and items[before].clause == clause and "not" in items[before].meanings:
        return True
    after = _next(parsed, place + 1)
    return (
        after < len(items)
        and "not_after" in items[after].meanings
        and (items[after].clause == clause or not items[after].text[0].isalpha())
        and not parsed.has(after + 1, "refill")
    )
