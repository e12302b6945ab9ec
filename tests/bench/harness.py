"""Measuring: floor and ours in turn, medians of ratios, statements and writes counted, one line a result."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

ROUNDS: Final = 5


@dataclass(slots=True)
class Row:
    """One line of the table: what was measured, against which floor, and the goal."""

    number: str
    what: str
    goal: str
    floor: str = ""
    ours: str = ""
    ratio: str = ""
    is_met: bool | None = None


@dataclass(slots=True)
class Timing:
    """Seconds of wall clock and of this process's CPU."""

    wall: float
    cpu: float


@dataclass(slots=True)
class Comparison:
    """Rounds of floor and ours, each pair measured one after the other."""

    floors: list[Timing] = field(default_factory=list)
    ours: list[Timing] = field(default_factory=list)

    def ratio(self, of: str) -> float:
        """Return the median of the rounds' ratios, of ``wall`` or ``cpu``."""
        pairs = zip(self.floors, self.ours, strict=True)
        return float(statistics.median(getattr(own, of) / getattr(floor, of) for floor, own in pairs))

    def median(self, which: str, of: str) -> float:
        """Return the median of the rounds' times: ``floors`` or ``ours``, ``wall`` or ``cpu``."""
        return float(statistics.median(getattr(timing, of) for timing in getattr(self, which)))


def measure(work: Callable[[], Any]) -> Timing:
    """Time one piece of work, after tidying up what came before."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Timing(time.perf_counter() - wall, time.process_time() - cpu)


def compare(
    floor: Callable[[int], Any],
    ours: Callable[[int], Any],
    *,
    rounds: int = ROUNDS,
    before: Callable[[], Any] | None = None,
) -> Comparison:
    """Run floor and ours in turn, each given the number of its run, after one unmeasured pair."""
    comparison = Comparison()
    number = 0
    for round_ in range(rounds + 1):
        timings = []
        for work in (floor, ours):
            number += 1
            if before is not None:
                before()
            timings.append(measure(lambda work=work, number=number: work(number)))  # type: ignore[misc]
        if round_:
            comparison.floors.append(timings[0])
            comparison.ours.append(timings[1])
    return comparison


@dataclass(slots=True)
class Counted:
    """Statements by their first word."""

    statements: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.statements.values())


@contextmanager
def counting() -> Iterator[Counted]:
    """Count the statements of this thread's connection; beginning and ending transactions are none."""
    from django.db import connection

    counted = Counted()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        word = sql.lstrip().partition(" ")[0].upper()
        if word not in {"SAVEPOINT", "RELEASE", "BEGIN"}:
            counted.statements[word] = counted.statements.get(word, 0) + 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield counted


def written_so_far(table: str) -> tuple[int, int] | None:
    """Return rows written to a table, and bytes of WAL, since the server began; None on SQLite, which keeps no such
    count.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT n_tup_upd + n_tup_ins, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint "
            "FROM pg_stat_user_tables WHERE relname = %s",
            [table],
        )
        rows, wal = cursor.fetchone()
    return int(rows), int(wal)


def changes_so_far() -> int:
    """Return rows that this SQLite connection has written; zero on PostgreSQL."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return 0
    connection.ensure_connection()
    return int(connection.connection.total_changes)
