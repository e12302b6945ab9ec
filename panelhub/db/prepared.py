"""Statements that many pages need, put together once and only run afterwards.

Building a statement with the ORM takes longer than the database takes to answer it. One that differs
from time to time in one key alone (its reader's, or an order's) is built with a stand-in for that key,
and kept as text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

# Within the range of every kind of key: for one beyond it Django knows that nothing is found.
STAND_IN: Final = -2_040_429_133


class Prepared:
    """A statement about one key: ``build`` makes its queryset (of ``values_list``) from it.

    Rows come as the database's driver gives them: good for numbers, texts and truths (0 or 1 on
    SQLite); moments need :func:`as_moment`, decimals :func:`as_decimal`.
    """

    def __init__(self, build: Callable[[int], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._text: tuple[str, tuple[Any, ...]] | None = None

    def rows_for(self, key: int) -> list[tuple[Any, ...]]:
        """Return the rows for this key."""
        if self._text is None:
            text, parameters = self._build(STAND_IN).query.get_compiler(connection=connection).as_sql()
            self._text = text, tuple(parameters)
        text, parameters = self._text
        with connection.cursor() as cursor:
            cursor.execute(text, [key if value == STAND_IN else value for value in parameters])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


def as_moment(value: Any) -> datetime:
    """Return a moment as the driver gave it; SQLite keeps moments as texts in UTC."""
    at: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def as_decimal(value: Any) -> Decimal | None:
    """Return a decimal as the driver gave it; SQLite keeps decimals as floats, of which fifteen figures are meant."""
    return Decimal(f"{value:.15g}") if isinstance(value, float) else None if value is None else Decimal(value)
