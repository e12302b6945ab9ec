"""The page of a product order: read it, press one of its buttons."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from orders.models import ProductOrder
from tests.helpers.pages import text_of


def do(client: Any, step: str, order: ProductOrder, **options: Any) -> Any:
    return client.post(reverse(f"orders:product_{step}", args=[order.pk]), **options)


def page_of(client: Any, order: ProductOrder, **options: Any) -> str:
    response = client.get(reverse("orders:product_detail", args=[order.pk]), **options)
    assert response.status_code == 200
    return text_of(response)
