"""What really happened at the panels, to be held against what a client believes.

Readable from the process that runs the sandbox (`Sandbox.ledger`) and from any other one
(`Ledger.open(path)`), while the sandbox runs, after it ended, and after it was killed.
"""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

from providers.sandbox.books.journal import decode, open_database
from providers.sandbox.books.records import Call, Cancel, Movement, Order, ProductOrder, Refill

Kept = TypeVar("Kept", Order, Refill, Cancel, ProductOrder)
Logged = TypeVar("Logged", Movement, Call)


class Ledger:
    """Reads the books of a sandbox; each method takes a panel's slug and answers in order of acceptance."""

    def __init__(self, connection: Connection, lock: threading.Lock | None = None) -> None:
        self._connection = connection
        self._lock = lock or threading.Lock()

    @classmethod
    def open(cls, path: Path | str) -> Ledger:
        """Return the books in a file, read only; raises sqlite3.OperationalError when there is none."""
        return cls(open_database(Path(path), read_only=True))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def panels(self) -> list[str]:
        """Slugs of the panels that have been used."""
        return [row[0] for row in self._read("SELECT DISTINCT panel FROM records ORDER BY panel")]

    def orders(self, panel: str, *, children: bool = False) -> list[Order]:
        """Return accepted orders; with `children` also those the panel made for drip-feeds and subscriptions."""
        return [order for order in self._kept(Order, panel) if children or order.parent is None]

    def refills(self, panel: str) -> list[Refill]:
        """Return accepted refills."""
        return self._kept(Refill, panel)

    def cancels(self, panel: str) -> list[Cancel]:
        """Return accepted requests to cancel."""
        return self._kept(Cancel, panel)

    def product_orders(self, panel: str) -> list[ProductOrder]:
        """Return accepted product orders."""
        return self._kept(ProductOrder, panel)

    def movements(self, panel: str) -> list[Movement]:
        """Return every change of the balance since it was opened."""
        return self._logged(Movement, panel)

    def calls(self, panel: str, *, last: int = -1) -> list[Call]:
        """Requests the panel has read, with the fault each met: all of them, or the last so many."""
        return self._logged(Call, panel, last=last)

    def balance(self, panel: str) -> Decimal:
        """Return what the movements amount to; zero for a panel that was never opened."""
        return sum((movement.amount for movement in self.movements(panel)), Decimal(0))

    def state(self, panel: str) -> dict[str, Any]:
        """Return the panel's counters, stock and time; empty for a panel that was never opened."""
        rows = self._read("SELECT body FROM records WHERE panel = ? AND kind = 'State'", panel)
        return dict(json.loads(rows[0][0])) if rows else {}

    def _kept(self, kind: type[Kept], panel: str) -> list[Kept]:
        rows = self._read("SELECT body FROM records WHERE panel = ? AND kind = ? ORDER BY id", panel, kind.__name__)
        return [decode(kind, body) for (body,) in rows]

    def _logged(self, kind: type[Logged], panel: str, *, last: int = -1) -> list[Logged]:
        rows = self._read(
            "SELECT body FROM log WHERE panel = ? AND kind = ? ORDER BY number DESC LIMIT ?",
            panel,
            kind.__name__,
            last,
        )
        return [decode(kind, body) for (body,) in reversed(rows)]

    def _read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()
