"""The price of what is typed so far."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from orders.models import Order
from tests.helpers.makers import (
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import HTMX, log_in, text_of

pytestmark = pytest.mark.django_db
LINK = "https://a.example/p/1"


class TestQuote:
    def quote(self, client: Any, service: Any, **typed: str) -> str:
        response = client.post(reverse("orders:quote"), {"service": service.pk, **typed}, headers=HTMX)
        assert response.status_code == 200
        return text_of(response)

    def test_it_prices_what_is_typed_so_far(self, as_staff: Any) -> None:
        service = make_service(make_provider(balance=Decimal(5)))

        quote = self.quote(as_staff, service, quantity="2000")

        assert "1.80" in quote
        assert "3.20" in quote

    def test_lines_are_counted(self, as_staff: Any) -> None:
        service = make_service(type="custom_comments", min_quantity=1)

        quote = self.quote(as_staff, service, comments="a\r\n\r\nb\r\nc")

        assert "3 lines" in quote
        assert "0.0027" in quote

    def test_limits_are_shown_while_typing(self, as_staff: Any) -> None:
        assert "below the minimum" in self.quote(as_staff, make_service(), quantity="2")

    @pytest.mark.parametrize("quantity", ["", "x", "-5", "9" * 40, "1e9", "٣٣"])
    def test_half_typed_nonsense_costs_nothing(self, as_staff: Any, quantity: str) -> None:
        assert 'id="quote"' in self.quote(as_staff, make_service(), quantity=quantity)

    def test_who_may_not_see_costs_gets_none(self, as_staff: Any) -> None:
        assert "1.80" in self.quote(as_staff, make_service(), quantity="2000")
        client = log_in(make_person("orders.add_order"))

        assert "1.80" not in self.quote(client, make_service(), quantity="2000")

    def test_it_stores_nothing(self, as_staff: Any) -> None:
        self.quote(as_staff, make_service(), quantity="2000", link=LINK)

        assert not Order.objects.exists()
