"""A new person orders once an administrator has set what they may spend, whichever way they order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from orders.admin_forms import PersonForm
from orders.api.authentication import make_token
from orders.listing.bulk_actions import order_all_again
from orders.mass.placement import place_chunk
from orders.models import HubRules, MassOrder, OpenService, Order, Person, ProductOrder
from orders.placement.services import approve_order, create_order
from orders.placement.spending_limits import LimitNotSet
from orders.products.services import approve_product_order, create_product_order
from orders.roles import ROLES
from tests.helpers import mass
from tests.helpers.makers import (
    make_order,
    make_person,
    make_product,
    make_product_order,
    make_service,
    set_limits,
)
from tests.helpers.order_list import bulk, states_of
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db
SENTENCE = "an administrator has to set your spending limit"
LINK = "https://example.com/a"
FIELDS = {"link": LINK, "quantity": "1000"}


@pytest.fixture
def newcomer() -> User:
    """A manager who sees everything, and whose limit is not set."""
    return make_person(*ROLES["manager"], limit_set=False)


def place(person: User, **more: Any) -> Order:
    return create_order(user=person, service=make_service(), fields=FIELDS, confirm_duplicate=True, **more)


SET = [
    pytest.param({"daily_limit": Decimal(50)}, id="a limit of the day"),
    pytest.param({"second_person_above": Decimal(50)}, id="a threshold"),
    pytest.param({"no_limit": True}, id="no limit, said so"),
]


@pytest.mark.parametrize("fields", SET)
def test_an_order_is_refused_until_a_limit_is_set(newcomer: User, fields: dict[str, Any]) -> None:
    with pytest.raises(LimitNotSet, match="set your spending limit"):
        place(newcomer)
    assert not Order.objects.exists()

    Person.objects.filter(user=newcomer).update(**fields)

    assert place(newcomer).status == "queued"


def test_a_threshold_of_the_hub_is_nobodys_limit(newcomer: User) -> None:
    HubRules.objects.create(pk=1, second_person_above=Decimal(1000))

    with pytest.raises(LimitNotSet):
        place(newcomer)


def test_without_a_row_there_is_no_limit_either() -> None:
    with pytest.raises(LimitNotSet):
        place(make_person(sees_all=False))


def test_a_superuser_orders_without_any_row() -> None:
    assert place(User.objects.create_user("root", is_superuser=True)).status == "queued"


def test_a_row_that_a_script_makes_counts_as_decided() -> None:
    person = User.objects.create_user("scripted")
    Person.objects.create(user=person, all_providers=True)

    assert place(person).status == "queued"


def test_the_form_of_the_hub_asks_for_the_decision(newcomer: User) -> None:
    form = PersonForm()

    assert form["no_limit"].initial is False
    assert "no_limit" not in PersonForm({"user": newcomer.pk, "all_providers": "on"}).changed_data


class TestPages:
    def test_the_order_form_says_so_and_takes_nothing(self, newcomer: User) -> None:
        browser, service = log_in(newcomer), make_service()
        address = reverse("orders:create")

        assert SENTENCE in text_of(browser.get(address))
        page = text_of(browser.get(address, {"service": service.pk}))
        assert SENTENCE in page
        assert 'value="review" disabled' in page
        for step in ({"step": "review"}, {}):
            response = browser.post(address, {"service": service.pk, **FIELDS, **step})
            assert (response.status_code, SENTENCE in text_of(response)) == (422, True)
        assert not Order.objects.exists()

    def test_the_form_of_a_product_says_so_and_takes_nothing(self, newcomer: User) -> None:
        browser, product = log_in(newcomer), make_product()
        address = reverse("orders:product_create")

        assert SENTENCE in text_of(browser.get(address, {"product": product.pk}))
        for step in ({"step": "review"}, {}):
            response = browser.post(address, {"product": product.pk, "quantity": "1", **step})
            assert (response.status_code, SENTENCE in text_of(response)) == (422, True)
        assert not ProductOrder.objects.exists()

    def test_a_mass_order_says_so_and_is_not_placed(self, newcomer: User) -> None:
        browser, service = log_in(newcomer), make_service()
        assert SENTENCE in text_of(browser.get(reverse("orders:mass")))
        batch = mass.begin(browser, f"{service.external_id} | {LINK} | 100", provider=str(service.provider_id))

        assert SENTENCE in mass.take(browser, batch, "place")

        # Even if it were begun, or the limit taken away since.
        MassOrder.objects.filter(pk=batch.pk).update(status=MassOrder.Status.PLACING)
        place_chunk(batch.pk)
        batch.refresh_from_db()
        assert batch.status == MassOrder.Status.PAUSED
        assert not Order.objects.exists()

    @pytest.mark.parametrize("name", ["create", "product_create", "mass"])
    def test_the_forms_of_others_say_nothing(self, as_manager: Client, name: str) -> None:
        parameters = {"service": make_service().pk, "product": make_product().pk}

        assert SENTENCE not in text_of(as_manager.get(reverse(f"orders:{name}"), parameters))


def test_a_product_order_is_refused(newcomer: User) -> None:
    with pytest.raises(LimitNotSet):
        create_product_order(user=newcomer, product=make_product(), quantity="1")


def test_a_program_is_refused_in_the_same_words(newcomer: User) -> None:
    sold = OpenService.objects.create(service=make_service())
    _token, key = make_token(newcomer, "shop")
    call = {"key": key, "action": "add", "service": str(sold.pk), **FIELDS}

    assert SENTENCE in Client().post(reverse("api_v2"), call).json()["error"]
    assert not Order.objects.exists()
    set_limits(newcomer, daily_limit=Decimal(50))
    assert Client().post(reverse("api_v2"), call).json()["order"]


def test_rejected_orders_are_not_placed_again_in_bulk(newcomer: User) -> None:
    make_order(status="rejected", created_by=make_person())

    done = order_all_again(Order.objects.all(), by=newcomer)

    assert [SENTENCE in skipped.reason for skipped in done.skipped] == [True]
    assert Order.objects.count() == 1


class TestApproval:
    def test_of_ones_own_orders_is_refused_one_by_one_and_in_bulk(self, newcomer: User) -> None:
        order = make_order(status="held", held_for="price_jump", created_by=newcomer)
        product_order = make_product_order(status="held", held_for="price_jump", created_by=newcomer)

        with pytest.raises(LimitNotSet):
            approve_order(order, by=newcomer)
        with pytest.raises(LimitNotSet):
            approve_product_order(product_order, by=newcomer)
        assert SENTENCE in text_of(bulk(log_in(newcomer), "approve", order))
        assert states_of(order) == ["held"]

    def test_of_the_orders_of_others_takes_of_nobodys_limit_but_theirs(self, newcomer: User) -> None:
        assert approve_order(make_order(status="held", held_for="second_person", created_by=make_person()), by=newcomer)
