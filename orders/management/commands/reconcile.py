"""Learn from balances and reported charges what no one entered: top-ups, and what a package's rate means."""

from __future__ import annotations

from typing import Any

from orders.accounting.ledger import learn_from_charges
from panelhub.background.command import JobCommand


class Command(JobCommand):
    """`manage.py reconcile`: every active provider now."""

    help = "Recognise top-ups in balances that rose, and settle what the rate of a package means."

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, then print figures."""
        self.conclude(learn_from_charges(), {}, of=0)
