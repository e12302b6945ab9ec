"""The jobs that a person may look at and start: each app enters its own, the page shows them all.

# in an AppConfig.ready():
enter_job(Job("sync_services", _("Services"), _("Reads every catalogue."), every=SERVICES, run_now=...))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max
from django.utils import timezone

from panelhub.models import JobLease, JobRun


@dataclass(frozen=True, slots=True)
class Job:
    """One job: ``slug`` is its name in JobRun, ``every`` how often it looks, ``run_now`` starts it (it only rings)."""

    slug: str
    label: Any
    about: Any
    every: timedelta
    run_now: Callable[[], None]


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a job for one provider, or for none in particular."""

    provider_name: str
    started_at: datetime
    seconds: float
    counts: dict[str, int]
    failure: str


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as it stands: what runs right now, and the newest run for each provider."""

    job: Job
    running_for: tuple[str, ...]
    runs: tuple[LastRun, ...]
    looked_at: datetime | None


_jobs: Final[dict[str, Job]] = {}


def enter_job(job: Job) -> None:
    """Add a job to the list; the same slug again replaces it."""
    _jobs[job.slug] = job


def all_jobs() -> Iterable[Job]:
    """Return every job, in the order in which they were entered."""
    return _jobs.values()


def find_job(slug: str) -> Job | None:
    """Return one job by its slug."""
    return _jobs.get(slug)


def read_states() -> list[JobState]:
    """Return every job with its newest runs; two statements however many runs are stored."""
    newest = JobRun.objects.order_by().values("job", "provider_name").annotate(newest=Max("pk")).values("newest")
    runs: dict[str, list[LastRun]] = {}
    for run in JobRun.objects.filter(pk__in=newest).order_by("provider_name"):
        last = LastRun(run.provider_name, run.started_at, run.duration.total_seconds(), run.counts, run.failure)
        runs.setdefault(run.job, []).append(last)
    now = timezone.now()
    running: dict[str, list[str]] = {}
    looked: dict[str, datetime] = {}
    for name, provider_name, until, finished_at in JobLease.objects.values_list(
        "job", "provider_name", "until", "finished_at"
    ):
        if until > now:
            running.setdefault(name, []).append(provider_name)
        if finished_at is not None:
            looked[name] = max(finished_at, looked.get(name, finished_at))
    return [
        JobState(job, tuple(sorted(running.get(job.slug, ()))), tuple(runs.get(job.slug, ())), looked.get(job.slug))
        for job in all_jobs()
    ]
