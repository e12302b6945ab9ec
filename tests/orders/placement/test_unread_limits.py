"""A limit that cannot be read is not "no limit": it is shown, and ordering asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from orders.models import Order
from orders.placement.validation import OrderInvalid, check_order
from tests.helpers.makers import make_provider, make_service

pytestmark = pytest.mark.django_db
TYPED = {"link": "https://example.com/p/1", "quantity": "5000"}


@pytest.mark.parametrize("limits", [{"max_unread": "<b>lots</b>"}, {"min_unread": "a few"}])
def test_ordering_with_a_limit_that_cannot_be_read_must_be_confirmed(limits: dict[str, str]) -> None:
    service = make_service(make_provider(), min_quantity=None, max_quantity=None, **limits)

    with pytest.raises(OrderInvalid) as refusal:
        check_order(service, TYPED)

    assert "can’t read this service’s limits" in refusal.value.errors["quantity"][0]
    assert check_order(service, {**TYPED, "confirm_limits": "1"}).quantity == 5000


def test_a_limit_that_is_known_still_counts() -> None:
    service = make_service(make_provider(), min_quantity=10, max_quantity=None, max_unread="lots")

    with pytest.raises(OrderInvalid, match="below the minimum"):
        check_order(service, {**TYPED, "quantity": "5", "confirm_limits": "1"})


def test_a_service_without_a_stated_limit_asks_nothing() -> None:
    service = make_service(make_provider(), min_quantity=None, max_quantity=None)

    assert check_order(service, TYPED).quantity == 5000


def test_the_form_and_the_review_ask(as_staff: Any) -> None:
    service = make_service(make_provider(), min_quantity=None, max_quantity=None, max_unread="<b>lots</b>")
    posted = {**TYPED, "service": service.pk, "form_token": "3f0c4c52-64b1-4d0e-9c63-55c9f0a9f3aa"}

    review = as_staff.post(reverse("orders:create"), {**posted, "step": "review"})
    assert 'name="confirm_limits"' in review.content.decode()
    assert "<b>lots" not in review.content.decode()

    refused = as_staff.post(reverse("orders:create"), posted)
    assert refused.status_code == 422
    assert 'name="confirm_limits"' in refused.content.decode()
    assert not Order.objects.exists()

    as_staff.post(reverse("orders:create"), {**posted, "confirm_limits": "1"})
    assert Order.objects.get().quantity == 5000
