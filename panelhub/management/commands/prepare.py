"""`manage.py prepare`: what has to be there before a hub with servers of its own starts."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from panelhub.launcher.startup import Startup, take_steps


class Command(BaseCommand):
    """Migrates, and takes the startup steps (roles, the first administrator)."""

    help = "Brings the database up to date and makes what a new hub needs: roles and a first administrator."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=options["verbosity"], interactive=False)
        take_steps(Startup(say=self.stdout.write))
