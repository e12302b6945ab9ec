"""The hub's own tasks: proof that tasks run, and tidying up."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from panelhub.models import Heartbeat, JobRun

TASKS_BEAT: Final = "tasks"
GONE_AFTER: Final = timedelta(days=1)


@shared_task
def beat_heartbeat() -> None:
    """Show that what the schedule sends is taken and run."""
    Heartbeat.beat(TASKS_BEAT)


@shared_task
def tidy() -> None:
    """Remove what nobody needs any more: old runs, ended sessions, signs of workers long gone."""
    now = timezone.now()
    JobRun.objects.filter(expires_at__lt=now).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    Heartbeat.objects.filter(at__lt=now - GONE_AFTER).delete()
