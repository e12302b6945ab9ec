"""Poll the providers for the states of all open refills."""

from __future__ import annotations

from typing import Any

from orders.polling.command import TrackingCommand
from orders.polling.subjects import REFILLS


class Command(TrackingCommand):
    """`manage.py sync_refills`: all open refills now, whatever is due."""

    help = "Ask every provider where its open refills stand."

    def handle(self, *args: Any, **options: Any) -> None:
        """Poll, then print figures and failures."""
        figures, failures, providers = self.ask_all(REFILLS)
        self.conclude(figures, failures, of=providers)
