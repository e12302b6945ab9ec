"""The list of orders finds a link in any spelling, by the name that it shows or by its post's code."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.orders.listing.test_views_list import keys_on, make_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "link"),
    [
        ("AbC1dEfGhI2", "https://www.instagram.com/p/AbC1dEfGhI2/?igshid=A"),
        ("https://instagram.com/reel/AbC1dEfGhI2", "https://www.instagram.com/p/AbC1dEfGhI2/?igshid=A"),
        ("instagram.com/p/AbC1dEfGhI2", "https://www.instagram.com/p/AbC1dEfGhI2/"),
        ("kT9_wQ2-LmA", "https://youtu.be/kT9_wQ2-LmA?si=1"),
        ("7388120045561230098", "https://www.tiktok.com/@salty.kettle/video/7388120045561230098"),
        ("@velvet_anchor", "t.me/Velvet_Anchor"),
        ("https://t.me/velvet_anchor", "@Velvet_Anchor"),
        ("example.org/a?b=1&c=2", "https://www.example.org/a/?c=2&b=1&utm_source=x"),
    ],
)
def test_an_order_is_found(as_staff: Any, asked: str, link: str) -> None:
    order, other = make_order(link=link), make_order(link="https://www.instagram.com/p/Another1234/")

    found = keys_on(as_staff.get(reverse("orders:list"), {"q": asked}))

    assert found == [order.pk]
    assert other.pk


def test_the_page_of_an_order_leads_to_all_orders_for_its_link(as_staff: Any) -> None:
    order = make_order(link="https://example.com/?a=1&b=é")

    page = as_staff.get(reverse("orders:detail", args=[order.pk])).content.decode()

    assert "?q=https%3A%2F%2Fexample.com%2F%3Fa%3D1%26b%3D%C3%A9" in page
