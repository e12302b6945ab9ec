"""The negative control: a sender as it is usually written, to show that the checker would notice."""

from __future__ import annotations

from typing import Any, Final

from orders.models import Order
from providers.calls.services import client_for
from providers.client.errors import ProviderError
from providers.models import Provider

TRIES: Final = 3


def send_naively(provider: Provider) -> None:
    """Try again on any error, and call it rejected when that does not help."""
    client = client_for(provider)
    queued: Any = Order.objects.filter(provider=provider, status="queued").select_related("service")
    for order in queued:
        for _try in range(TRIES):
            try:
                placed = client.add(
                    {"service": order.service.external_id, "link": order.link, "quantity": str(order.quantity)}
                )
            except ProviderError:
                continue
            Order.objects.filter(pk=order.pk).update(status="pending", external_id=placed.order)
            break
        else:
            Order.objects.filter(pk=order.pk).update(status="rejected")
