"""The hub's own tasks: proof that tasks run, and tidying up."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from celery import shared_task
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panelhub.background.dispatch import publish
from panelhub.background.job_registry import Job, enter_job
from panelhub.background.jobs import job
from panelhub.background.pool import hand_over
from panelhub.models import TASKS_BEAT, Heartbeat, JobRun
from panelhub.monitoring.retention import remove_expired
from panelhub.security.password_reset import has_mail, send_reset

TIDY: Final = "tidy"
GONE_AFTER: Final = timedelta(days=1)


@shared_task
def beat_heartbeat(name: str = TASKS_BEAT) -> None:
    """Show, under ``name``, that messages are taken from a queue and that the threads for calls take work."""
    hand_over("beat_heartbeat", name, partial(Heartbeat.beat, name), is_click=True)


@shared_task
def tidy() -> None:
    """Remove what no one needs any more: old runs, ended sessions, old heartbeats, rows that were kept long enough."""
    now = timezone.now()
    with job(TIDY) as run:
        if run is None:
            return
        run.count(
            runs=JobRun.objects.filter(expires_at__lt=now).delete()[0],
            sessions=Session.objects.filter(expire_date__lt=now).delete()[0],
            signs=Heartbeat.objects.filter(at__lt=now - GONE_AFTER).delete()[0],
            **remove_expired(),
        )


@shared_task
def send_password_reset(person_pk: int, origin: str) -> None:
    """Send a person the link under which they choose another password."""
    person = User.objects.filter(pk=person_pk, is_active=True).first()
    if person is not None and has_mail():
        send_reset(person, origin=origin)


def enter_jobs() -> None:
    """Enter the hub's own job into the list."""
    about = _("Removes old job runs, ended sessions and expired records.")
    enter_job(Job(TIDY, _("Cleanup"), about, timedelta(hours=1), partial(publish, "panelhub.tasks.tidy")))  # type: ignore[arg-type]
