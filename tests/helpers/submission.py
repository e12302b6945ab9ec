"""Send orders to the sandbox and check them against its ledger."""

from __future__ import annotations

import uuid
from typing import Any

from orders.models import Order
from orders.submission import records, results
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS
from providers.sandbox import Panel


def send(*orders: Order, **how: Any) -> submission_services.Sent:
    sent = submission_services.send_due(orders[0].provider, kinds=[ORDERS], **how)
    for order in orders:
        order.refresh_from_db()
    return sent


def check_conservation(panel: Panel) -> None:
    """Accepted there = placed here + those of the unconfirmed that it accepted; none twice, none denied."""
    ledger = {str(order.id): order.link for order in panel.orders.values() if order.parent is None}
    links = list(ledger.values())
    assert len(links) == len(set(links)), "an order was bought twice"
    placed = Order.objects.filter(external_id__isnull=False)
    assert {order.external_id: order.link for order in placed}.items() <= ledger.items()
    unconfirmed = set(Order.objects.filter(status="unconfirmed").values_list("link", flat=True))
    assert {link for one, link in ledger.items() if not placed.filter(external_id=one).exists()} <= unconfirmed
    denied = Order.objects.filter(status__in=["queued", "rejected", "withdrawn", "held"])
    assert not set(denied.values_list("link", flat=True)) & set(links)
    assert not Order.objects.filter(status="sending").exists()


def record(order: Order, token: uuid.UUID, result: results.Result) -> None:
    records.record(ORDERS, order.provider, token, [order], {order.pk: result}, seconds=1.0)
    order.refresh_from_db()
