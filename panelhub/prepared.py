"""Statements that many pages need, put together once and only run afterwards.

Building a statement with the ORM takes longer than the database takes to answer it. One that differs
from time to time in one key alone (its reader's, or an order's) is built with a stand-in for that key,
and kept as text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

# Within the range of every kind of key: for one beyond it Django knows that nothing is found.
STAND_IN: Final = -2_040_429_133


class Prepared:
    """A statement about one key: ``build`` makes its queryset (of ``values_list``) from it.

    Rows come as the database's driver gives them: good for numbers, texts and truths (0 or 1 on
    SQLite); moments need :func:`as_moment`, decimals are not for it.
    """

    def __init__(self, build: Callable[[int], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._text: tuple[str, tuple[Any, ...]] | None = None

    def rows_for(self, key: int) -> list[tuple[Any, ...]]:
        """The rows for this key."""
        if self._text is None:
            text, parameters = self._build(STAND_IN).query.get_compiler(connection=connection).as_sql()
            self._text = text, tuple(parameters)
        text, parameters = self._text
        with connection.cursor() as cursor:
            cursor.execute(text, [key if value == STAND_IN else value for value in parameters])
            return cursor.fetchall()


def as_moment(value: Any) -> datetime:
    """A moment as the driver gave it; SQLite keeps moments as texts in UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
