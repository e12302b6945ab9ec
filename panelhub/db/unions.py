"""Read rows of several tables in one statement, each table with its own order and limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def read_together(querysets: Sequence[QuerySet[Any, Any]]) -> list[tuple[Any, ...]]:
    """Return the rows of all ``querysets`` (of ``values_list``, with the same number and types of columns).

    Django's own ``union`` takes no order and no limit of its parts on SQLite. Values come as the database's driver
    gives them: good for numbers and texts.
    """
    texts, values = [], []
    for index, queryset in enumerate(querysets):
        try:
            text, parameters = queryset.query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            # Someone who sees no provider finds nothing, whatever they look for.
            continue
        texts.append(f"SELECT * FROM ({text}) AS part{index}")  # noqa: S608 - the compiler's own text
        values.extend(parameters)
    if not texts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(texts), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
