"""``python -m tests.bench [--size N] [--on sqlite|postgresql] [--markdown] [P1 …]``: measure, and print one table.

Each row is measured in a process of its own, on a database of its own that is made for it and removed again.
PostgreSQL is the server of DATABASE_URL, else the one on this machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Final
from urllib.parse import urlsplit

# Each with its size: orders, services, calls, lines or seconds, as the module says.
ROWS: Final = {
    "P1": ("tests.bench.p1_statuses", 100_000),
    "P2": ("tests.bench.p2_catalogue", 100_000),
    "P3": ("tests.bench.p3_pages", 1_000_000),
    "P4": ("tests.bench.p4_placing", 20),
    "P5": ("tests.bench.p5_budget", 70),
    "P6": ("tests.bench.p6_latency", 1_000),
    "P7": ("tests.bench.p7_mass", 10_000),
    "P8": ("tests.bench.p8_idle", 60),
    "P9": ("tests.bench.p9_api", 1_000),
    "scale": ("tests.bench.scale", 100_000),
}
DATABASES: Final = ("sqlite", "postgresql")
REDIS: Final = "redis://127.0.0.1:6379/0"
PREFIX: Final = f"bench-{os.getpid()}-"
"""Of the queues: other hubs may use the same broker."""
MET: Final = {True: "met", False: "NOT MET", None: ""}
SERVER: Final = "postgres://postgres@127.0.0.1:5432/postgres"

Line = tuple[str, ...]
COLUMNS: Final = ("row", "database", "what", "floor", "ours", "ratio", "goal", "")


def main() -> None:
    """Measure what was requested on both databases, or, with ``--here``, on the one that is set up."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("rows", nargs="*", default=list(ROWS), metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--size", type=int, help="how many orders, services, … (default: as the goals say)")
    parser.add_argument("--on", choices=DATABASES, action="append")
    parser.add_argument("--markdown", action="store_true", help="a table to be put into a document")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        (name,) = options.rows
        print(json.dumps(_measure(name, options.size)))
        return
    print(f"{_machine()}; load {os.getloadavg()[0]:.1f} at the beginning")
    lines: list[Line] = [COLUMNS]
    for name in options.rows:
        for database in options.on or DATABASES:
            lines += _measure_on(database, name, options.size)
    _print(lines, markdown=options.markdown)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def _machine() -> str:
    return f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}"


def _print(lines: list[Line], *, markdown: bool) -> None:
    if markdown:
        lines = [lines[0], tuple("---" for _cell in COLUMNS), *lines[1:]]
    widths = [0 if markdown else max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    for line in lines:
        text = " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        print(f"| {text} |" if markdown else text)


def _measure_on(database: str, name: str, size: int | None) -> list[Line]:
    """Return one row's lines, measured on a database of its own; a row that fails is a line too."""
    print(f"{name} on {database} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="panelhub-bench-") as folder, _database(database, folder) as url:
        arguments = [sys.executable, "-m", "tests.bench", "--here", name, *(["--size", str(size)] if size else [])]
        environment = os.environ | {
            "DATABASE_URL": url,
            "PANELHUB_VAR": folder,
            "PANELHUB_ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "panelhub.settings",
            "CELERY_BROKER_URL": _broker() if database == "postgresql" else "",
            "PANELHUB_QUEUE_PREFIX": PREFIX,
            "LOG_LEVEL": "ERROR",
        }
        done = subprocess.run(arguments, env=environment, stdout=subprocess.PIPE, text=True)
        _remove_queues(environment["CELERY_BROKER_URL"])
    if done.returncode:
        return [(name, database, "could not be measured: see above", "", "", "", "", "")]
    return [
        (row["number"], database, row["what"], row["floor"], row["ours"], row["ratio"], row["goal"], MET[row["is_met"]])
        for row in json.loads(done.stdout.splitlines()[-1])
    ]


def _broker() -> str:
    """Return the broker of CELERY_BROKER_URL, else the Redis of this machine, else none:
    then the embedded one is used.
    """
    if named := os.environ.get("CELERY_BROKER_URL", ""):
        return named
    server = urlsplit(REDIS)
    with suppress(OSError), socket.create_connection((server.hostname or "", server.port or 0), timeout=1):
        return REDIS
    return ""


def _remove_queues(broker: str) -> None:
    if broker.startswith("redis"):
        from redis import Redis

        with Redis.from_url(broker) as client:
            for key in client.scan_iter(f"*{PREFIX}*"):
                client.delete(key)


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


def _measure(name: str, size: int | None) -> list[dict[str, object]]:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    module, usual = ROWS[name]
    return [asdict(row) for row in importlib.import_module(module).run(size or usual)]


if __name__ == "__main__":
    main()
