"""Statuses of orders: what is asked, what is written down, and what is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orders import tracking
from orders.models import Order
from orders.tracked import ORDERS
from tests.helpers.at_sandbox import LONG, join, pick_service, place_directly

if TYPE_CHECKING:
    from providers.models import Provider
    from providers.sandbox import Panel, Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(box: Sandbox) -> Provider:
    return join(box, "smmplus")


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    return panel


def at_panel(provider: Provider, panel: Panel, count: int, **fields: Any) -> list[Order]:
    """Orders that the panel has accepted, as rows that hold no more than names.md asks for."""
    ids = place_directly(panel, pick_service(panel), count)
    return Order.objects.bulk_create(
        [Order(provider=provider, external_id=one, status="pending", **fields) for one in ids]
    )


@pytest.mark.parametrize(("orders", "calls"), [(1, 1), (99, 1), (100, 1), (101, 2), (250, 3), (1000, 10)])
def test_a_hundred_ids_go_into_a_call(provider: Provider, panel: Panel, orders: int, calls: int) -> None:
    at_panel(provider, panel, orders)
    panel.advance(LONG)

    synced = tracking.sync_now(ORDERS, provider)

    assert len(panel.requests) - orders == calls == synced.calls
    assert synced.asked == synced.changed == orders
    assert set(Order.objects.values_list("status", flat=True)) == {"completed"}
