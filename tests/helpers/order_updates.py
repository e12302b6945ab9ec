"""Apply what a provider says of its orders."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from orders.models import Order
from orders.polling.order_updates import Applied, apply_statuses, read_rows
from providers.client.types import RowError, StatusRow
from providers.models import Provider
from tests.helpers.makers import make_order

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def pending_order(provider: Provider, **fields: Any) -> Order:
    plain: dict[str, Any] = {"external_id": uuid.uuid4().hex, "status": "pending", "currency": "EUR"}
    return make_order(**({"provider": provider} | plain | fields))


def apply(*pairs: tuple[Order, StatusRow | RowError | None], **how: Any) -> Applied:
    """Apply an answer to each order; ``None`` is no answer."""
    orders = [order for order, _answer in pairs]
    rows = read_rows(Order.objects.filter(pk__in=[order.pk for order in orders]).order_by("pk"))
    answers = {str(order.external_id): answer for order, answer in pairs if answer is not None}
    applied = apply_statuses(orders[0].provider, rows, answers, **({"now": NOW} | how))
    for order in orders:
        order.refresh_from_db()
    return applied


def says(status: str, word: str = "", **figures: Any) -> StatusRow:
    return StatusRow(status=status, word=word or status, **figures)


def history(order: Order) -> list[tuple[str, str, str, str]]:
    return list(order.events.values_list("kind", "before", "after", "words"))
