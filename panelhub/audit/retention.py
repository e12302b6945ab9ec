"""Removing old events of the audit record: the one way there is, and itself recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from panelhub.audit.services import record
from panelhub.models import AuditEvent

YOUNGEST_REMOVED: Final = timedelta(days=365)
"""On PostgreSQL the table itself refuses to lose an event that is younger."""
REMOVED: Final = "audit.removed"


class TooYoung(ValueError):
    """Events of the last year are kept, whoever asks."""


def remove_old_events(before: datetime, *, by: Any = None, most: int | None = None) -> int:
    """Remove events from before a moment that is at least a year ago, the oldest ``most``; return how many.

    The removal is an event itself, written in the same transaction, and stays. The flag that lets the database
    give the rows up ends with that transaction.
    """
    if before > timezone.now() - YOUNGEST_REMOVED:
        raise TooYoung("Events of the last 365 days cannot be removed.")
    with transaction.atomic():
        old = AuditEvent.objects.filter(at__lt=before).exclude(action=REMOVED).order_by("at", "id")
        keys = list(old.values_list("pk", flat=True)[:most])
        if not keys:
            return 0
        record(by, REMOVED, "audit", f"{len(keys)} events from before {before:%Y-%m-%d %H:%M}", count=len(keys))
        _allow_removal(before.isoformat())
        # The queryset refuses to delete on purpose; nothing refers to these rows.
        rows = AuditEvent.objects.filter(pk__in=keys)
        rows._raw_delete(using=rows.db)
        _allow_removal("")
    return len(keys)


def _allow_removal(before: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('panelhub.audit_retention', %s, true)", [before])
