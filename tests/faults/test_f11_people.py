"""F11 and F12: one form posted many times at once, and two people at once on one link."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from orders.models import Order
from orders.placement.services import DuplicateLink, create_order
from providers.models import Service
from tests.faults.conftest import side_by_side
from tests.faults.sizes import size
from tests.helpers.makers import make_person, make_service

pytestmark = pytest.mark.django_db(transaction=True)
CLICKS = 50
HANDS = 10


def order(service: Service, person: User, link: str, **more: Any) -> Order:
    return create_order(user=person, service=service, fields={"link": link, "quantity": "100"}, **more)


def test_f11_a_form_posted_fifty_times_at_once_is_one_order(person: User) -> None:
    service, forms = make_service(), size(100, sample=3)
    for number in range(forms):
        token = uuid.uuid4()
        made: set[int] = set()

        def click(number: int = number, token: uuid.UUID = token, made: set[int] = made) -> None:
            for _ in range(CLICKS // HANDS):
                made.add(order(service, person, f"https://e.example/{number}", form_token=token).pk)

        side_by_side(*[click] * HANDS)
        assert len(made) == 1
    assert Order.objects.count() == forms


@pytest.mark.parametrize(("confirmed", "orders"), [(False, 1), (True, 2)])
def test_f12_two_people_on_one_link_at_once(person: User, confirmed: bool, orders: int) -> None:
    service, other = make_service(), make_person()
    refused = []
    for number in range(rounds := size(50, sample=8)):

        def click(who: User, link: str = f"https://e.example/{number}") -> None:
            try:
                order(service, who, link, confirm_duplicate=confirmed, form_token=uuid.uuid4())
            except DuplicateLink as why:
                refused.append(why.order.link if why.order else "")

        side_by_side(lambda: click(person), lambda: click(other))
    assert Order.objects.count() == rounds * orders
    assert len(refused) == rounds * (2 - orders)
