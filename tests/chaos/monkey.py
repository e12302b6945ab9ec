"""Kills workers, the broker and the database while the hub is at work, and starts them again."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.chaos.servers import Server
from tests.chaos.workers import Worker

# What is down stays down for a while, so that everybody notices.
DOWN_SECONDS: Final = (0.2, 1.5)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two deaths, on average; zero is never.

    ``asked`` is the share of workers that are asked to end rather than killed, as at every deployment.
    """

    workers: float = 4.0
    broker: float = 7.0
    database: float = 30.0
    asked: float = 0.2


class Monkey:
    """Does its mischief from `start` until `leave_off`; `actions` counts it."""

    def __init__(self, *, workers: Sequence[Worker], broker: Server, database: Server, pace: Pace, seed: int) -> None:
        self.disturbances: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._workers = workers
        self._asked = pace.asked
        self._over = threading.Event()
        plans: list[tuple[float, Callable[[], None]]] = [
            (pace.workers, self._end_a_worker),
            (pace.broker, lambda: self._end_server(broker)),
            (pace.database if database.name != "SQLite" else 0.0, lambda: self._end_server(database)),
        ]
        # Side by side: a database that takes seconds to come back must not keep the workers alive.
        self._threads = [
            threading.Thread(target=self._repeat, args=plan, name="monkey", daemon=True) for plan in plans if plan[0]
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def leave_off(self) -> None:
        """Do no more mischief, and leave everything running."""
        self._over.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        for worker in self._workers:
            worker.revive()

    def _repeat(self, every: float, bulk_action: Callable[[], None]) -> None:
        due = time.monotonic()
        while True:
            due = max(time.monotonic(), due + self._random.uniform(0.5, 1.5) * every)
            if self._over.wait(due - time.monotonic()):
                return
            try:
                bulk_action()
            except Exception as error:
                print(f"The monkey failed: {error}", file=sys.stderr)

    def _end_a_worker(self) -> None:
        for worker in self._workers:
            self.disturbances["workers that ended by themselves"] += worker.revive()
        worker = self._random.choice(self._workers)
        if self._random.random() < self._asked:
            in_time = worker.stop()
            self.disturbances["workers stopped" if in_time else "workers that did not stop in time"] += 1
        else:
            worker.kill()
            self.disturbances["workers killed"] += 1
        worker.start()

    def _end_server(self, server: Server) -> None:
        server.kill()
        self._over.wait(self._random.uniform(*DOWN_SECONDS))
        server.start()
        self.disturbances[f"{server.name} killed"] += 1
