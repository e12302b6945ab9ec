"""`manage.py doctor`: check a deployment; exit status 1 when something must be changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from panelhub.monitoring.doctor import diagnose
from panelhub.monitoring.doctor_checks import register_hub_checks

MARKS = {True: "ok  ", False: "BAD ", None: "note"}


class Command(BaseCommand):
    """Prints what each check found, and ends with how many things must be changed."""

    help = "Checks this deployment: settings, keys, broker, storage, mail, clock, permissions and versions."
    # It runs them itself, and says what they found like all else.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        register_hub_checks()
        faults = 0
        for name, finding in diagnose():
            faults += finding.is_good is False
            self.stdout.write(f"{MARKS[finding.is_good]}  {name + ':':<12} {finding.text}")
        if faults:
            self.stderr.write(f"{faults} of these must be changed." if faults > 1 else "One of these must be changed.")
            raise SystemExit(1)
        self.stdout.write("Nothing must be changed.")
