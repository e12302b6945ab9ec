"""`manage.py restore FILE`: put a backup of the embedded database back, while the hub does not run."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from panelhub.launcher.backups import BackupRefused, put_back
from panelhub.launcher.plan import CannotRun, hold_folder


class Command(BaseCommand):
    """Puts a backup back."""

    help = "Put FILE back as the embedded database. What waited in it to be sent is held for a person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            hold_folder(settings.PANELHUB_VAR)
            aside = put_back(options["file"], now=timezone.now())
        except (CannotRun, BackupRefused) as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        call_command("hold_restored", stdout=self.stdout)
        self.stdout.write(f"Restored. The previous data was saved as {aside}.")
