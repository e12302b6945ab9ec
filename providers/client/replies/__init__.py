"""Which reader reads the reply to which action, and where in such a reply an id would stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from providers.client.replies.aftercare import (
    CANCEL_IDS,
    REFILL_IDS,
    read_cancels,
    read_refill,
    read_refill_status,
    read_refill_statuses,
    read_refills,
)
from providers.client.replies.catalogue import read_products, read_services
from providers.client.replies.envelope import Reply
from providers.client.replies.orders import (
    ORDER_IDS,
    read_balance,
    read_placed,
    read_product_result,
    read_product_status,
    read_product_statuses,
    read_status,
    read_statuses,
)
from providers.dialects import Action

Reader = Callable[[Reply], Any]

READERS: Final[Mapping[Action, Reader]] = {
    Action.services: read_services,
    Action.add: read_placed,
    Action.status: read_status,
    Action.multi_status: read_statuses,
    Action.refill: read_refill,
    Action.multi_refill: read_refills,
    Action.refill_status: read_refill_status,
    Action.multi_refill_status: read_refill_statuses,
    Action.cancel: read_cancels,
    Action.balance: read_balance,
    Action.products: read_products,
    Action.add_product_order: read_placed,
    Action.product_order_status: read_product_status,
    Action.multi_product_order_status: read_product_statuses,
    Action.result_product: read_product_result,
}

NEW_IDS: Final[Mapping[Action, tuple[str, ...]]] = {
    Action.add: ORDER_IDS,
    Action.add_product_order: ORDER_IDS,
    Action.refill: REFILL_IDS,
    Action.multi_refill: REFILL_IDS,
    Action.cancel: CANCEL_IDS,
}
"""The names under which a paid call's new id comes: what stands there beside an error says that it may have worked."""
