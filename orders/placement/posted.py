"""What an order form posts besides its fields (keys, its token, the price that was shown), and the pause after it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from orders.models import HubRules
from providers.catalogue.seen_prices import rate_of_mark


def read_key(text: str) -> int | None:
    """Return a row's key as an address or a form carries it; ``None`` for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def read_token(typed: Mapping[str, Any]) -> uuid.UUID | None:
    """Return the token that makes a form, however often it is posted, one order."""
    try:
        return uuid.UUID(str(typed.get("form_token", "")))
    except ValueError:
        return None


def has_another_price(rate: Decimal, typed: Mapping[str, Any], user: Any) -> bool:
    """Return whether the price moved between the last look and this click.

    A form without a price was never shown one.
    """
    return bool(typed.get("seen_rate")) and rate_seen(typed, user) != rate


def rate_seen(typed: Mapping[str, Any], user: Any) -> Decimal | None:
    """Return the rate that a form says was shown: by its sealed mark, and for people who see costs as a plain number
    too.

    From others a plain number counts as another price, so that no one guesses prices with it.
    """
    seen = str(typed.get("seen_rate", ""))
    if (sealed := rate_of_mark(seen)) is not None:
        return sealed
    if not user.has_perm("orders.view_cost"):
        return None
    try:
        plain = Decimal(seen)
    except InvalidOperation:
        return None
    return plain if plain.is_finite() else None


def undo_until() -> datetime | None:
    """Return until when what is ordered now can be withdrawn; ``None`` when it goes out at once."""
    seconds = HubRules.load().undo_seconds
    return timezone.now() + timedelta(seconds=seconds) if seconds else None
