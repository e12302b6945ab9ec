"""How often the background asks each provider for what does not concern an order: the figures in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

SERVICES: Final = timedelta(minutes=30)
PRODUCTS: Final = timedelta(minutes=10)
BALANCES: Final = timedelta(minutes=5)

AFTER_A_FAILURE: Final = timedelta(minutes=5)
"""Wait before a list that could not be read is requested again."""
PAUSED_PROBES: Final = {
    # Some panels block an address after ten refused keys in a quarter of an hour.
    "bad_key": timedelta(minutes=5),
    "account_off": timedelta(minutes=5),
    "no_funds": timedelta(minutes=1),
    "maintenance": timedelta(minutes=1),
}
"""Between two looks at whether a paused account answers again, by the kind of pause."""
