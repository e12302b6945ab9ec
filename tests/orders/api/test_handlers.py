"""Services, prices, balance and products through the API, in the shapes of the field."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import (
    ApiToken,
    ExchangeRate,
    Markup,
    Order,
    ProductOrder,
)
from panelhub.models import AuditEvent
from tests.helpers.makers import (
    grant,
    make_product,
    make_provider,
    make_service,
)
from tests.orders.api.conftest import Program, make_program, open_product, open_service

pytestmark = pytest.mark.django_db


# services


def test_services_are_listed_in_the_standards_types(program: Program) -> None:
    service = make_service(
        make_provider("servsmm"),
        name="Followers",
        category="First",
        type="custom_comments",
        rate=Decimal("0.9"),
        refill=True,
        cancel=False,
    )
    offered = open_service(service)

    assert program.call("services") == [
        {
            "service": offered.pk,
            "name": "Followers",
            "type": "Custom Comments",
            "category": "First",
            "rate": "0.9",
            "min": "10",
            "max": "10000",
            "refill": True,
            "cancel": False,
            "dripfeed": False,
        }
    ]


def test_a_service_keeps_its_number_when_it_is_closed_and_opened_again(program: Program) -> None:
    first, second = open_service(), open_service()

    first.is_open = False
    first.save()
    assert [row["service"] for row in program.call("services")] == [second.pk]
    first.is_open = True
    first.save()

    assert [row["service"] for row in program.call("services")] == [first.pk, second.pk]


@pytest.mark.parametrize(
    "closed",
    [{"is_available": False}, {"hold_reason": "price_jump"}, {"type": "martian"}],
    ids=["Rejected with an unknown message", "price jumped", "unknown type"],
)
def test_what_cannot_be_ordered_is_not_offered(program: Program, closed: dict[str, Any]) -> None:
    offered = open_service(make_service(**closed))

    assert program.call("services") == []
    answer = program.call("add", service=offered.pk, link="https://a.example/", quantity=100)
    assert answer == {"error": "Incorrect service ID"}


def test_what_a_provider_cannot_do_is_not_offered_for_its_services(program: Program) -> None:
    open_service(make_service(make_provider("smpanelim"), refill=None, cancel=None))

    (row,) = program.call("services")

    assert (row["refill"], row["cancel"]) == (True, False)


def test_limits_that_no_one_stated_are_the_hubs_own(program: Program) -> None:
    open_service(make_service(min_quantity=None, max_quantity=None))

    (row,) = program.call("services")

    assert (row["min"], int(row["max"]) >= 10**9) == ("1", True)


def test_a_token_sees_its_own_services_and_providers_only(program: Program) -> None:
    chosen, other, hidden = open_service(), open_service(), open_service()
    program.token.services.add(chosen, hidden)
    ApiToken.objects.update(all_services=False)
    grant(program.person, chosen.service.provider, other.service.provider)  # type: ignore[union-attr]

    assert [row["service"] for row in program.call("services")] == [chosen.pk]
    for closed in (other, hidden):
        answer = program.call("add", service=closed.pk, link="https://a.example/", quantity=100)
        assert answer == {"error": "Incorrect service ID"}


def test_an_offer_of_a_thousand_takes_no_more_statements_than_one_of_one(program: Program) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert program.call("services")
        return len(captured)

    provider = make_provider()
    open_service(make_service(provider))
    before = statements()
    for _ in range(30):
        open_service(make_service(provider))

    assert statements() == before


# prices


@pytest.mark.parametrize(
    ("share", "addition", "own_share", "own_addition", "reported"),
    [
        ("0", "0", None, None, "0.9"),
        ("10", "0", None, None, "0.99"),
        ("10", "0.05", None, None, "1.04"),
        ("10", "0.05", "0", None, "0.95"),
        ("10", "0.05", "50", "0", "1.35"),
        ("33.3333", "0", None, None, "1.2"),
        ("0", "0.000001", None, None, "0.90001"),
    ],
)
def test_a_rate_carries_the_markup_of_the_service_or_of_its_provider(
    program: Program, share: str, addition: str, own_share: str | None, own_addition: str | None, reported: str
) -> None:
    service = make_service(rate=Decimal("0.9"))
    Markup.objects.create(provider=service.provider, share=Decimal(share), addition=Decimal(addition))
    open_service(
        service,
        share=None if own_share is None else Decimal(own_share),
        addition=None if own_addition is None else Decimal(own_addition),
    )

    assert program.call("services")[0]["rate"] == reported


def test_a_rate_is_shown_in_the_hubs_currency_or_not_at_all(program: Program) -> None:
    offered = open_service(make_service(make_provider(currency="EUR"), rate=Decimal("1")))
    assert program.call("services") == []

    ExchangeRate.objects.create(currency="EUR", day="2026-01-01", rate=Decimal("1.1"))
    ExchangeRate.objects.create(currency="EUR", day="2026-01-02", rate=Decimal("1.25"))

    assert program.call("services")[0] | {"service": offered.pk, "rate": "1.25"} == program.call("services")[0]


def test_a_charge_keeps_the_terms_it_was_agreed_at(program: Program) -> None:
    provider = make_provider(currency="EUR")
    rate = ExchangeRate.objects.create(currency="EUR", day="2026-01-01", rate=Decimal("2"))
    markup = Markup.objects.create(provider=provider, share=Decimal(10), addition=Decimal("0.1"))
    offered = open_service(make_service(provider, rate=Decimal("1")))
    made = program.call("add", service=offered.pk, link="https://a.example/", quantity=500)
    ExchangeRate.objects.update(rate=Decimal(50))
    Markup.objects.update(share=Decimal(500))

    reported = program.call("status", order=made["order"])

    assert (reported["charge"], reported["currency"]) == ("1.15", "USD"), "(1 × 2 × 1.1 + 0.1) × 500 / 1000"
    assert rate.pk
    assert markup.pk


def test_a_part_that_was_paid_back_takes_its_part_of_the_addition_along(program: Program) -> None:
    service = make_service(rate=Decimal("1"))
    Markup.objects.create(provider=service.provider, share=Decimal(0), addition=Decimal("0.5"))
    made = program.call("add", service=open_service(service).pk, link="https://a.example/", quantity=1_000)
    Order.objects.filter(pk=made["order"]).update(status="partial", charge=Decimal("0.4"), external_id="9", remains=600)

    assert program.call("status", order=made["order"])["charge"] == "0.6"


def test_a_package_carries_the_addition_once(program: Program) -> None:
    service = make_service(type="package", rate=Decimal("5"), min_quantity=1, max_quantity=1)
    service.provider.package_billing = "each"
    service.provider.save()
    Markup.objects.create(provider=service.provider, share=Decimal(0), addition=Decimal("0.5"))
    offered = open_service(service)

    made = program.call("add", service=offered.pk, link="https://a.example/")

    assert program.call("services")[0]["rate"] == "5.5"
    assert program.call("status", order=made["order"])["charge"] == "5.5"


def test_charges_are_rounded_up_to_five_decimals(program: Program) -> None:
    made = program.call(
        "add", service=open_service(make_service(rate=Decimal("0.0123"))).pk, link="https://a.example/", quantity=11
    )

    assert program.call("status", order=made["order"])["charge"] == "0.00014", "0.0001353"


# balance


def test_without_a_limit_the_balance_is_what_the_providers_hold(program: Program) -> None:
    make_provider(balance=Decimal("100.5"))
    make_provider(balance=Decimal("10"), currency="EUR")
    make_provider(balance=Decimal("1000"), currency="VND")
    make_provider(balance=Decimal("7"), is_active=False)
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.2"))

    assert program.call("balance") == {"balance": "112.50000", "currency": "USD"}


# products


def test_products_are_listed_ordered_followed_and_handed_over(program: Program) -> None:
    product = make_product(require="Your account", rate=Decimal("2.5"), inventory=3)
    Markup.objects.create(provider=product.provider, share=Decimal(10), addition=Decimal("0.5"))
    offered = open_product(product, name="Premium")

    (row,) = program.call("products")
    assert row == {
        "product": offered.pk,
        "name": "Premium",
        "require": "Your account",
        "rate": 3.25,
        "min": 1,
        "max": 10,
        "category": "Netflix",
        "status": "In stock",
        "type": "Auto",
        "inventory": 3,
    }
    assert program.call("add_product_order", product=offered.pk, quantity=2) == {
        "error": "Missing required parameter: require"
    }
    made = program.call("add_product_order", product=offered.pk, quantity=2, require="me@example.com")
    order = ProductOrder.objects.get(pk=made["order"])
    assert (order.require, order.created_by) == ("me@example.com", program.person)
    assert program.call("product_order_status", order=order.pk) == {"charge": 6.5, "status": "Pending"}

    order.status, order.external_id, order.charge = "completed", "8", Decimal("5")
    order.save()
    reported = program.call("product_order_status", orders=f"{order.pk},555")
    assert reported[str(order.pk)] == {"charge": 6.5, "status": "Completed"}
    assert reported["555"] == {"error": "Incorrect order ID"}


def test_delivered_goods_are_handed_over_and_the_look_is_kept(program: Program) -> None:
    order = ProductOrder.objects.create(
        provider=make_provider("smmvna"),
        product=make_product(),
        created_by=program.person,
        status="completed",
        goods='{"items": ["abc | 1", "def | 2"], "earlier": ["old"]}',
        goods_count=2,
        goods_at=timezone.now() - timedelta(minutes=1),
    )

    reported = program.call("result_product", order=order.pk)

    assert reported == {"result": ["abc | 1", "def | 2", "old"]}
    assert AuditEvent.objects.filter(action="goods.seen", actor=program.person, target_id=str(order.pk)).count() == 1
    assert program.call("product_order_status", order=order.pk)["result"] == str(order.uid)


def test_goods_need_the_permission_that_the_page_asks_for() -> None:
    program = make_program("staff")
    order = ProductOrder.objects.create(
        provider=make_provider("smmvna"), product=make_product(), created_by=program.person, status="completed"
    )

    assert program.call("result_product", order=order.pk) == {"error": "You do not have permission for this action"}
