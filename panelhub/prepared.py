"""Statements that every page needs, put together once and only run afterwards.

Building a statement with the ORM takes longer than the database takes to answer it. One that differs
from page to page in its reader alone is built with a stand-in for their key, and kept as text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

# Within the range of every kind of key: for one beyond it Django knows that nothing is found.
STAND_IN: Final = -2_040_429_133


class PerReader:
    """A statement about one person: ``build`` makes its queryset (of ``values_list``) from their key.

    Rows come as the database's driver gives them, so it is for numbers, texts and truths; on SQLite
    a truth is 0 or 1.
    """

    def __init__(self, build: Callable[[int], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._prepared: tuple[str, tuple[Any, ...]] | None = None

    def rows_for(self, user_pk: int) -> list[tuple[Any, ...]]:
        """The rows for the person with this key."""
        if self._prepared is None:
            text, parameters = self._build(STAND_IN).query.get_compiler(connection=connection).as_sql()
            self._prepared = text, tuple(parameters)
        text, parameters = self._prepared
        with connection.cursor() as cursor:
            cursor.execute(text, [user_pk if value == STAND_IN else value for value in parameters])
            return cursor.fetchall()
