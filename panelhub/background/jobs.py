"""Runs of background jobs: never two of one job for one provider, and a record of each.

with job("sync_services", provider=provider.name) as run:
    if run is None:
        return            # it is running elsewhere
    ...
    run.count(read=120, changed=3)
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import Error, connection, models
from django.db.models.functions import Now
from django.utils import timezone

from panelhub.background.processes import is_surely_gone, name_this_process
from panelhub.models import JobLease, JobRun
from panelhub.redaction import scrub

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
RENEWED_EVERY: Final = timedelta(seconds=15)
FAILURE_LENGTH: Final = 500
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Run:
    """A run in progress: collects its figures and what went wrong."""

    def __init__(self, *, job: str, provider_name: str) -> None:
        self.job = job
        self.provider_name = provider_name
        self.started_at = timezone.now()
        self.counts: Counter[str] = Counter()
        self.failure = ""
        self.is_lost = False

    def count(self, **figures: int) -> None:
        """Add to the figures of this run, by name."""
        self.counts.update(figures)

    def fail(self, reason: object) -> None:
        """Say that this run failed, and why; secrets are struck out. The last word counts."""
        self.failure = scrub(str(reason))[:FAILURE_LENGTH]


@contextmanager
def job(name: str, *, provider: str = "", always_keep: bool = False) -> Iterator[Run | None]:
    """Run the block as job `name` for the provider of that name ("" = for none in particular).

    Yields None when it already runs somewhere: the block must then do nothing. A run is stored as a JobRun when
    it counted or failed at something, or when `always_keep`. An exception is recorded and goes on. Whoever was
    killed while running it holds it no longer than LEASE, and not at all when that was on this machine.
    """
    token = take_lease(name, provider)
    if not token:
        yield None
        return
    run = Run(job=name, provider_name=provider)
    keeper = _LeaseKeeper(run, token)
    keeper.start()
    try:
        yield run
    except BaseException as error:
        run.fail(run.failure or f"{type(error).__name__}: {error}")
        raise
    finally:
        keeper.stop()
        _finish(run, token, always_keep=always_keep)


@contextmanager
def lease(name: str, provider_name: str = "") -> Iterator[bool]:
    """Hold the lease on a job while the block runs, without a record of it; yields whether it was to be had."""
    token = take_lease(name, provider_name)
    if not token:
        yield False
        return
    keeper = _LeaseKeeper(Run(job=name, provider_name=provider_name), token)
    keeper.start()
    try:
        yield True
    finally:
        keeper.stop()
        give_back_lease(name, provider_name, token)


def take_lease(job_name: str, provider_name: str = "", *, lease: timedelta = LEASE) -> str:
    """Take the lease on a job and return its token, or "" when someone else has it."""
    token = uuid.uuid4().hex
    row = JobLease.objects.filter(job=job_name, provider_name=provider_name)
    taken: dict[str, Any] = {"token": token, "holder": name_this_process(), "until": _in(lease)}
    if row.filter(until__lt=Now()).update(**taken):
        return token
    holder = row.values_list("token", "holder").first()
    if holder is None:
        JobLease.objects.bulk_create(
            [JobLease(job=job_name, provider_name=provider_name, until=_LONG_AGO)], ignore_conflicts=True
        )
        return token if row.filter(until__lt=Now()).update(**taken) else ""
    if is_surely_gone(holder[1]) and row.filter(token=holder[0]).update(**taken):
        return token
    return ""


def keep_lease(job_name: str, provider_name: str, token: str, *, lease: timedelta = LEASE) -> bool:
    """Prolong a lease; False when it is no longer ours."""
    row = JobLease.objects.filter(job=job_name, provider_name=provider_name, token=token)
    return bool(row.update(until=_in(lease)))


def give_back_lease(job_name: str, provider_name: str, token: str) -> None:
    """End a lease, if it is still ours."""
    JobLease.objects.filter(job=job_name, provider_name=provider_name, token=token).update(
        token="", holder="", until=_LONG_AGO, finished_at=Now()
    )


def _in(lease: timedelta) -> models.ExpressionWrapper:
    # The database's clock, since it is the one all processes share.
    return models.ExpressionWrapper(Now() + lease, output_field=models.DateTimeField())


def _finish(run: Run, token: str, *, always_keep: bool) -> None:
    if always_keep or run.failure or any(run.counts.values()):
        now = timezone.now()
        JobRun.objects.create(
            job=run.job,
            provider_name=run.provider_name,
            started_at=run.started_at,
            finished_at=now,
            counts=dict(run.counts),
            failure=run.failure,
            expires_at=now + JobRun.KEPT,
        )
    give_back_lease(run.job, run.provider_name, token)


class _LeaseKeeper(threading.Thread):
    """Prolongs the lease while the job runs, however long one of its steps takes."""

    def __init__(self, run: Run, token: str) -> None:
        super().__init__(name=f"lease of {run.job}", daemon=True)
        self._run = run
        self._token = token
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(RENEWED_EVERY.total_seconds()):
            try:
                if not keep_lease(self._run.job, self._run.provider_name, self._token):
                    self._run.is_lost = True
                    logger.warning("The lease of %s %s is lost.", self._run.job, self._run.provider_name)
                    return
            except Error as error:
                logger.warning("Could not prolong the lease of %s: %s", self._run.job, error)
            finally:
                # This thread's own connection; no one else would close it.
                connection.close()

    def stop(self) -> None:
        self._stopped.set()
        self.join()
