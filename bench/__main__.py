"""``python -m bench [--size N] [--on sqlite|postgresql] [P1 …]``: measure, and print one table.

Each database is measured in a process of its own, on a database of its own that is made for it and removed again.
PostgreSQL is the server of DATABASE_URL, else the one on this machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final
from urllib.parse import urlsplit

ROWS: Final = {"P1": ("bench.p1_statuses", 100_000), "P9": ("bench.p9_api", 1_000)}
DATABASES: Final = ("sqlite", "postgresql")
SERVER: Final = "postgres://postgres@127.0.0.1:5432/postgres"


def main() -> None:
    """Measure what was asked for on both databases, or, with ``--here``, on the one that is set up."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("rows", nargs="*", default=list(ROWS), metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--size", type=int, help="how many orders, services, … (default: as the goals say)")
    parser.add_argument("--on", choices=DATABASES, action="append")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(_measure(options.rows, options.size)))
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}")
    lines = [("row", "database", "what", "floor", "ours", "ratio", "goal", "")]
    for database in options.on or DATABASES:
        for row in _measure_on(database, options.rows, options.size):
            met = {True: "met", False: "NOT MET", None: ""}[row["is_met"]]
            lines.append(
                (row["number"], database, row["what"], row["floor"], row["ours"], row["ratio"], row["goal"], met)
            )
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    for line in lines:
        print(" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _measure_on(database: str, rows: list[str], size: int | None) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory(prefix="panelhub-bench-") as folder, _database(database, folder) as url:
        arguments = [sys.executable, "-m", "bench", "--here", *rows, *(["--size", str(size)] if size else [])]
        environment = os.environ | {
            "DATABASE_URL": url,
            "PANELHUB_VAR": folder,
            "PANELHUB_ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "panelhub.settings",
            "CELERY_BROKER_URL": "",
            "LOG_LEVEL": "ERROR",
        }
        done = subprocess.run(arguments, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


@contextmanager
def _database(kind: str, folder: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    import psycopg

    server = os.environ.get("DATABASE_URL", "")
    server = server if server.startswith("postgres") else SERVER
    name = f"panelhub_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _measure(rows: list[str], size: int | None) -> list[dict[str, object]]:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    found = []
    for name in rows:
        module, usual = ROWS[name]
        found.extend(asdict(row) for row in importlib.import_module(module).run(size or usual))
    return found


if __name__ == "__main__":
    main()
