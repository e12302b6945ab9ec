"""The search for a service on the order form."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from orders.models import ExchangeRate
from orders.roles import ROLES
from tests.helpers.makers import (
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import HTMX, log_in, text_of

pytestmark = pytest.mark.django_db
NEW = reverse("orders:create")


class TestSearchForAService:
    def test_it_finds_by_every_word_the_cheapest_first(self, as_staff: Any) -> None:
        dear = make_service(name="İnstagram Beğeni Premium", rate=Decimal(3))
        cheap = make_service(name="instagram begeni", rate=Decimal(1))
        make_service(name="TikTok")

        page = text_of(as_staff.get(NEW, {"q": "BEGENI instagram"}, headers=HTMX))

        assert re.findall(r"\?service=(\d+)", page) == [str(cheap.pk), str(dear.pk)]
        assert "<html" not in page

    def test_the_cheapest_is_so_in_the_currency_of_the_hub(self, as_staff: Any) -> None:
        ExchangeRate.objects.create(currency="VND", rate=Decimal("0.00004"))
        hub, dong, unknown = (make_provider(currency=currency) for currency in ("USD", "VND", "TRY"))
        first, last = make_service(dong, rate=Decimal(10_000)), make_service(unknown, rate=Decimal("0.01"))
        third, second = make_service(dong, rate=Decimal(50_000)), make_service(hub, rate=Decimal("0.50"))

        page = text_of(as_staff.get(NEW, headers=HTMX))

        found = [int(key) for key in re.findall(r"\?service=(\d+)", page)]
        assert found == [first.pk, second.pk, third.pk, last.pk]

    def test_who_sees_no_prices_does_not_see_them_by_the_order_of_the_list(self, db: None) -> None:
        person = make_person(*(name for name in ROLES["staff"] if name != "orders.view_cost"))
        last, first = make_service(name="Views", rate=Decimal(1)), make_service(name="Likes", rate=Decimal(3))

        page = text_of(log_in(person).get(NEW, headers=HTMX))

        assert re.findall(r"\?service=(\d+)", page) == [str(first.pk), str(last.pk)]

    def test_what_cannot_be_ordered_is_not_offered(self, as_staff: Any) -> None:
        make_service(is_available=False)
        make_service(hold_reason="price_jump")
        make_service(make_provider(is_active=False))

        assert "?service=" not in text_of(as_staff.get(NEW))
        offered = make_service()
        assert set(re.findall(r"\?service=(\d+)", text_of(as_staff.get(NEW)))) == {str(offered.pk)}
