"""Orders that an account has placed: by them a new key is told from the key of another account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orders.models import Order

if TYPE_CHECKING:
    from providers.models import Provider

MOST = 3


def newest_order_ids(provider: Provider) -> list[str]:
    """The provider's ids of the newest orders placed with ``provider``; empty when there are none."""
    placed = Order.objects.filter(provider=provider, external_id__isnull=False).order_by("-id")
    return [str(order) for order in placed.values_list("external_id", flat=True)[:MOST]]
