"""What of a row goes on the wire, and what of it is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders.models import Attempt, Cancellation, Order, ProductOrder, Refill
from orders.submission.call_types import CALL_TYPES, CANCELLATIONS, ORDERS, PRODUCT_ORDERS, REFILLS, CallType
from panelhub.redaction import hide_amounts
from providers.dialects import DIALECTS, Action
from tests.helpers.makers import make_product, make_provider, make_service

pytestmark = pytest.mark.django_db


def unsaved_order(**fields: Any) -> Order:
    service = make_service(external_id="77")
    plain: dict[str, Any] = {"provider": service.provider, "service": service}
    return Order(**(plain | fields))


def test_an_order_says_service_link_and_quantity_and_then_the_rest() -> None:
    order = unsaved_order(link="https://example.com/p", quantity=100, parameters={"comments": "a\nb", "runs": 3})

    assert ORDERS.payload(order) == {
        "service": "77",
        "link": "https://example.com/p",
        "quantity": "100",
        "comments": "a\nb",
        "runs": "3",
    }


def test_what_an_order_lacks_is_not_sent_empty() -> None:
    assert ORDERS.payload(unsaved_order(parameters={"username": "somebody"})) == {
        "service": "77",
        "username": "somebody",
    }


@pytest.mark.parametrize("name", ["key", "action", "service", "link", "quantity"])
def test_no_parameter_takes_the_place_of_a_column(name: str) -> None:
    order = unsaved_order(link="https://example.com/p", quantity=100, parameters={name: "another"})

    assert "another" not in ORDERS.payload(order).values()


def test_a_parameter_that_was_left_open_is_not_sent() -> None:
    order = unsaved_order(link="https://example.com/p", quantity=100, parameters={"runs": None, "interval": 0})

    assert "runs" not in ORDERS.payload(order)
    assert ORDERS.payload(order)["interval"] == "0"


def test_what_a_buyer_handed_over_is_sent_and_not_kept() -> None:
    product = make_product(external_id="9")
    order = ProductOrder(provider=product.provider, product=product, quantity=2, require="me@example.com")

    assert PRODUCT_ORDERS.payload(order) == {"product": "9", "quantity": "2", "require": "me@example.com"}
    kept, digest = PRODUCT_ORDERS.stored_payload(order)
    assert "me@example.com" not in str(kept)
    assert kept["product"] == "9"
    assert len(digest) == 64


def test_the_hash_of_what_was_sent_differs_between_orders() -> None:
    one, same, other = (unsaved_order(quantity=quantity).quantity for quantity in (1, 1, 2))
    service = make_service(external_id="78")
    hashes = [
        ORDERS.stored_payload(Order(provider=service.provider, service=service, quantity=quantity))[1]
        for quantity in (one, same, other)
    ]

    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("kind", "dialect", "limit"),
    [
        (ORDERS, "smmplus", 1),
        (PRODUCT_ORDERS, "smmvna", 1),
        (REFILLS, "smmplus", 100),
        (REFILLS, "smpanelim", 1),
        (REFILLS, "smmvna", 1),
        (CANCELLATIONS, "smmplus", 100),
        (CANCELLATIONS, "smpanelim", 1),
    ],
)
def test_as_many_go_into_a_call_as_the_document_allows(kind: CallType, dialect: str, limit: int) -> None:
    assert kind.batch_limit(DIALECTS[dialect]) == limit


@pytest.mark.parametrize(("rows", "action"), [(1, Action.refill), (2, Action.multi_refill)])
def test_one_refill_is_requested_as_one(rows: int, action: Action) -> None:
    assert REFILLS.pick_action(DIALECTS["smmplus"], rows) is action


def test_what_a_dialect_lacks_is_refused_with_a_sentence() -> None:
    provider = make_provider("smpanelim")
    order = Order.objects.create(provider=provider, external_id="1", status="completed")

    assert CANCELLATIONS.impossible(Cancellation(order=order), provider.speaks).endswith(".")
    assert REFILLS.impossible(Refill(order=order), provider.speaks) == ""


def test_what_has_no_id_there_cannot_be_polled() -> None:
    order = Order.objects.create(provider=make_provider(), status="completed")

    assert REFILLS.impossible(Refill(order=order), order.provider.speaks) == "The order has no provider ID."


def test_what_is_no_id_by_the_protocol_is_refused_before_any_call() -> None:
    order = Order.objects.create(provider=make_provider(), status="completed", external_id="1, 2")

    assert CANCELLATIONS.impossible(Cancellation(order=order), order.provider.speaks).endswith("can’t be sent.")


def test_a_service_of_another_provider_is_never_ordered() -> None:
    order = unsaved_order(provider=make_provider())

    assert ORDERS.impossible(order, order.provider.speaks) == "The service belongs to another provider."


@pytest.mark.parametrize("kind", CALL_TYPES, ids=lambda kind: kind.slug)
def test_every_kind_is_a_paid_call_with_a_try_of_its_own(kind: CallType) -> None:
    for dialect in DIALECTS.values():
        assert kind.pick_action(dialect, 1).is_paid

    assert Attempt._meta.get_field(kind.subject).related_model is kind.model


def test_a_rate_that_rose_is_an_amount_that_is_hidden_from_whoever_sees_no_costs() -> None:
    order = unsaved_order(link="https://example.com/p", quantity=100, rate=Decimal("10.0000"))
    assert order.service is not None
    order.service.rate = Decimal("30.0000")

    said = ORDERS.find_price_rise(order, order.provider)

    assert said == "The rate was 10.00 when ordered and is now 30.00."
    assert hide_amounts(said) == "The rate was … when ordered and is now …."
