"""The text indexes behind the search in services, which Django's models cannot describe.

PostgreSQL: a trigram index on ``upper(search_text)``, the expression Django's ``icontains`` writes.
SQLite: an FTS5 table over ``search_text`` that three triggers keep in step.

They are made after ``migrate`` and not by a migration, because a later migration that rebuilds
the table on SQLite silently drops its triggers, and because the right to create an extension on
PostgreSQL may be given later. Without them the search still answers, only slower.
"""

# ruff: noqa: S608 - the statements are made of constants
from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError, connections, transaction

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

TABLE: Final = "providers_service"
FTS_TABLE: Final = "providers_service_search"
TRIGRAM_INDEX: Final = "service_search_trigram"

_TRIGGERS: Final = {
    "added": f"AFTER INSERT ON {TABLE} BEGIN "
    f"INSERT INTO {FTS_TABLE}(rowid, search_text) VALUES (new.id, new.search_text); END",
    "removed": f"AFTER DELETE ON {TABLE} BEGIN "
    f"INSERT INTO {FTS_TABLE}({FTS_TABLE}, rowid, search_text) VALUES ('delete', old.id, old.search_text); END",
    # Only a text that differs: a catalogue sync that writes a price must not rewrite the index.
    "renamed": f"AFTER UPDATE OF search_text ON {TABLE} WHEN old.search_text IS NOT new.search_text BEGIN "
    f"INSERT INTO {FTS_TABLE}({FTS_TABLE}, rowid, search_text) VALUES ('delete', old.id, old.search_text); "
    f"INSERT INTO {FTS_TABLE}(rowid, search_text) VALUES (new.id, new.search_text); END",
}


def ensure_search_index(*, using: str = "default", **_signal: Any) -> None:
    """Make what is missing of the search index of database ``using``; cheap when all is there."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    try:
        if connection.vendor == "postgresql":
            _ensure_trigram_index(connection)
        elif connection.vendor == "sqlite":
            _ensure_fts_table(connection)
    except DatabaseError as error:
        logger.warning("The search in services works without its index and is slower: %s", error)


def has_fts_table(connection: BaseDatabaseWrapper) -> bool:
    """Return whether this SQLite database has the FTS table with all its triggers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master "
            "WHERE (type = 'table' AND name = %s) OR (type = 'trigger' AND name IN (%s, %s, %s))",
            [FTS_TABLE, *map(_trigger_name, _TRIGGERS)],
        )
        return bool(cursor.fetchone()[0] == 1 + len(_TRIGGERS))


def _trigger_name(what: str) -> str:
    return f"{FTS_TABLE}_{what}"


def _ensure_trigram_index(connection: BaseDatabaseWrapper) -> None:
    # A savepoint: a refused statement must not spoil a transaction that is already open.
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_class WHERE relname = %s", [TRIGRAM_INDEX])
        if cursor.fetchone():
            return
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if not cursor.fetchone():
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute(f"CREATE INDEX {TRIGRAM_INDEX} ON {TABLE} USING gin (upper(search_text) gin_trgm_ops)")


def _ensure_fts_table(connection: BaseDatabaseWrapper) -> None:
    if has_fts_table(connection):
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {FTS_TABLE} USING fts5("
            f"search_text, content='{TABLE}', content_rowid='id', tokenize='trigram case_sensitive 1')"
        )
        for what, body in _TRIGGERS.items():
            cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {_trigger_name(what)} {body}")
        cursor.execute(f"INSERT INTO {FTS_TABLE}({FTS_TABLE}) VALUES ('rebuild')")
