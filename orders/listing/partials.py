"""Shared parts of the order lists, of services and of products: tabs, chips, rows that refresh themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.http import QueryDict

from orders.listing.queries import Tab
from panelhub.ui.formatting import format_capped
from panelhub.ui.pagination import FIRST_PAGE, address

MOST_LIVE_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on, and the address without it."""

    name: str
    value: str
    url: str


def read_marks(text: str) -> dict[int, str]:
    """Return the pairs of key and mark that a page with live rows sends (``12:ab34,13:cd56``); nonsense is left out."""
    marks: dict[int, str] = {}
    for pair in text.split(",")[:MOST_LIVE_ROWS]:
        key, _colon, mark = pair.partition(":")
        if key.isascii() and key.isdigit() and len(key) < 19:
            marks[int(key)] = mark
    return marks


def any_of(branches: Sequence[Q]) -> Q:
    """Return the rows of any of the branches."""
    wanted = branches[0]
    for branch in branches[1:]:
        wanted |= branch
    return wanted


def draw_tabs(
    tabs: Iterable[Tab], current: str | None, parameters: QueryDict, counts: Mapping[str, int], *, url: str = ""
) -> list[dict[str, Any]]:
    """Return the tabs of a list; each preserves the other filters.

    ``url`` is the list's where they stand on another page.
    """
    drawn = []
    for tab in tabs:
        count = counts.get(tab.slug, 0)
        changes = {**FIRST_PAGE, "tab": tab.slug or None, "status": None}
        drawn.append(
            {
                "label": tab.label,
                "url": f"{url}{address(parameters, changes)}",
                "current": tab.slug == current,
                "count": format_capped(count, tab.cap) if count else "",
                "tone": tab.tone,
            }
        )
    return drawn


def draw_chips(described: Iterable[tuple[str, str, str]], parameters: QueryDict) -> list[Chip]:
    """Return each filter that is on (its parameter, its name, its value in words), with the address without it."""
    return [Chip(name, value, address(parameters, {**FIRST_PAGE, field: None})) for field, name, value in described]
