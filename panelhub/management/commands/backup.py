"""`manage.py backup [FILE]`: a copy of the embedded database, safe while the hub runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from panelhub.launcher.backups import BackupRefused, make_backup


class Command(BaseCommand):
    """Copies the embedded database."""

    help = "Copy the embedded database to FILE (by default into var/backups/), while the hub runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        name = f"panelhub-{timezone.now():%Y%m%d-%H%M%S}.sqlite3"
        target: Path = options["file"] or settings.PANELHUB_VAR / "backups" / name
        try:
            size = make_backup(target)
        except (BackupRefused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{target}: {size:,} bytes")
        self.stdout.write(
            "Keep PANELHUB_KEYS (or var/panelhub_key) elsewhere: without it the secrets in this copy stay closed."
        )
