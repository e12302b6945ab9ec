"""The term of refills that a name states."""

from __future__ import annotations

from typing import Final

from providers.models.service_names.reading import Item, Parsed
from providers.models.service_names.term_words import DAYS
from providers.models.service_names.units import FILLERS, REACH, unit_of

LIFETIME: Final = 36_500
"""Days that stand for a refill without an end: a hundred years, so that it is more than any stated term."""
_LONGEST_TERM: Final = 3_650
# Days that a figure without a unit stands for, beside a word for refills.
_PLAIN_TERMS: Final = frozenset(
    (7, 10, 14, 15, 20, 21, 25, 28, 30, 31, 40, 45, 50, 60, 75, 90, 99, 100, 120, 150, 180, 200, 210, 240, 270)
) | frozenset((300, 360, 365, 366, 500, 730, 999, 1000))
_CODES: Final = frozenset(("r", "ar", "rf", "gr", "ref", "g", "bh", "refill", "♻"))


def read_refill(parsed: Parsed) -> int | None:
    """Return the refill's days: 0 for none, ``LIFETIME`` without an end, None when no term is stated."""
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
    while after < len(items) and (items[after].text in FILLERS or "refill" in items[after].meanings):
        after += 1
    return (
        after < len(items)
        and "not_after" in items[after].meanings
        and (items[after].clause == clause or not items[after].text[0].isalpha())
        and not parsed.has(after + 1, "drop")
    )


def _stated_term(parsed: Parsed, place: int) -> int | None:
    """Return the term beside a word for refills: the nearer of the figures after and before it."""
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
    if at < len(items) and items[at].clause == clause and _is_one_unit(items[at]):
        return (0, DAYS[items[at].meanings["unit"]], at)
    while at < len(items) and items[at].clause == clause and steps <= REACH:
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
        if items[at].text not in FILLERS and "refill" not in items[at].meanings:
            steps += 1
        at += 1
    # "Refill [30 days]", "Refill | 30 days": a clause that holds nothing but the term.
    if at < len(items) and items[at].clause != clause and steps == 0:
        days = _days_at(parsed, at)
        if days is not None and not _follows_in_clause(parsed, at + 2):
            return (1, days, at)
    return None


def _is_one_unit(item: Item) -> bool:
    """Return whether a month or a year stands for one, as in ``ضمان شهر``; short words are too many other things."""
    return item.meanings.get("unit") in ("month", "year") and (len(item.text) > 3 or not item.text.isascii())


def _follows_in_clause(parsed: Parsed, at: int) -> bool:
    return at < len(parsed.items) and parsed.items[at].clause == parsed.items[at - 1].clause


def _names_a_unit(parsed: Parsed, place: int) -> bool:
    return bool(unit_of(parsed, place)) or parsed.has(place, "kind")


def _term_before(parsed: Parsed, place: int) -> tuple[int, int, int] | None:
    items = parsed.items
    clause = items[place].clause
    at, steps = place - 1, 0
    while at >= 1 and items[at].clause == clause and steps <= REACH - 1:
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
        if items[at].text not in FILLERS:
            steps += 1
        at -= 1
    return None


def _days_at(parsed: Parsed, place: int) -> int | None:
    """Return the days of a figure and the unit behind it: ``30 days``, ``1-year``."""
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
