"""`manage.py prepare`: all that a new or upgraded installation needs before its processes start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from panelhub.launcher.startup import Startup, take_steps


class Command(BaseCommand):
    """Prepares static files and the database, and takes the startup steps. Running it again does no harm."""

    help = "Prepares an installation: static files, database, roles and, at the first time, an administrator."

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity = options["verbosity"]
        # First, so that a web process that is restarted halfway finds its files.
        if not settings.WHITENOISE_USE_FINDERS:
            call_command("collectstatic", verbosity=max(0, verbosity - 1), interactive=False)
            self.stdout.write(f"Static files are in {settings.STATIC_ROOT}.")
        call_command("migrate", verbosity=verbosity, interactive=False)
        take_steps(Startup(say=self.stdout.write, sandbox_origin=settings.PANELHUB_SANDBOX_ORIGIN))
