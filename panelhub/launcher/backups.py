"""Copies of the embedded database: taken while the hub runs, put back while it does not."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections

_HEADER: Final = b"SQLite format 3\x00"


class BackupRefused(Exception):
    """Why a copy cannot be made or put back, as a sentence."""


def database_file() -> Path:
    """Return the file of the embedded database; raises :class:`BackupRefused` when another database is used."""
    database = settings.DATABASES["default"]
    if "sqlite3" not in database["ENGINE"]:
        raise BackupRefused(
            "This hub runs on PostgreSQL: back it up with pg_dump and put it back with pg_restore "
            "(docs/production.md), then run `manage.py hold_restored`."
        )
    return Path(database["NAME"])


def make_backup(target: Path) -> int:
    """Copy the database into ``target`` page by page while others write; returns the bytes written.

    The copy is one moment of the database, checked before it gets its name. An existing file is not touched.
    """
    source = database_file()
    if target.exists():
        raise BackupRefused(f"{target} exists already; a backup never overwrites anything.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_WRONLY, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as original,
            closing(sqlite3.connect(draft)) as copy,
        ):
            original.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            check(copy)
        draft.rename(target)
    except sqlite3.Error as error:
        raise BackupRefused(f"The backup failed: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return target.stat().st_size


def put_back(backup: Path, *, now: datetime) -> Path:
    """Replace the database by ``backup``; what was there is kept beside it and its path returned ("" name: none)."""
    current = database_file()
    try:
        with backup.open("rb") as file:
            if file.read(len(_HEADER)) != _HEADER:
                raise BackupRefused(f"{backup} is no backup of PanelHub.")
        with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as copy:
            check(copy)
            if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'orders_order'").fetchone():
                raise BackupRefused(f"{backup} is no backup of PanelHub.")
    except OSError as error:
        raise BackupRefused(f"{backup} cannot be read ({error.strerror}).") from error
    except sqlite3.Error as error:
        raise BackupRefused(f"{backup} is damaged: {error}.") from error
    connections.close_all()
    aside = current.with_name(f"{current.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    draft = current.with_name(f".{current.name}.restore")
    with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as copy, closing(sqlite3.connect(draft)) as new:
        copy.backup(new)
    draft.chmod(0o600)
    for suffix in ("", "-wal", "-shm"):
        old = Path(f"{current}{suffix}")
        if old.exists():
            old.rename(f"{aside}{suffix}")
    draft.rename(current)
    return aside


def check(database: sqlite3.Connection) -> None:
    """Raise :class:`BackupRefused` when a copy is damaged."""
    (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise BackupRefused(f"The copy is damaged: {answer}.")
