"""Poll runs: the state that the threads polling one provider share, and the requests of batches."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from panelhub.background.pool import is_shared, is_wanted
from panelhub.background.worker import is_stopping
from panelhub.encryption.vault import SecretUnreadable
from panelhub.redaction import scrub
from providers.accounts.connection_test import explain
from providers.calls import circuit_breaker
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.client.errors import ProviderError, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orders.polling.batches import BatchRequest
    from orders.polling.order_updates import Applied
    from orders.polling.subjects import Tracked
    from providers.models import Provider

FAILURES_TO_STOP: Final = 3


@dataclass(slots=True)
class Synced:
    """Count what a sync did: rows polled, changed, without an answer; calls made; why it failed, if it did.

    ``again_in`` are the seconds until the budget allows the rest.
    """

    asked: int = 0
    changed: int = 0
    missing: int = 0
    calls: int = 0
    failure: str = ""
    again_in: float | None = None


@dataclass(slots=True)
class PollRun:
    """Hold the state that the threads polling one provider share."""

    tracked: Tracked
    provider: Provider
    priority: CallPriority = CallPriority.POLL
    ends: float | None = None
    synced: Synced = field(default_factory=Synced)
    stopped: bool = False
    failures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_over(self) -> bool:
        """Return whether polling should end: the run was stopped, or its time is up."""
        if self.stopped or is_stopping():
            return True
        return self.ends is not None and (time.monotonic() >= self.ends or is_wanted())

    def note(self, **figures: int) -> None:
        """Add to the figures of :class:`Synced`, by name."""
        with self.lock:
            for name, figure in figures.items():
                setattr(self.synced, name, getattr(self.synced, name) + figure)

    def fail(self, error: BaseException, *, stop: bool) -> None:
        """Count a failure; the run stops with ``stop``, or after three in a row."""
        with self.lock:
            self.failures += 1
            self.synced.failure = scrub(explain(error))
            self.stopped = self.stopped or stop or self.failures >= FAILURES_TO_STOP

    def wait_for_budget(self, error: BudgetExhausted) -> None:
        """Stop; in a shared thread that is no failure, since the rest is polled as soon as the budget allows it."""
        if not is_shared():
            self.fail(error, stop=True)
            return
        with self.lock:
            self.stopped = True
            self.synced.again_in = error.seconds

    def succeed(self) -> None:
        """Forget the failures in a row."""
        self.failures = 0


def ask_batch(run: PollRun, batch_request: BatchRequest, rows: Sequence[tuple[Any, ...]]) -> bool:
    """Request one batch; returns whether the provider could be reached.

    The answers wait in ``batch_request`` until they are saved, those that arrived before a failure included.
    """
    ids = [row[1] for row in rows]
    calls = batch_request.calls
    try:
        batch_request.ask(ids)
    except Unknown as unknown:
        run.fail(unknown, stop=circuit_breaker.is_broken(batch_request.provider, timezone.now()))
    except BudgetExhausted as error:
        run.wait_for_budget(error)
    except (ProviderError, SecretUnreadable) as error:
        run.fail(error, stop=True)
    else:
        run.succeed()
        return True
    finally:
        run.note(calls=batch_request.calls - calls)
    batch_request.unasked |= set(ids) - batch_request.answers.keys()
    return False


def save_answers(run: PollRun, batch_request: BatchRequest, rows: Sequence[tuple[Any, ...]]) -> Applied:
    """Save the answers about ``rows``, of one batch or of several, together."""
    applied = run.tracked.apply(
        batch_request.provider,
        rows,
        batch_request.answers,
        now=timezone.now(),
        unasked=batch_request.unasked,
        poison=batch_request.poison,
    )
    asked = len(rows) - len(batch_request.unasked)
    run.note(asked=asked, changed=applied.changed, missing=applied.missing)
    return applied
