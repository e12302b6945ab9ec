"""Threads for calls to providers, so that a provider that hangs holds up no one but itself.

A task never calls a provider in a thread of Celery's pool: it hands the work over to this pool of the same process and
ends. Celery's threads are left for what is quick: ticks, sweeps, heartbeats, making orders.

The pool starts work as long as fewer than :data:`YOUNG_CALLS` threads are busy with a call that is younger than
:data:`OLD_SECONDS`. An older call does not count any more: another thread takes its place, up to :data:`MOST_THREADS`.
What bounds those are the shares: a provider whose last call took long gets one thread at a time until a call is quick
again, and from :data:`CROWDED` busy threads on no one gets a second one. Of two calls of one provider that are old, the
one that can be repeated gives way, reads before clicks.

What has to wait is not in a thread: its work returns the seconds until it is worth another look, and its due time lies
in a row as well, where the schedule finds it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Final

from django.db import connections

logger = logging.getLogger(__name__)

YOUNG_CALLS: Final = 16
KEPT_FOR_CLICKS: Final = 4
MOST_THREADS: Final = 64
CROWDED: Final = 32
SHARE: Final = 8
OLD_SECONDS: Final = 2.0
SLICE_SECONDS: Final = 1.0

Work = Callable[[], float | None]
"""What is to be done; returns the seconds until it wants to be done again, or None."""


@dataclass(eq=False, slots=True)
class Job:
    """One piece of work for one ``owner`` (a provider's key, as a rule); the same name and owner wait only once."""

    name: Hashable
    owner: Hashable
    work: Work
    is_click: bool = False
    most: int = 1
    context: Context = field(default_factory=copy_context)
    started: float = 0.0
    call_began: float | None = None
    give_up: Callable[[], None] | None = None
    is_paid: bool = False

    @property
    def key(self) -> tuple[Hashable, Hashable]:
        return (self.name, self.owner)

    @property
    def share(self) -> tuple[Hashable, bool]:
        return (self.owner, self.is_click)

    def is_old(self, now: float) -> bool:
        return self.call_began is not None and now - self.call_began > OLD_SECONDS


_shared: Final[ContextVar[bool]] = ContextVar("shared", default=False)
_running: Final[ContextVar[tuple[CallPool, Job] | None]] = ContextVar("running", default=None)


class CallPool:
    """The pool of one process."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._lock = threading.Condition()
        self._waiting: dict[tuple[Hashable, Hashable], Job] = {}
        self._due: dict[tuple[Hashable, Hashable], tuple[float, Job]] = {}
        self._busy: set[Job] = set()
        self._slow: dict[tuple[Hashable, bool], bool] = {}
        self._crowd_waits = False
        self._stopped = False
        self._threads = 0
        threading.Thread(target=self._dispatch, name="calls", daemon=True).start()

    def submit(self, job: Job) -> bool:
        """Do the work of ``job`` as soon as its owner's share allows; False when the pool has been stopped."""
        with self._lock:
            if self._stopped:
                return False
            self._waiting.setdefault(job.key, job)
            self._lock.notify_all()
            return True

    def stop(self, seconds: float) -> bool:
        """Start nothing more and wait for what is being done; False when that takes longer than ``seconds``."""
        with self._lock:
            self._stopped = True
            self._waiting.clear()
            self._due.clear()
            self._lock.notify_all()
            return self._lock.wait_for(lambda: not self._busy, timeout=seconds)

    def is_wanted(self) -> bool:
        """Return whether work waits for nothing but a free thread: whoever has had one for a while should make room."""
        return self._crowd_waits

    def begin_call(self, job: Job, give_up: Callable[[], None] | None, *, is_paid: bool) -> None:
        with self._lock:
            job.call_began, job.give_up, job.is_paid = time.monotonic(), give_up, is_paid
            self._lock.notify_all()

    def end_call(self, job: Job) -> None:
        with self._lock:
            began, job.call_began, job.give_up, job.is_paid = job.call_began, None, None, False
            if began is not None:
                self._slow[job.share] = time.monotonic() - began > OLD_SECONDS
            self._lock.notify_all()

    # --- Inside, under the lock ---------------------------------------------------------------------------------------

    def _dispatch(self) -> None:
        with self._lock:
            while not self._stopped:
                now = time.monotonic()
                for key in [key for key, (at, _) in self._due.items() if at <= now]:
                    self._waiting.setdefault(key, self._due.pop(key)[1])
                while (job := self._take_next(now)) is not None:
                    self._threads += 1
                    name = f"calls-{self._threads}"
                    threading.Thread(target=self._run, args=(job,), name=name, daemon=True).start()
                self._end_second_calls(now)
                self._lock.wait(self._seconds_to_next_look(now))

    def _seconds_to_next_look(self, now: float) -> float | None:
        moments = [at for at, _ in self._due.values()]
        moments += [
            job.call_began + OLD_SECONDS for job in self._busy if job.call_began is not None and not job.is_old(now)
        ]
        return max(0.01, min(moments) - now + 0.005) if moments else None

    def _end_second_calls(self, now: float) -> None:
        """Leave each owner one old call: a paid one, which is never broken off, else a click's, else the oldest."""
        old = [job for job in self._busy if job.is_old(now) and (job.is_paid or job.give_up)]
        old.sort(key=lambda job: (not job.is_paid, not job.is_click, job.call_began))
        seen: set[Hashable] = set()
        for job in old:
            if job.owner in seen and job.give_up is not None:
                job.give_up()
                job.give_up = None
            seen.add(job.owner)

    def _take_next(self, now: float) -> Job | None:
        """Return the job to start now: clicks first, then whose owner has the fewest threads, then the oldest."""
        young = sum(not job.is_old(now) for job in self._busy)
        held = Counter(job.owner for job in self._busy)
        fitting = [job for job in self._waiting.values() if self._fits(job, held[job.owner], now)]
        job = min(fitting, key=lambda job: (not job.is_click, held[job.owner]), default=None)
        room = YOUNG_CALLS - (0 if job is not None and job.is_click else KEPT_FOR_CLICKS)
        self._crowd_waits = job is not None and young >= room
        if job is None or self._crowd_waits or len(self._busy) >= MOST_THREADS:
            return None
        del self._waiting[job.key]
        self._busy.add(job)
        return job

    def _fits(self, job: Job, held: int, now: float) -> bool:
        """Return whether the owner of ``job`` may have one more thread for it."""
        if not held:
            return True
        if held >= SHARE or len(self._busy) >= CROWDED:
            return False
        own = [other for other in self._busy if other.owner == job.owner]
        if sum(other.key == job.key for other in own) >= job.most:
            return False
        # The first call of its kind says what to expect of the next ones: none of them begins before it has ended.
        if job.share not in self._slow and any(other.share == job.share for other in own):
            return False
        # Reads that hang say nothing yet about orders; orders that hang say enough about reads.
        is_slow = self._slow.get(job.share, not job.is_click)
        if any(other.is_old(now) and (is_slow or not job.is_click or other.is_click) for other in own):
            return False
        return not (is_slow and any(self._slow.get(other.share, not other.is_click) for other in own))

    def _run(self, job: Job | None) -> None:
        try:
            while job is not None:
                again = job.context.copy().run(self._do, job)
                with self._lock:
                    self._busy.discard(job)
                    if again is not None and not self._stopped:
                        self._due[job.key] = (time.monotonic() + again, job)
                    job = None if self._stopped else self._take_next(time.monotonic())
                    self._lock.notify_all()
        finally:
            connections.close_all()

    def _do(self, job: Job) -> float | None:
        _shared.set(True)
        _running.set((self, job))
        job.started = time.monotonic()
        try:
            return job.work()
        except BaseException:
            # The thread has other work to do, whatever this one ended with.
            logger.exception("%s failed", job.name)
            return None
        finally:
            self.end_call(job)
            # A database that is away must not leave the job among the busy ones: its owner would never get a thread.
            with suppress(Exception):
                for connection in connections.all(initialized_only=True):
                    connection.close_if_unusable_or_obsolete()


_pools: Final[list[CallPool]] = []


def start_pool() -> None:
    """Give this process a pool; without one, work is done where it is handed over."""
    _pools[:] = [CallPool()]


def stop_pool(seconds: float) -> bool:
    """Let the calls in flight end; False when that takes longer than ``seconds``."""
    return _pools.pop().stop(seconds) if _pools else True


def hand_over(name: Hashable, owner: Hashable, work: Work, *, is_click: bool = False, most: int = 1) -> None:
    """Have ``work`` done for ``owner`` by the pool of this process, at most ``most`` times at once.

    Work of the same name and owner that still waits is not taken a second time: it looks into rows, and one look is
    enough. A process without a pool, such as a forked child, does it at once.
    """
    if _pools and _pools[0].pid == os.getpid():
        _pools[0].submit(Job(name=name, owner=owner, work=work, is_click=is_click, most=most))
    else:
        token = _shared.set(True)
        try:
            work()
        finally:
            _shared.reset(token)


def is_shared() -> bool:
    """Return whether this thread belongs to a pool that others wait for:
    nothing may wait here for more than a second.
    """
    return _shared.get()


def is_wanted() -> bool:
    """Return whether the work that runs here has had its thread for a while and others wait for one."""
    found = _running.get()
    return found is not None and time.monotonic() - found[1].started > SLICE_SECONDS and found[0].is_wanted()


def help_with(name: Hashable, work: Callable[[], None], *, most: int) -> bool:
    """Have up to ``most`` more threads do ``work`` alongside the job that runs here; whether there is a pool to ask."""
    found = _running.get()
    if found is None:
        return False
    pool, job = found
    for number in range(most):
        pool.submit(Job(name=(name, number), owner=job.owner, work=work, is_click=job.is_click))
    return True


@contextmanager
def timed_call(give_up: Callable[[], None] | None = None, *, is_paid: bool = False) -> Iterator[None]:
    """The block is a call to a provider: once it is old, its thread is not counted any more.

    ``give_up`` ends it from another thread, when the provider has an older call out that matters more.
    """
    found = _running.get()
    if found is None:
        yield
        return
    pool, job = found
    pool.begin_call(job, give_up, is_paid=is_paid)
    try:
        yield
    finally:
        pool.end_call(job)
