"""Let time pass for the hub: everything that it has written down lies so much longer back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F

from orders.models import (
    Attempt,
    BalanceCheck,
    Cancellation,
    Chain,
    ChargeDelta,
    LedgerEntry,
    Order,
    ProductOrder,
    Refill,
    Settlement,
    WindowSearch,
)
from providers.models import BalanceReading, Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAID = ("created_at", "placed_at", "claimed_at", "moved_at", "finished_at", "not_before")
MOMENTS: dict[Any, tuple[str, tuple[str, ...]]] = {
    BalanceReading: ("provider", ("at",)),
    Attempt: ("provider", ("started_at", "finished_at", "balance_before_at")),
    BalanceCheck: ("provider", ("made_at", "due_at", "finished_at")),
    Order: ("provider", _PAID),
    ProductOrder: ("provider", _PAID),
    Chain: ("links__provider", ("created_at", "seen_at", "due_at", "let_out_at", "finished_at")),
    Refill: ("order__provider", _PAID),
    Cancellation: ("order__provider", _PAID),
    Provider: ("pk", ("balance_at", "paused_at")),
    ChargeDelta: ("provider", ("at",)),
    LedgerEntry: ("provider", ("at",)),
    Settlement: ("provider", ("at", "finished_at", "not_before")),
    WindowSearch: ("order__provider", ("at", "finished_at")),
}


def pass_time(minutes: float, providers: Sequence[Provider] | None = None) -> None:
    """Make everything ``minutes`` older, of these accounts or of all."""
    past = timedelta(minutes=minutes)
    for model, (path, names) in MOMENTS.items():
        rows = model._default_manager.all()
        if providers is not None:
            rows = rows.filter(**{f"{path}__in": [provider.pk for provider in providers]})
        known = {field.name for field in model._meta.get_fields()}
        rows.update(**{name: F(name) - past for name in names if name in known})
