"""The databases of the tests: migrated once and copied for each process, emptied quickly after a test that committed.

What it costs to migrate from nothing, seven seconds on SQLite and eleven on PostgreSQL, and to have PostgreSQL
truncate all tables, a third of a second, would be most of what the tests cost.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction

ROOT: Final = Path(__file__).resolve().parents[2]
# All that a migrated database is made of: tables, and the permissions and indexes that are made after a migration.
SOURCES: Final = ("panelhub", "providers", "orders", "tests/settings.py", "requirements.txt")
PREFIX: Final = "panelhub_tests_"
# Any number, the same in every checkout.
LOCK: Final = 20_115
# Their rows are the same after a migration and after any test.
KEPT: Final = ("django_content_type", "auth_permission")


def make_database(folder: Path) -> None:
    """Give this process a database of its own, a copy of the migrated one; `folder` keeps that one, on SQLite."""
    if connection.vendor == "sqlite":
        # Runs on changed code say which one to copy: each would migrate its own.
        given = os.environ.get("PANELHUB_TESTS_DATABASE")
        _copy_file(Path(given) if given else folder / f"{_name_migrated()}.sqlite3")
    else:
        _copy_on_server(_name_migrated())


def drop_database() -> None:
    """Remove what `make_database` made; the migrated one stays, for the next run."""
    connections.close_all()
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        Path(name).unlink(missing_ok=True)
    else:
        with _server() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def empty_tables() -> None:
    """Leave the rows of a migration alone in the database, as Django's ``flush`` does, for a tenth of its cost."""
    tables = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in KEPT]
    look = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(look)
        filled = {name for (name,) in cursor.fetchall()}
        # Its rows can be neither changed nor deleted, on PostgreSQL.
        if connection.vendor == "postgresql" and "panelhub_auditevent" in filled:
            cursor.execute("TRUNCATE panelhub_auditevent")
            filled.remove("panelhub_auditevent")
        for name in filled:
            cursor.execute(f'DELETE FROM "{name}"')
        changed = _look_at_kept(cursor) != _kept
    if changed:
        call_command("flush", verbosity=0, interactive=False)
        remember_kept()


_kept: list[Any] = []


def remember_kept() -> None:
    """Take the rows of `KEPT` tables for what they are after a migration."""
    with connection.cursor() as cursor:
        _kept[:] = _look_at_kept(cursor)


def _look_at_kept(cursor: Any) -> list[Any]:
    found = []
    for name in KEPT:
        cursor.execute(f'SELECT * FROM "{name}" ORDER BY id')
        found.append(cursor.fetchall())
    return found


def _name_migrated() -> str:
    known = hashlib.sha256()
    for source in SOURCES:
        files = [ROOT / source] if (ROOT / source).is_file() else sorted((ROOT / source).rglob("*.py"))
        for file in files:
            known.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return f"{PREFIX}{known.hexdigest()[:16]}"


def _copy_file(migrated: Path) -> None:
    with (migrated.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not migrated.exists():
            for old in migrated.parent.glob(f"{PREFIX}*"):
                old.unlink()
            half = migrated.with_name("half.sqlite3")
            half.unlink(missing_ok=True)
            _migrate(str(half))
            half.rename(migrated)
        name = settings.DATABASES["default"]["TEST"]["NAME"]
        shutil.copyfile(migrated, name)
    _move_to(name)


def _copy_on_server(migrated: str) -> None:
    name = settings.DATABASES["default"]["TEST"]["NAME"]
    with _server() as cursor:
        # Until this connection ends: no one may be in a database that is copied.
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        there = {found for (found,) in cursor.fetchall()}
        if migrated not in there:
            for old in there:
                cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            half = f"{PREFIX}half"
            cursor.execute(f'CREATE DATABASE "{half}"')
            _migrate(half)
            cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{migrated}"')
        # A process of this number may have been killed before it could.
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
        # The tests' rows may be lost with the machine's power.
        cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    _move_to(name)


def _migrate(name: str) -> None:
    _move_to(name)
    call_command("migrate", verbosity=0)
    connections.close_all()


def _move_to(name: str) -> None:
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@contextmanager
def _server() -> Iterator[Any]:
    """A cursor beside all transactions, in the database that every server has."""
    with connection._nodb_cursor() as cursor:
        yield cursor
