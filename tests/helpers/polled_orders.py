"""Orders at a panel of the sandbox, and what it was requested."""

from __future__ import annotations

from typing import Any

from orders.models import Order
from providers.models import Provider
from providers.sandbox import Panel
from tests.helpers.at_sandbox import calls_of, pick_service, place_directly


def put(provider: Provider, panel: Panel, count: int, **fields: Any) -> list[Order]:
    """Orders that the panel has accepted, as rows that hold no more than the names everybody relies on."""
    ids = place_directly(panel, pick_service(panel), count)
    plain: dict[str, Any] = {"status": "pending"}
    return Order.objects.bulk_create([Order(provider=provider, external_id=one, **(plain | fields)) for one in ids])


def states_of(orders: list[Order]) -> list[str]:
    found = dict(Order.objects.filter(pk__in=[order.pk for order in orders]).values_list("pk", "status"))
    return [found[order.pk] for order in orders]


def asked_for(panel: Panel) -> list[list[str]]:
    """The ids of each status request."""
    return [
        (call.params.get("orders") or call.params.get("order") or "").split(",") for call in calls_of(panel, "status")
    ]
