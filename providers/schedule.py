"""What providers does by itself, and how often."""

from __future__ import annotations

from typing import Final

from panelhub.schedule import Tick

SCHEDULE: Final = (
    Tick("providers.tasks.sync_services_due", every=60),
    Tick("providers.tasks.sync_balances_due", every=60),
    Tick("providers.tasks.sync_products_due", every=60),
    Tick("providers.tasks.tidy_records", every=3600),
)
