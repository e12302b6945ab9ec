"""The speed that a name states."""

from __future__ import annotations

from providers.models.service_names.reading import Parsed
from providers.models.service_names.term_words import PER_DAY
from providers.models.service_names.units import FILLERS, MOST, skip_fillers, unit_of


def read_speed(parsed: Parsed) -> int | None:
    """Return how many a day are delivered, at most."""
    for place in parsed.numbers:
        item = parsed.items[place]
        if item.is_percent:
            continue
        factor = _speed_after(parsed, place) or _speed_before(parsed, place)
        if factor:
            speed = round((item.number or 0) * factor)
            if 0 < speed < MOST:
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
        if (
            "unit" in items[at].meanings
            and parsed.has(skip_fillers(parsed, at + 1), "refill")
            and not items[place].scaled
        ):
            return 0
        after = skip_fillers(parsed, at + 1)
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
            items[at].text in FILLERS
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
