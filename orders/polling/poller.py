"""Poller: poll a provider for all due rows of a kind, with a few calls at once, and record the progress.

Whoever runs it holds the lease on the provider and the kind, so its threads share the work in memory and the database
only says how far each round has come. A poller that is killed is followed by the next one from there.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.utils import timezone

from orders.models import PollRound
from orders.polling import rounds
from orders.polling.batches import SINGLES_AT_ONCE, BatchRequest
from orders.polling.poll_run import PollRun, ask_batch, save_answers
from panelhub.background.pool import help_with, timed_call
from providers.calls.rate_limit import places_for
from providers.calls.services import calls_in_a_row
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

SINGLY_FOR: Final = timedelta(days=1)
NOTED_EVERY: Final = 1.0
"""Seconds between two saves of a round's progress: what was polled since the last one is repeated after a kill."""
STRETCH: Final = 10
"""Batches that one thread requests before it saves their answers together, within ``KEPT_SECONDS``."""
WORTH_HELP: Final = 2
"""Batches that wait, from which on more threads are worth it."""


@dataclass(eq=False, slots=True)
class _Batch:
    round: _Round
    rows: Sequence[tuple[Any, ...]]
    is_done: bool = False
    has_failed: bool = False
    changed: int = 0
    missing: int = 0


@dataclass(eq=False, slots=True)
class _Round:
    """Track the progress of one poll round: the last key that was read, and the batches that are not saved yet."""

    poll_round: PollRound
    last_read: int
    singly: bool
    out: deque[_Batch] = field(default_factory=deque)
    is_read: bool = False
    noted_at: float = field(default_factory=time.monotonic)


class Poller:
    """Run the due poll rounds of one kind at one provider."""

    def __init__(self, run: PollRun) -> None:
        self._run = run
        self._provider = Provider.objects.get(pk=run.provider.pk)
        self._rounds: dict[int, _Round] = {}
        self._ready: deque[_Batch] = deque()
        self._asking = 0
        self._is_closed = False
        self._lock = threading.Condition()
        self._has_help = False
        self._threads = 1
        self._has_ended = False

    def poll(self) -> None:
        """Poll until nothing is due or the run is over.

        Inside a test's transaction other threads would see none of its rows: there it is this thread alone.
        """
        alone = connection.in_atomic_block
        self._threads = 1 if alone else self._most_helpers + 1
        helpers: list[Future[None]] = []
        with ThreadPoolExecutor(max_workers=self._most_helpers, thread_name_prefix=self._run.tracked.slug) as pool:
            try:
                while batches := self._take():
                    if not (alone or self._has_help) and len(self._ready) >= WORTH_HELP:
                        helpers = self._call_help(pool)
                    self._ask(batches)
            finally:
                self._close()
        for helper in helpers:
            helper.result()

    @property
    def _most_helpers(self) -> int:
        return places_for(self._provider.rate_limit) - 1

    def _call_help(self, pool: ThreadPoolExecutor) -> list[Future[None]]:
        self._has_help = True
        if help_with(f"{self._run.tracked.job} helper", self._help, most=self._most_helpers):
            return []
        return [pool.submit(copy_context().run, self._help) for _ in range(self._most_helpers)]

    def _help(self) -> None:
        try:
            while batches := self._take():
                self._ask(batches)
        except BaseException as error:
            self._run.fail(error, stop=True)
            raise
        finally:
            connection.close()

    def _close(self) -> None:
        """Wait for the helpers' open requests, and save the progress of the rounds."""
        # It waits for calls of its own provider, which may hang: not at the expense of others.
        with timed_call(), self._lock:
            self._is_closed = True
            self._lock.wait_for(lambda: not self._asking)
        for one in list(self._rounds.values()):
            self._note(one)
            if one.out and self._run.stopped:
                again = self._run.synced.again_in
                rounds.put_off(one.poll_round, rounds.RETRY_AFTER if again is None else timedelta(seconds=again))
        if self._has_ended:
            self._run.tracked.after_round(self._provider.pk)

    # --- Batches ------------------------------------------------------------------------------------------------------

    def _take(self) -> list[_Batch]:
        """Return the next batches of one round: this thread's share of those that are ready; none at the end."""
        with self._lock:
            if self._is_closed or self._run.is_over():
                return []
            if not self._ready:
                self._read_on()
            if not self._ready:
                return []
            share = min(STRETCH, max(1, len(self._ready) // self._threads))
            batches = [self._ready.popleft()]
            if batches[0].round.singly and len(batches[0].rows) > SINGLES_AT_ONCE:
                batches = [self._split(batches[0])]
            elif not batches[0].round.singly:
                while len(batches) < share and self._ready and self._ready[0].round is batches[0].round:
                    batches.append(self._ready.popleft())
            self._asking += 1
            return batches

    def _split(self, batch: _Batch) -> _Batch:
        parts = self._cut(batch.round, batch.rows, SINGLES_AT_ONCE)
        place = batch.round.out.index(batch)
        del batch.round.out[place]
        for number, part in enumerate(parts):
            batch.round.out.insert(place + number, part)
        self._ready.extendleft(reversed(parts[1:]))
        return parts[0]

    def _cut(self, one: _Round, rows: Sequence[tuple[Any, ...]], size: int) -> list[_Batch]:
        return [_Batch(one, rows[at : at + size]) for at in range(0, len(rows), size)]

    def _ask(self, batches: list[_Batch]) -> None:
        asked: list[_Batch] = []
        try:
            self._ask_provider(batches, asked)
        finally:
            with self._lock:
                self._asking -= 1
                self._ready.extendleft(reversed(batches[len(asked) :]))
                for batch in asked:
                    self._note_batch(batch)
                self._lock.notify_all()

    def _ask_provider(self, batches: list[_Batch], asked: list[_Batch]) -> None:
        """Request batches of one round, and save their answers together; those that were requested go to ``asked``."""
        one, run = batches[0].round, self._run
        done: list[_Batch] = []
        with calls_in_a_row(self._provider) as stretch:
            batch_request = BatchRequest(
                self._provider, run.tracked.question, run.priority, singly=one.singly, stretch=stretch
            )
            for batch in batches:
                asked.append(batch)
                if ask_batch(run, batch_request, batch.rows):
                    # A batch that was cut short by a stop is requested again, from its beginning.
                    is_whole = not run.stopped or batch_request.unasked.isdisjoint(row[1] for row in batch.rows)
                    done += [batch] * is_whole
                else:
                    batch.has_failed = run.synced.again_in is None
                if batch not in done or batch_request.singly != one.singly or run.is_over() or stretch.place.is_over():
                    break
        applied = save_answers(run, batch_request, [row for batch in asked for row in batch.rows])
        asked[0].changed, asked[0].missing = applied.changed, applied.missing
        for batch in done:
            batch.is_done = True
        if batch_request.singly and not one.singly:
            one.singly = True
            PollRound.objects.filter(provider_id=self._provider.pk, kind=run.tracked.slug).update(
                singly_until=timezone.now() + SINGLY_FOR
            )

    # --- Rounds, under the lock ---------------------------------------------------------------------------------------

    def _read_on(self) -> None:
        """Read a stretch of each round that is on, so that no tier waits for another one's end."""
        for poll_round in rounds.due_rounds(self._provider.pk, self._run.tracked.slug):
            one = self._rounds.get(poll_round.pk)
            if one is None or poll_round.started_at is None or one.poll_round.round != poll_round.round:
                if poll_round.started_at is None and not rounds.begin_round(poll_round, only_if_due=True):
                    continue
                one = self._rounds[poll_round.pk] = _Round(
                    poll_round, poll_round.cursor, self._is_asked_singly(poll_round)
                )
            if not one.is_read:
                self._read_stretch(one)

    def _read_stretch(self, one: _Round) -> None:
        tracked = self._run.tracked
        batch_request = BatchRequest(self._provider, tracked.question, self._run.priority, singly=one.singly)
        pace = tracked.paces.get(one.poll_round.tier) or max(tracked.paces.values(), key=lambda pace: pace.batches)
        rows = tracked.rows(self._provider.pk, one.poll_round.tier).filter(pk__gt=one.last_read).order_by("pk")
        found = tracked.read(rows[: pace.batches * batch_request.batch])
        if found:
            one.last_read = found[-1][0]
            batches = self._cut(one, found, batch_request.batch)
            one.out.extend(batches)
            self._ready.extend(batches)
            return
        one.is_read = True
        self._note(one)

    def _is_asked_singly(self, poll_round: PollRound) -> bool:
        can_batch = self._provider.speaks.can(self._run.tracked.question.many)
        return not can_batch or (poll_round.singly_until is not None and poll_round.singly_until > timezone.now())

    def _note_batch(self, batch: _Batch) -> None:
        one = batch.round
        if batch.is_done:
            # The provider answers, so what failed before did so for what is in it: it waits for the next round.
            for other in one.out:
                other.is_done = other.is_done or other.has_failed
        if time.monotonic() - one.noted_at >= NOTED_EVERY or (one.is_read and all(other.is_done for other in one.out)):
            self._note(one)

    def _note(self, one: _Round) -> None:
        """Move the cursor past the batches in front that are done; ends the round when that were all."""
        if one.is_read and not self._run.stopped and all(batch.is_done or batch.has_failed for batch in one.out):
            for batch in one.out:
                batch.is_done = True
        asked = changed = missing = 0
        cursor = None
        while one.out and one.out[0].is_done:
            batch = one.out.popleft()
            cursor = batch.rows[-1][0]
            asked, changed, missing = asked + len(batch.rows), changed + batch.changed, missing + batch.missing
        one.noted_at = time.monotonic()
        if cursor is not None:
            rounds.advance(one.poll_round, cursor, asked=asked, changed=changed, missing=missing)
        if one.is_read and not one.out:
            self._end(one)

    def _end(self, one: _Round) -> None:
        tracked, poll_round = self._run.tracked, one.poll_round
        pace = tracked.paces.get(poll_round.tier)
        self._rounds.pop(poll_round.pk, None)
        if not rounds.finish_round(poll_round, pace.interval if pace else timedelta(0)):
            return
        if pace is None:
            rounds.all_were_polled(poll_round, {tier: pace.interval for tier, pace in tracked.paces.items()})
        self._has_ended = True
