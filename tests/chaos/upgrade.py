"""F28: the database of the version before this one, with a million orders, is brought forward while people order.

    python -m tests.chaos --only upgrade [--orders N]

Its tables are made as that version made them. While `manage.py migrate` runs, four connections go on with the
statements of the old code: an order is added, another one moves. No one may wait longer than :data:`LONGEST_WAIT`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from tests.chaos import servers
from tests.chaos.workers import ROOT

NAME: Final = "upgrade"
ORDERS: Final = 1_000_000
PEOPLE: Final = 4
LONGEST_WAIT: Final = 2.0
# Columns that may not repeat, and what a copy of a row has there.
OWN: Final = {
    "uid": "gen_random_uuid()",
    "form_token": "NULL",
    "external_id": "CASE WHEN external_id IS NULL THEN NULL ELSE 'copy-' || n END",
}
SHARE: Final = 50_000


def try_upgrade(folder: Path, orders: int = ORDERS) -> int:
    """Run it on a server of its own; 1 when a statement waited too long or an order is missing, else 0."""
    try:
        database = servers.PostgreSQL(folder)
    except servers.NotInstalled as missing:
        print(f"The upgrade is left out: {missing} is not installed here.", file=sys.stderr)
        return 0
    try:
        database.prove_own()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PANELHUB_")}
        environment |= {"DATABASE_URL": database.url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        done = subprocess.run(
            [sys.executable, "-m", "tests.chaos.upgrade", str(orders)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        database.kill()
    if done.returncode:
        print(f"The upgrade broke off with status {done.returncode}.", file=sys.stderr)
        return 1
    reported = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{reported['before']:,} orders, {reported['seconds']:.1f} s of migrations. Meanwhile "
        f"{reported['added']:,} were added and as many moved; "
        f"the longest of both took {reported['longest']:.2f} s (at most {LONGEST_WAIT:g} s), "
        f"before the upgrade {reported['usual']:.2f} s. Failed: {reported['failed'] or 'none'}. Missing at the end: "
        f"{reported['missing']}.",
        flush=True,
    )
    return int(reported["longest"] > LONGEST_WAIT or bool(reported["failed"] or reported["missing"]))


class People:
    """Threads that order with the statements of the old code, each on a connection of its own."""

    def __init__(self, url: str, columns: list[str], first: int) -> None:
        self.added = 0
        self.failed: list[str] = []
        self.longest = 0.0
        self._url, self._first = url, first
        names = ", ".join(columns)
        values = ", ".join(OWN.get(column, column) for column in columns).replace("n END", "%(n)s::text END")
        self._add = f"INSERT INTO orders_order ({names}) SELECT {values} FROM orders_order WHERE id = %(id)s"
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._order, args=[number]) for number in range(PEOPLE)]

    def __enter__(self) -> People:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def take_longest(self) -> float:
        """Return the longest wait since the last call, in seconds."""
        with self._lock:
            longest, self.longest = self.longest, 0.0
        return longest

    def _order(self, number: int) -> None:
        import psycopg

        done = 0
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stop.wait(0.02):
                done += 1
                given = {"n": f"{number}-{done}", "id": self._first + done % 400}
                began = time.monotonic()
                try:
                    connection.execute(self._add, given)
                    connection.execute("UPDATE orders_order SET remains = %(n)s WHERE id = %(id)s", given | {"n": done})
                except psycopg.Error as error:
                    self.failed.append(str(error))
                    return
                with self._lock:
                    self.added += 1
                    self.longest = max(self.longest, time.monotonic() - began)


def main(orders: int) -> dict[str, Any]:
    """Fill the database of the settings, bring it forward under load, and count."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.helpers.old_database import fill, go_back

    fill(go_back())
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(id), COUNT(*) FROM orders_order")
        first, count = cursor.fetchone()
        columns = [
            column.name
            for column in connection.introspection.get_table_description(cursor, "orders_order")
            if column.name != "id"
        ]
        names, values = ", ".join(columns), ", ".join(OWN.get(column, column) for column in columns)
        for start in range(count, orders, SHARE):
            cursor.execute(
                f"INSERT INTO orders_order ({names}) SELECT {values} FROM "
                "generate_series(%s, %s) AS n JOIN orders_order ON id = %s + n %% 400",
                [start, min(orders, start + SHARE) - 1, first],
            )
        cursor.execute("ANALYZE")
        cursor.execute("SELECT COUNT(*) FROM orders_order")
        before = cursor.fetchone()[0]

    with People(os.environ["DATABASE_URL"], columns, first) as people:
        while people.added < PEOPLE * 50 and not people.failed:
            time.sleep(0.05)
        usual, began = people.take_longest(), time.monotonic()
        call_command("migrate", verbosity=0)
        seconds, longest = time.monotonic() - began, people.take_longest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM orders_order")
        missing = before + people.added - cursor.fetchone()[0]
    return {
        "before": before,
        "seconds": seconds,
        "added": people.added,
        "longest": longest,
        "usual": usual,
        "failed": people.failed,
        "missing": missing,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
