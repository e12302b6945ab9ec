"""Product orders that were delivered."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from orders.models import ProductOrder
from tests.helpers.makers import (
    make_product_order,
)

LINES = ["one@example.com | a1", "two@example.com | b2"]


def make_delivered(**fields: Any) -> ProductOrder:
    goods = json.dumps({"items": LINES, "earlier": ["old@example.com | z9"]})
    plain: dict[str, Any] = {"status": "completed", "external_id": "900", "goods": goods, "goods_count": 2}
    return make_product_order(**(plain | {"goods_final": True, "goods_at": timezone.now()} | fields))
