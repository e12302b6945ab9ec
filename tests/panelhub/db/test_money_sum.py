"""Sums of money are exact on both databases."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orders.models import Order
from panelhub.db.aggregates import MoneySum
from tests.helpers.makers import make_service

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("amount", "count", "total"),
    [("0.09", 499, "44.91"), ("0.00012", 1_000, "0.12"), ("100", 3, "300"), ("0.1", 3, "0.3")],
)
def test_many_small_amounts_add_up_to_what_a_person_would_say(amount: str, count: int, total: str) -> None:
    service = make_service()
    Order.objects.bulk_create(
        Order(provider=service.provider, service=service, expected_charge=Decimal(amount)) for _ in range(count)
    )

    found = Order.objects.aggregate(total=MoneySum("expected_charge"))["total"]

    assert found == Decimal(total)
    assert "E" not in str(found)


def test_the_sum_of_nothing_is_nothing() -> None:
    assert Order.objects.aggregate(total=MoneySum("expected_charge"))["total"] is None
