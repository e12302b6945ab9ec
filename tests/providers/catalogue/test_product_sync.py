"""Product sync: what a shop lists, goes and comes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers.catalogue.product_sync import sync_products
from providers.client.errors import Unknown
from providers.models import Product, Provider
from tests.providers.panels import PlainPanel

pytestmark = pytest.mark.django_db


def product(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "product": number,
        "name": f"Netflix {number}",
        "require": "Email to upgrade",
        "rate": 2.5,
        "min": 1,
        "max": 10,
        "category": "Netflix",
        "status": "In stock",
        "inventory": 7,
        "type": "Auto",
    } | fields


@pytest.fixture
def shop(panel: PlainPanel) -> Provider:
    panel.answers["products"] = [product(number) for number in (1, 2, 3)]
    return panel.make_provider(dialect="smmvna")


def test_products_are_taken_over(panel: PlainPanel, shop: Provider) -> None:
    assert sync_products(shop) == {"listed": 3, "new": 3}
    first = Product.objects.get(external_id="1")
    assert (first.name, first.require, first.rate, first.in_stock) == (
        "Netflix 1",
        "Email to upgrade",
        Decimal("2.5"),
        True,
    )
    assert (first.min_quantity, first.max_quantity, first.inventory, first.type) == (1, 10, 7, "auto")
    assert first.search_text == "1 netflix 1 netflix"
    shop.refresh_from_db()
    assert shop.products_at
    assert sync_products(shop) == {"listed": 3}


def test_changes_are_taken_over(panel: PlainPanel, shop: Provider) -> None:
    sync_products(shop)
    panel.answers["products"] = [
        product(1, status="Out of stock", inventory=0),
        product(2, rate=3, name="Spotify 2"),
        {key: value for key, value in product(3).items() if key != "inventory"},
    ]
    assert sync_products(shop) == {"listed": 3, "changed": 3}
    one, two, three = Product.objects.order_by("external_id")
    assert (one.in_stock, one.inventory) == (False, 0)
    assert (two.rate, two.search_text) == (Decimal(3), "2 spotify 2 netflix")
    assert three.inventory is None


def test_a_product_closes_at_the_second_list_without_it_and_can_come_back(panel: PlainPanel, shop: Provider) -> None:
    sync_products(shop)
    panel.answers["products"] = [product(1), product(2)]
    assert sync_products(shop) == {"listed": 2, "missing": 1}
    assert sync_products(shop) == {"listed": 2, "closed": 1}
    assert not Product.objects.get(external_id="3").is_available
    assert sync_products(shop) == {"listed": 2}
    panel.answers["products"] = [product(1), product(2), product(3)]
    assert sync_products(shop) == {"listed": 3, "changed": 1, "returned": 1}


def test_a_list_that_cannot_be_read_closes_nothing(panel: PlainPanel, shop: Provider) -> None:
    sync_products(shop)
    panel.answers["products"] = {"nothing": "here"}
    for _ in range(3):
        with pytest.raises(Unknown):
            sync_products(shop)
    assert Product.objects.filter(is_available=True, missing_syncs=0).count() == 3


def test_rows_that_cannot_be_used_are_left_out(panel: PlainPanel, shop: Provider) -> None:
    panel.answers["products"] = [product(1), product(2, rate="1e30"), product(0), product(4, rate=None)]
    assert sync_products(shop) == {"listed": 2, "new": 1, "skipped": 1}


def test_a_panel_without_a_shop_is_not_called(panel: PlainPanel) -> None:
    assert sync_products(panel.make_provider(dialect="servsmm")) == {}
    assert not panel.calls
