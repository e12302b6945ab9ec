"""Where a sandbox keeps its books: one SQLite database, in a file when they are to survive.

A request's records are written in one transaction before its reply is sent, so whatever a client has received
is on the file when the sandbox is killed. Another process may read the file at any time (`ledger.py`).
"""

from __future__ import annotations

import errno
import fcntl
import json
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import asdict, fields
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, TypeVar

from providers.sandbox.books.records import Call, Cancel, Fate, Movement, Order, Plan, ProductOrder, Refill

Record = Order | Refill | Cancel | ProductOrder | Movement | Call
R = TypeVar("R", Order, Refill, Cancel, ProductOrder, Movement, Call)
Statement = tuple[str, tuple[object, ...]]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    panel TEXT NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (panel, kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
    number INTEGER PRIMARY KEY, panel TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS log_by_panel ON log (panel, kind, number);
"""

_READERS: dict[str, Any] = {
    "charge": Decimal,
    "amount": Decimal,
    "fate": Fate,
    "accepted": tuple,
    "plan": lambda value: Plan(**{**value, "fate": Fate(value["fate"])}),
}


def encode(record: Record) -> str:
    """Return a record as JSON text; money as decimal text."""
    return json.dumps(asdict(record), default=str, ensure_ascii=False)


def decode(kind: type[R], body: str) -> R:
    """Return the record that `encode` wrote."""
    values = json.loads(body)
    known = {field.name for field in fields(kind)}
    return kind(
        **{
            name: _READERS[name](value) if name in _READERS and value is not None else value
            for name, value in values.items()
            if name in known
        }
    )


def open_database(path: Path | None, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection that threads may share under a lock of their own; in memory without a path."""
    if path is None:
        return sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    if read_only:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True, check_same_thread=False, isolation_level=None, timeout=20,
        )  # fmt: skip
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=20)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    # A killed process loses nothing that was committed; only a power cut could, and this is a sandbox.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


class Journal:
    """Writes and reads back the books of all panels; safe to use from several threads.

    Raises BlockingIOError when another process writes the same file, sqlite3.Error when it holds something else.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._guard = None if path is None else _guard(path)
        self.lock = threading.Lock()
        try:
            self.connection = open_database(path)
            self.connection.executescript(_SCHEMA)
        except sqlite3.Error:
            self._let_go()
            raise

    def write(self, statements: Iterable[Statement]) -> None:
        """Commit the statements together."""
        with self.lock:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                for sql, values in statements:
                    self.connection.execute(sql, values)
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self.lock:
            return self.connection.execute(sql, values).fetchall()

    def drop_calls(self, panel: str, *, keep: int) -> None:
        """Forget the received calls of a panel but for the newest ones."""
        self.write(
            [
                (
                    "DELETE FROM log WHERE panel = ? AND kind = 'Call' AND number <= (SELECT number FROM log"
                    " WHERE panel = ? AND kind = 'Call' ORDER BY number DESC LIMIT 1 OFFSET ?)",
                    (panel, panel, keep),
                )
            ]
        )

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self.connection.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._guard is not None:
            self._guard.close()


def _guard(path: Path) -> IO[str]:
    """Return the file that says the books are in use, locked; a killed process lets go of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    guard = path.with_name(f"{path.name}.lock").open("w")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        guard.close()
        # Two writers would give the same ids twice.
        raise BlockingIOError(errno.EAGAIN, f"another sandbox keeps its books in {path}") from None
    return guard


def keep(panel: str, record: Order | Refill | Cancel | ProductOrder) -> Statement:
    """Write a record, or write it again."""
    return (
        "INSERT OR REPLACE INTO records (panel, kind, id, body) VALUES (?, ?, ?, ?)",
        (panel, type(record).__name__, record.id, encode(record)),
    )


def keep_state(panel: str, state: str) -> Statement:
    """Write what a panel needs to go on after a restart, as JSON: counters, stock, its time."""
    return (
        "INSERT OR REPLACE INTO records (panel, kind, id, body) VALUES (?, 'State', 0, ?)",
        (panel, state),
    )


def append(panel: str, record: Movement | Call) -> Statement:
    """Add a line to the panel's log."""
    return (
        "INSERT INTO log (panel, kind, body) VALUES (?, ?, ?)",
        (panel, type(record).__name__, encode(record)),
    )
