"""Where the hub keeps its rows: SQLite by default, PostgreSQL when DATABASE_URL says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ

from panelhub.launcher.private_files import make_private
from panelhub.settings.values import read_choice, read_text

# synchronous=FULL, not the NORMAL often advised with WAL: NORMAL may forget the last commits when the power
# fails. A forgotten claim is a queued order that is sent, and paid, a second time; a forgotten order was
# confirmed to someone. One flush per commit is the price.
SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON;"
SQLITE_BUSY_SECONDS = 20
SQLITE_KEPT_SECONDS = 600
POSTGRESQL_CONNECT_SECONDS = 5


def database_settings(env: environ.Env, var: Path) -> dict[str, Any]:
    """Return Django's settings of the one database; `var` is the folder of the default SQLite file.

    Raises ImproperlyConfigured for a kind of database other than SQLite and PostgreSQL.
    """
    url = read_text(env, "DATABASE_URL", f"sqlite:///{var / 'panelhub.sqlite3'}")
    synchronous = read_choice(env, "PANELHUB_SQLITE_SYNCHRONOUS", ("OFF", "NORMAL", "FULL", "EXTRA"), default="FULL")
    try:
        settings: dict[str, Any] = env.db_url_config(url)
    except (LookupError, ValueError, environ.ImproperlyConfigured):
        settings = {}
    engine = settings.get("ENGINE")
    if engine == "django.db.backends.sqlite3":
        _set_up_sqlite(settings, synchronous=synchronous)
    elif engine != "django.db.backends.postgresql":
        raise environ.ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgres://.")
    elif not settings.get("NAME"):
        raise environ.ImproperlyConfigured("DATABASE_URL names no database: postgres://user:password@host/name.")
    else:
        _set_up_postgresql(settings)
    return settings


def _set_up_sqlite(settings: dict[str, Any], *, synchronous: str) -> None:
    name = str(settings["NAME"])
    if name != ":memory:":
        Path(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(*(Path(f"{name}{suffix}") for suffix in ("", "-wal", "-shm", "-journal")))
    # Opening the file costs more than most of the questions that are then asked.
    settings["CONN_MAX_AGE"] = SQLITE_KEPT_SECONDS
    settings["OPTIONS"] = {
        **settings.get("OPTIONS", {}),
        "init_command": SQLITE_PRAGMAS.format(synchronous=synchronous),
        # A transaction that reads first and writes later cannot wait for a lock, it fails at once: take it at BEGIN.
        "transaction_mode": "IMMEDIATE",
        "timeout": SQLITE_BUSY_SECONDS,
    }


def _set_up_postgresql(settings: dict[str, Any]) -> None:
    settings["CONN_MAX_AGE"] = 60
    settings["CONN_HEALTH_CHECKS"] = True
    settings["OPTIONS"] = {"connect_timeout": POSTGRESQL_CONNECT_SECONDS, **settings.get("OPTIONS", {})}
