"""Ordering through a route in the browser: price and order of the services, a pin, a ceiling, one chain a form."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Chain, Order, Route
from orders.roles import ROLES
from tests.helpers.makers import make_person, make_service
from tests.helpers.pages import log_in
from tests.helpers.routes import LINK, make_route

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return log_in(make_person(*ROLES["staff"]))


@pytest.fixture
def route() -> Route:
    services = [make_service(name=f"Service {rate}", rate=Decimal(rate)) for rate in ("3", "1", "2")]
    return make_route(*services, rule="cheapest")


def post(client: Client, route: Route, **fields: Any) -> Any:
    data = {"link": LINK, "quantity": "1000", "form_token": str(uuid.uuid4())} | fields
    return client.post(reverse("orders:route_order", args=[route.pk]), data)


def service_name() -> str:
    """Return the name of the service of the one order."""
    return str(Order.objects.values_list("service__name", flat=True).get())


def test_the_picker_leads_to_the_form_of_a_route(staff: Client, route: Route) -> None:
    page = staff.get(reverse("orders:create"), {"q": route.name, "link": LINK}).content.decode()
    assert f"{reverse('orders:route_order', args=[route.pk])}?link=" in page
    assert route.name in staff.get(reverse("orders:find"), {"q": route.name}).content.decode()


def test_the_review_says_where_it_is_bought_and_places_nothing(staff: Client, route: Route) -> None:
    page = post(staff, route, step="review").content.decode()
    assert "Service 1" in page
    assert "1.00" in page
    assert not Chain.objects.exists()


def test_a_form_that_is_posted_twice_is_one_chain(staff: Client, route: Route) -> None:
    token = str(uuid.uuid4())
    first, second = (post(staff, route, form_token=token) for _time in range(2))
    chain = Chain.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == reverse("orders:chain", args=[chain.pk])
    assert service_name() == "Service 1"
    assert chain.ceiling == Decimal(3)


def test_a_pinned_service_is_taken_first_and_the_ceiling_is_the_one_that_was_typed(staff: Client, route: Route) -> None:
    pinned = route.services.get(name="Service 2")
    post(staff, route, pinned=pinned.pk, ceiling="2.50")
    chain = Chain.objects.get()
    assert (chain.pinned, chain.ceiling) == (pinned, Decimal("2.50"))
    assert Order.objects.get().service == pinned


def test_a_service_that_is_not_of_the_route_cannot_be_pinned(staff: Client, route: Route) -> None:
    post(staff, route, pinned=make_service(rate=Decimal("0.01")).pk)
    assert service_name() == "Service 1"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"link": ""}, "This field is required."),
        ({"quantity": "0"}, "greater than or equal to 1"),
        ({"quantity": "99999999"}, "maximum"),
        ({"ceiling": "0.10"}, "The ceiling is below the price of the first order."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_ordered(
    staff: Client, route: Route, fields: dict[str, str], sentence: str
) -> None:
    answer = post(staff, route, **fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Chain.objects.exists()


def test_a_second_order_of_a_link_has_to_be_confirmed(staff: Client, route: Route) -> None:
    post(staff, route)
    answer = post(staff, route)
    assert answer.status_code == 422
    assert 'name="confirm_duplicate"' in answer.content.decode()
    post(staff, route, confirm_duplicate="1")
    assert Chain.objects.count() == 2


def test_the_price_of_what_is_typed_comes_as_a_part_of_the_page(staff: Client, route: Route) -> None:
    url = reverse("orders:route_order", args=[route.pk])
    data = {"link": "", "quantity": "2000", "step": "quote"}
    part = staff.post(url, data, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "2.00" in part
    assert "taken now" in part


def test_a_route_that_is_switched_off_takes_no_order(staff: Client, route: Route) -> None:
    Route.objects.update(is_active=False)
    answer = post(staff, route)
    assert answer.status_code == 422
    assert "This route is disabled." in answer.content.decode()
