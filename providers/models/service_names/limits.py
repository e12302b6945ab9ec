"""The largest order and the share that is lost, as a name states."""

from __future__ import annotations

from typing import Final

from providers.models.service_names.reading import Item, Parsed
from providers.models.service_names.units import FILLERS, MOST, skip_fillers, unit_of

NON_DROP: Final = 0


def read_maximum(parsed: Parsed) -> int | None:
    """Return the largest order that is stated."""
    items = parsed.items
    for place in parsed.find("max"):
        item = items[place]
        at = place + 1
        while at < len(items) and (
            items[at].text in FILLERS
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
    return round(quantity) if quantity and quantity < MOST else None


def read_drop(parsed: Parsed) -> int | None:
    """Return how many per cent are lost at most: ``NON_DROP`` for none."""
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
    after = skip_fillers(parsed, place + 1)
    return (
        after < len(items)
        and "not_after" in items[after].meanings
        and (items[after].clause == clause or not items[after].text[0].isalpha())
        and not parsed.has(after + 1, "refill")
    )
