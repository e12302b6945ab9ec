"""The list of orders: press a button of the bar below it, and read the states after it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from orders.models import Order


def bulk(client: Any, action: str, *orders: Order, **fields: Any) -> Any:
    ids = [str(order.pk) for order in orders]
    return client.post(reverse("orders:bulk"), {"action": action, "ids": ids, **fields}, follow=True)


def states_of(*orders: Order) -> list[str]:
    return [Order.objects.get(pk=order.pk).status for order in orders]
