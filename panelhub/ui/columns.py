"""The columns of a list: their headings, which of them sort it, and which a person shows or hides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from panelhub.ui.pagination import FIRST_PAGE, address


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    ``ascending`` and ``descending`` name orders of the list, "" where there is none; the first click takes the one
    that ``falls_first`` says. ``is_extra`` ones are hidden until a person shows them; others are shown until hidden.
    """

    slug: str
    label: Any
    ascending: str = ""
    descending: str = ""
    falls_first: bool = False
    is_number: bool = False
    is_cost: bool = False
    can_hide: bool = True
    is_extra: bool = False

    def next_order(self, current: str) -> str:
        """Return the order that a click on the heading takes, "" when the column sorts nothing."""
        first, second = self.ascending, self.descending
        if self.falls_first:
            first, second = second, first
        return second if current == first and second else first or second


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading as a page shows it; ``url`` is "" where the column sorts nothing."""

    slug: str
    label: Any
    is_number: bool
    url: str
    aria_sort: str


@dataclass(frozen=True, slots=True)
class Table:
    """A list with columns: ``slug`` is what a person's choice is stored under, ``url_name`` the list's address."""

    slug: str
    url_name: str
    columns: tuple[Column, ...]

    def hidden(self, toggled: str | None) -> frozenset[str]:
        """Return the columns that are not shown, for a choice as it is stored."""
        changed = set((toggled or "").split())
        return frozenset(column.slug for column in self.columns if column.is_extra != (column.slug in changed))

    def toggled(self, shown: set[str]) -> str:
        """Return the choice to store for the columns that are to be shown."""
        return " ".join(
            column.slug for column in self.columns if column.can_hide and (column.slug in shown) == column.is_extra
        )

    def headings(
        self, hidden: frozenset[str], *, current: str, usual: str, parameters: QueryDict, sees_cost: bool = True
    ) -> list[Heading]:
        """Return the headings that are shown. ``current`` is the order of the page, ``usual`` stands in no address."""
        shown = [column for column in self.columns if column.slug not in hidden and (sees_cost or not column.is_cost)]
        return [_heading(column, current, usual, parameters) for column in shown]

    def choices(self, hidden: frozenset[str], *, sees_cost: bool = True) -> list[tuple[str, Any, bool]]:
        """Return each column that can be hidden: its slug, its label, and whether it is shown."""
        return [
            (column.slug, column.label, column.slug not in hidden)
            for column in self.columns
            if column.can_hide and (sees_cost or not column.is_cost)
        ]


_ARIA: Final[Mapping[bool, str]] = {True: "ascending", False: "descending"}


def _heading(column: Column, current: str, usual: str, parameters: QueryDict) -> Heading:
    order = column.next_order(current)
    is_sorted = bool(current) and current in (column.ascending, column.descending)
    return Heading(
        slug=column.slug,
        label=column.label,
        is_number=column.is_number,
        url=address(parameters, {**FIRST_PAGE, "sort": None if order == usual else order}) if order else "",
        aria_sort=_ARIA[current == column.ascending] if is_sorted else "",
    )
