"""Units of time behind figures, and marks that are passed over."""

from __future__ import annotations

from typing import Final

from providers.models.service_names.reading import Parsed

FILLERS: Final = frozenset((":", "=", "-", "–", ">", "~", "#", "'", "’", "+", "/", "°", "≈", "*"))
REACH: Final = 3
"""How many words may stand between a figure and the word it belongs to."""
MOST: Final = 10**12
"""A figure above this is no quantity."""


def unit_of(parsed: Parsed, place: int) -> str:
    """Return the unit of time at ``place``, right behind a figure or a slash; "" when there is none."""
    if not 0 <= place < len(parsed.items):
        return ""
    item = parsed.items[place]
    unit = item.meanings.get("unit", "")
    if not unit and (short := item.meanings.get("short_unit")):
        before = parsed.items[place - 1] if place else None
        if (
            item.glued
            or (before is not None and before.text == "/")
            or (before is not None and before.number is not None and item.raw in ("H", "D"))
        ):
            unit = short
    return unit


def skip_fillers(parsed: Parsed, place: int, *, skip: frozenset[str] = FILLERS) -> int:
    """Return the next place that holds more than a quiet mark."""
    while place < len(parsed.items) and parsed.items[place].text in skip:
        place += 1
    return place
