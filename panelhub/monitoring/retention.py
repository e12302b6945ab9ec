"""Define how long rows are stored: kinds with a setting each, removed in small steps by the hourly tidying.

# in an AppConfig.ready():
register_retention(Retention("orders", _("Orders"), "PANELHUB_ORDERS_DAYS", (Order, OrderEvent), remove_orders))
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db import connection, models
from django.utils import timezone

STEP: Final = 500
SECONDS_A_KIND: Final = 20.0

Remove = Callable[[datetime, int], int]


@dataclass(frozen=True, slots=True)
class Retention:
    """One kind of rows. ``setting`` names the days they are stored (None: forever).

    ``remove(before, most)`` removes at most ``most`` rows that ended before a moment, in a transaction of its
    own, and returns how many; without it something else removes them.
    """

    slug: str
    label: Any
    setting: str
    tables: tuple[type[models.Model], ...]
    remove: Remove | None = None

    @property
    def days(self) -> int | None:
        """Return for how many days rows are stored, or None for ever."""
        days: int | None = getattr(settings, self.setting)
        return days


@dataclass(frozen=True, slots=True)
class Size:
    """How much a kind takes: rows as the database estimates them, and bytes with indexes (None: not known)."""

    label: Any
    rows: int
    bytes: int | None
    days: int | None


_kinds: Final[dict[str, Retention]] = {}


def register_retention(kind: Retention) -> None:
    """Add a kind; the same slug again replaces it."""
    _kinds[kind.slug] = kind


def remove_expired() -> dict[str, int]:
    """Remove what every kind keeps no longer, for a while each; returns how many rows went, by kind."""
    removed = {}
    for kind in _kinds.values():
        if kind.remove is None or kind.days is None:
            continue
        removed[kind.slug] = _remove_in_steps(kind.remove, timezone.now() - timedelta(days=kind.days))
    return removed


def _remove_in_steps(remove: Remove, before: datetime) -> int:
    total, end = 0, time.monotonic() + SECONDS_A_KIND
    while time.monotonic() < end:
        step = remove(before, STEP)
        total += step
        if not step:
            break
    return total


def delete_step(rows: models.QuerySet[Any], most: int) -> int:
    """Delete the oldest ``most`` of some rows, and what belongs to them; returns how many of the rows went."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:most])
    if keys:
        rows.model._base_manager.filter(pk__in=keys).delete()
    return len(keys)


def remove_logins(before: datetime, most: int) -> int:
    """Remove at most ``most`` records each of logins and of failed ones before a moment; returns how many."""
    return sum(
        delete_step(model._base_manager.filter(attempt_time__lt=before), most)
        for model in (AccessLog, AccessAttempt, AccessFailureLog)
    )


def read_sizes() -> list[Size]:
    """Return what each kind takes, largest first, and the whole database's size at the end."""
    tables = _read_tables()
    sizes = []
    for kind in _kinds.values():
        found = [tables.get(model._meta.db_table, (0, None)) for model in kind.tables]
        known = [size for _rows, size in found if size is not None]
        sizes.append(Size(kind.label, sum(rows for rows, _size in found), sum(known) if known else None, kind.days))
    return sorted(sizes, key=lambda size: (size.bytes or 0, size.rows), reverse=True)


def read_database_bytes() -> int:
    """Return how many bytes the whole database takes."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])


def _read_tables() -> dict[str, tuple[int, int | None]]:
    """Return rows and bytes by table, without counting: estimates of PostgreSQL, the highest key of SQLite."""
    names = [model._meta.db_table for kind in _kinds.values() for model in kind.tables]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, greatest(reltuples, 0)::bigint, pg_total_relation_size(oid) FROM pg_class "
                "WHERE relkind = 'r' AND relname = ANY(%s) AND pg_table_is_visible(oid)",
                [names],
            )
            return {name: (rows, size) for name, rows, size in cursor.fetchall()}
        quoted = [(name, connection.ops.quote_name(name)) for name in dict.fromkeys(names)]
        if not quoted:
            return {}
        union = " UNION ALL ".join(f"SELECT '{name}', coalesce(max(rowid), 0) FROM {table}" for name, table in quoted)  # noqa: S608
        cursor.execute(union)
        return {name: (rows, None) for name, rows in cursor.fetchall()}
