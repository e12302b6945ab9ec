"""Products are validated and ordered like anything that is paid for."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.models import HubRules, OrderEvent, ProductOrder
from orders.placement.reserved_amounts import spent_today
from orders.placement.validation import OrderInvalid
from orders.products import services as products_services
from orders.submission import services as submission_services
from orders.submission.call_types import PRODUCT_ORDERS as SENT_PRODUCTS
from providers.models import Product
from tests.helpers.makers import (
    make_person,
    make_product,
    make_provider,
    set_limits,
)

pytestmark = pytest.mark.django_db
SECRET = "mailbox@example.com / correct-horse"


def faults(product: Product, **typed: Any) -> dict[str, list[str]]:
    with pytest.raises(OrderInvalid) as caught:
        products_services.check_product(product, **typed)
    return caught.value.errors


class TestCheck:
    @pytest.mark.parametrize(
        ("quantity", "sentence"),
        [
            ("", "This field is required"),
            ("two", "whole number"),
            ("0", "at least 1"),
            ("-1", "whole number"),
            ("1", "below the minimum of 2"),
            ("11", "above the maximum of 10"),
            ("8", "Only 7 are in stock"),
            ("9" * 40, "too large"),
        ],
    )
    def test_a_quantity_keeps_to_limits_and_stock(self, quantity: str, sentence: str) -> None:
        product = make_product(min_quantity=2, inventory=7)

        assert sentence in faults(product, quantity=quantity)["quantity"][0]

    @pytest.mark.parametrize(
        ("product", "provider", "sentence"),
        [
            ({"in_stock": False}, {}, "out of stock"),
            ({"inventory": 0}, {}, "out of stock"),
            ({"is_available": False}, {}, "no longer listed"),
            ({}, {"is_active": False}, "is disabled"),
            ({}, {"dialect": "smmplus"}, "no new product order"),
        ],
    )
    def test_what_cannot_be_ordered_says_why(
        self, product: dict[str, Any], provider: dict[str, Any], sentence: str
    ) -> None:
        closed = make_product(make_provider(**({"dialect": "smmvna"} | provider)), **product)

        assert sentence in faults(closed, quantity="1")[""][0]

    def test_what_the_buyer_has_to_hand_over_is_requested(self) -> None:
        product = make_product(require="Input your account")

        assert "This field is required" in faults(product, quantity="1", require=" \n ")["require"][0]
        assert "too long" in faults(product, quantity="1", require="x" * 5_001)["require"][0]
        assert (
            "This contains characters that can’t be sent"
            in faults(product, quantity="1", require="a\x00b")["require"][0]
        )
        checked = products_services.check_product(product, quantity="1", require="  user\r\npassword \r\n")
        assert checked.require == "user\npassword"
        assert "password" not in repr(checked)

    def test_nothing_is_sent_along_that_was_not_requested(self) -> None:
        assert products_services.check_product(make_product(), quantity=1, require=SECRET).require == ""

    def test_the_price_is_that_of_the_pieces(self) -> None:
        assert products_services.check_product(make_product(rate=Decimal("2.5")), quantity="3").charge == Decimal("7.5")


class TestOrdering:
    def test_is_queued_with_all_that_is_known(self) -> None:
        product, person = make_product(require="Input your account"), make_person()

        order = products_services.create_product_order(
            user=person, product=product, quantity="3", require=SECRET, note="for Ann", client_label="Acme"
        )

        order.refresh_from_db()
        assert (order.status, order.quantity, order.require) == ("queued", 3, SECRET)
        assert (order.expected_charge, order.reserved, order.currency) == (Decimal("7.5"), Decimal("7.5"), "USD")
        assert (order.created_by, order.note, order.client_label) == (person, "for Ann", "Acme")
        assert list(OrderEvent.objects.values_list("product_order", "kind", "after")) == [
            (order.pk, "created", "queued")
        ]

    def test_the_same_form_sent_twice_is_one_order(self) -> None:
        product, token = make_product(), uuid.uuid4()

        orders = [
            products_services.create_product_order(user=None, product=product, quantity=1, form_token=token)
            for _click in range(2)
        ]

        assert orders[0] == orders[1]
        assert ProductOrder.objects.count() == 1

    def test_keeps_to_the_spending_limit(self) -> None:
        person = make_person()
        set_limits(person, daily_limit=Decimal(5))

        with pytest.raises(OrderInvalid, match="spending limit"):
            products_services.create_product_order(user=person, product=make_product(), quantity=3)
        assert not ProductOrder.objects.exists()

    def test_a_large_one_waits_for_a_second_person(self) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal(5))
        person, other = make_person(), make_person()
        order = products_services.create_product_order(user=person, product=make_product(), quantity=3)

        assert (order.status, order.held_for) == ("held", "second_person")
        with pytest.raises(OrderInvalid, match="nother person"):
            products_services.approve_product_order(order, by=person)
        assert products_services.approve_product_order(order, by=other)
        assert not products_services.approve_product_order(order, by=other)
        order.refresh_from_db()
        assert (order.status, order.approved_by) == ("queued", other)

    def test_one_takes_of_the_day_on_which_it_is_approved(self) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal(5))
        person = make_person()
        order = products_services.create_product_order(user=person, product=make_product(), quantity=3)
        ProductOrder.objects.update(created_at=timezone.now() - timedelta(days=1))

        assert products_services.approve_product_order(order, by=make_person())

        assert spent_today(person) == Decimal("7.5")

    def test_a_nul_in_what_the_hub_keeps_for_itself_is_left_out(self) -> None:
        products_services.create_product_order(
            user=None, product=make_product(), quantity=1, note="a\x00", client_label="\x00b"
        )
        order = ProductOrder.objects.get()
        assert (order.note, order.client_label) == ("a", "b")

    def test_one_that_became_much_more_expensive_waits_until_someone_agrees(self) -> None:
        product, person = make_product(), make_person()
        order = products_services.create_product_order(user=person, product=product, quantity=2)
        Product.objects.update(rate=Decimal(4))

        sent = submission_services.send_due(product.provider, kinds=[SENT_PRODUCTS])

        order.refresh_from_db()
        assert (sent.calls, order.status, order.held_for) == (0, "held", "price_jump")
        assert order.error == "It cost 5.00 when ordered and now costs 8.00."
        assert products_services.approve_product_order(order, by=person)
        order.refresh_from_db()
        assert (order.status, order.held_for, order.error) == ("queued", "", "")
        assert (order.expected_charge, order.reserved) == (Decimal(8), Decimal(8))
        submission_services.send_due(product.provider, kinds=[SENT_PRODUCTS])
        order.refresh_from_db()
        assert order.held_for == ""
        assert order.attempts.count() == 1

    def test_one_that_was_free_waits_as_soon_as_it_costs_something(self) -> None:
        product, person = make_product(rate=0), make_person()
        order = products_services.create_product_order(user=person, product=product, quantity=2)
        # Under a threshold it would have been held from the start.
        HubRules.objects.create(pk=1, second_person_above=Decimal(5))
        Product.objects.update(rate=Decimal(3))

        sent = submission_services.send_due(product.provider, kinds=[SENT_PRODUCTS])

        order = ProductOrder.objects.get()
        assert (sent.calls, order.status, order.held_for) == (0, "held", "price_jump")
        assert order.error == "It cost 0.00 when ordered and now costs 6.00."
        with pytest.raises(OrderInvalid, match="nother person"):
            products_services.approve_product_order(order, by=person)
        assert products_services.approve_product_order(order, by=make_person())
        order.refresh_from_db()
        assert (order.expected_charge, order.reserved) == (Decimal(6), Decimal(6))

    @pytest.mark.parametrize("rate", ["2.55", "1", "2.5"])
    def test_a_price_that_hardly_rose_holds_nothing(self, rate: str) -> None:
        product = make_product()
        order = products_services.create_product_order(user=None, product=product, quantity=3)
        Product.objects.update(rate=Decimal(rate))

        submission_services.send_due(product.provider, kinds=[SENT_PRODUCTS])

        assert order.attempts.count() == 1

    def test_no_one_approves_their_own_that_grew_large(self) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal(6))
        person = make_person()
        order = products_services.create_product_order(user=person, product=make_product(), quantity=2)
        ProductOrder.objects.update(status="held", held_for="price_jump")
        Product.objects.update(rate=Decimal(4))
        order.refresh_from_db()

        with pytest.raises(OrderInvalid, match="nother person"):
            products_services.approve_product_order(order, by=person)
        assert products_services.approve_product_order(order, by=make_person())

    @pytest.mark.parametrize(
        ("status", "taken"), [("queued", True), ("held", True), ("sending", False), ("pending", False)]
    )
    def test_can_be_withdrawn_until_it_is_sent(self, status: str, taken: bool) -> None:
        order = products_services.create_product_order(user=None, product=make_product(), quantity=1)
        ProductOrder.objects.update(status=status, claim=uuid.uuid4())

        assert products_services.withdraw_product_order(order, by=None) is taken
        order.refresh_from_db()
        assert order.status == ("withdrawn" if taken else status)
