"""The scheduler: Celery's, kept in memory, with a sign of life in the database."""

from __future__ import annotations

from celery.beat import Scheduler


class HubScheduler(Scheduler):
    """Fires every entry once when it starts, then at its interval."""
