"""Many rejected orders placed again: new orders that name the old ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders.models import Order
from providers.models import Service
from tests.helpers.makers import make_order
from tests.helpers.order_list import bulk, states_of
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db


def test_rejected_orders_are_placed_again_and_name_the_old_ones(as_staff: Any) -> None:
    rejected = [make_order(status="rejected", link=f"https://example.com/again/{n}", quantity=100) for n in (1, 2)]
    others = [make_order(status=status) for status in ("unconfirmed", "queued", "completed", "given_up")]

    page = bulk(as_staff, "again", *rejected, *others).content.decode()

    assert "2 orders placed again." in page
    assert "It wasn’t rejected (Unconfirmed)." in page
    assert states_of(*rejected) == ["rejected", "rejected"]
    made = Order.objects.filter(repeat_of__isnull=False).order_by("repeat_of_id")
    assert [(order.repeat_of_id, order.link, order.quantity, order.status) for order in made] == [
        (order.pk, order.link, order.quantity, "queued") for order in rejected
    ]


def test_pressing_twice_places_them_once(as_staff: Any) -> None:
    rejected = make_order(status="rejected", link="https://example.com/again", quantity=100)

    bulk(as_staff, "again", rejected)
    bulk(as_staff, "again", rejected)

    assert Order.objects.filter(repeat_of=rejected).count() == 1


def test_what_became_more_expensive_is_left_out(as_staff: Any) -> None:
    rejected = make_order(status="rejected", link="https://example.com/again", quantity=100)
    Order.objects.filter(pk=rejected.pk).update(rate=Decimal("0.5"))
    Service.objects.update(rate=Decimal(1))

    page = bulk(as_staff, "again", rejected).content.decode()

    assert "Its price went up" in page
    assert not Order.objects.filter(repeat_of=rejected).exists()


def test_who_may_not_order_may_not_order_again(viewer: Any) -> None:

    rejected = make_order(status="rejected")

    assert bulk(log_in(viewer), "again", rejected).status_code == 403
    assert not Order.objects.filter(repeat_of=rejected).exists()
