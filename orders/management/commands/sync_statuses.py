"""Poll the providers for the states of all open orders."""

from __future__ import annotations

from typing import Any

from orders.polling.command import TrackingCommand
from orders.polling.subjects import ORDERS


class Command(TrackingCommand):
    """`manage.py sync_statuses`: all open orders now, whatever is due."""

    help = "Ask every provider where its open orders stand."

    def handle(self, *args: Any, **options: Any) -> None:
        """Poll, then print figures and failures."""
        figures, failures, providers = self.ask_all(ORDERS)
        self.conclude(figures, failures, of=providers)
