"""`remove_old_audit_events DAYS`: removes events of the audit record that are older; 365 days at least."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from panelhub.audit.retention import YOUNGEST_REMOVED, remove_old_events


class Command(BaseCommand):
    """Remove old events; the removal is in the record."""

    help = "Remove events of the audit record that are older than so many days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("days", type=int)

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if days < YOUNGEST_REMOVED.days:
            raise CommandError(f"At least {YOUNGEST_REMOVED.days} days are kept.")
        count = remove_old_events(timezone.now() - timedelta(days=days))
        self.stdout.write(f"{count} events removed")
