"""Set-based writes: many rows with values of their own, in one statement.

Measured against the obvious alternatives this is the cheapest on both databases: Django's ``bulk_update`` builds
a CASE expression per column and row and is tens of times slower, and on PostgreSQL one JSON parameter costs the
client a quarter of what arrays cost it. So the rows travel as one JSON document, which the database takes apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

from django.db import connection, models, transaction

# What JSON and both databases' columns take as it is, or as `str` of it.
_PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.FloatField,
    models.BooleanField,
    models.DecimalField,
    models.ForeignKey,
)

# SQLite knows no alias behind RETURNING, and PostgreSQL finds a bare name ambiguous.
_RETURNED = {"sqlite": "id", "postgresql": "t.id"}


def lock_rows(model: type[models.Model], keys: Iterable[int]) -> None:
    """Lock these rows in the order of their keys, as everybody does: who wants the same ones waits, and never both.

    Inside a transaction; before a statement that touches many rows in whatever order it finds them. SQLite has
    one lock for all.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            # Rows that name one of these may be added meanwhile: its key does not change.
            cursor.execute(
                f"SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
                [list(keys)],
            )


def update_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    carried: Mapping[str, str] | None = None,
    sets: Mapping[str, str] | None = None,
    sets_parameters: Sequence[Any] = (),
    only_if: str = "",
    parameters: Sequence[Any] = (),
    locked: bool = False,
) -> set[int]:
    """Write ``rows`` of ``(pk, value, …)`` into ``columns`` (field names) in one statement.

    ``carried`` are more values at the end of each row that are not written: a name for SQL, and the field whose
    type it has. ``sets`` writes more fields, each from an SQL expression. Such expressions, and the condition
    ``only_if``, may name ``t`` (the table) and ``v`` (the new values, by column name); their parameters come apart.
    Returns the keys of the rows that were written. Values of money are taken as they are: round them before.
    They are locked first, by their keys, as :func:`lock_rows` does, unless the caller has ``locked`` them.
    """
    if not rows:
        return set()
    carried, sets = carried or {}, sets or {}
    fields = ("pk", *columns, *carried.values())
    names = ("id", *(_field(model, name).column for name in columns), *carried)
    quote = connection.ops.quote_name
    written = [f"{quote(name)} = v.{quote(name)}" for name in names[1 : len(columns) + 1]]
    written += [f"{quote(_field(model, name).column)} = {expression}" for name, expression in sets.items()]
    condition = f" AND ({only_if})" if only_if else ""
    statement = (
        f"UPDATE {quote(model._meta.db_table)} AS t SET {', '.join(written)} "  # noqa: S608 - names are the model's
        f"FROM {_source(model, names, fields, connection.vendor)} WHERE t.id = v.id{condition} "
        f"RETURNING {_RETURNED[connection.vendor]}"
    )
    with ExitStack() as stack:
        if not locked and len(rows) > 1 and connection.vendor == "postgresql":
            # The plan of the UPDATE is the database's: it may come by the rows in any order.
            stack.enter_context(transaction.atomic(savepoint=False))
            lock_rows(model, (row[0] for row in rows))
        cursor = stack.enter_context(connection.cursor())
        cursor.execute(statement, [*sets_parameters, _document(model, fields, rows), *parameters])
        return {int(row[0]) for row in cursor.fetchall()}


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], **constants: Any
) -> None:
    """Add ``rows`` of values of ``columns`` (field names) in one statement.

    Every other field gets its value of ``constants``, else its default. No signals, no keys back.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    names = tuple(_field(model, name).column for name in columns)
    into = [quote(name) for name in names]
    values = [f"v.{name}" for name in into]
    parameters = []
    for field in model._meta.concrete_fields:
        if field.primary_key or field.column in names:
            continue
        value = constants[field.name] if field.name in constants else field.get_default()
        into.append(quote(str(field.column)))
        values.append(_typed("%s", field, connection.vendor))
        parameters.append(field.get_db_prep_save(value, connection))
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(into)}) SELECT {', '.join(values)} "  # noqa: S608
        f"FROM {_source(model, names, tuple(columns), connection.vendor)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, _document(model, columns, rows)])


@lru_cache(maxsize=1024)
def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


@lru_cache(maxsize=256)
def _source(model: type[models.Model], names: tuple[str, ...], fields: tuple[str, ...], vendor: str) -> str:
    """Return the rows as a table ``v``, from one JSON parameter: a list of lists."""
    quote = connection.ops.quote_name
    if vendor == "postgresql":
        picked = ", ".join(
            f"{_typed(f'(j->>{place})', _field(model, field), vendor)} AS {quote(name)}"
            for place, (name, field) in enumerate(zip(names, fields, strict=True))
        )
        # OFFSET 0 keeps the planner from taking each value apart again wherever it is named.
        return f"(SELECT {picked} FROM jsonb_array_elements(%s::jsonb) AS j OFFSET 0) AS v"  # noqa: S608
    picked = ", ".join(
        f"{_unpacked(place, _field(model, field))} AS {quote(name)}"
        for place, (name, field) in enumerate(zip(names, fields, strict=True))
    )
    return f"(SELECT {picked} FROM json_each(%s)) AS v"  # noqa: S608


def _unpacked(place: int, field: models.Field[Any, Any]) -> str:
    """Return one value of a row on SQLite, which knows of a text in JSON alone."""
    value = f"json_extract(value, '$[{place}]')"
    return f"CAST({value} AS BLOB)" if isinstance(field, models.BinaryField) else value


def _typed(expression: str, field: models.Field[Any, Any], vendor: str) -> str:
    if vendor != "postgresql":
        return expression
    # Without its length: a cast to varchar(64) would cut what is too long, the column refuses it.
    return f"{expression}::{str(field.db_type(connection)).partition('(')[0]}"


def _document(model: type[models.Model], fields: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> str:
    prepare = [
        (place, make)
        for place, name in enumerate(fields)
        if (make := _preparation(_field(model, name), connection.vendor)) is not None
    ]
    if prepare:
        made = [list(row) for row in rows]
        for place, make in prepare:
            for row in made:
                row[place] = make(row[place])
        return json.dumps(made, default=str)
    return json.dumps(rows, default=str)


@lru_cache(maxsize=1024)
def _preparation(field: models.Field[Any, Any], vendor: str) -> Callable[[Any], Any] | None:
    """Return what makes a value of the field fit for JSON, or None where it is so already."""
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, cls=field.encoder)
    if isinstance(field, models.BinaryField):
        # JSON has no bytes: such a column holds bytes of ASCII, or cannot be written so.
        return lambda value: None if value is None else bytes(value).decode("ascii")
    if type(field).__module__.startswith("django.") and isinstance(field, _PLAIN):
        return None
    return lambda value: field.get_db_prep_save(value, connection)
