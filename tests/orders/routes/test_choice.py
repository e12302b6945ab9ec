"""A route chooses by its rule among the services that fit, and says why the others do not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders.models import ExchangeRate, HubRules, ServiceQuality
from orders.routes.choice import find_candidates, pick
from providers.models import Provider, Service
from tests.helpers.makers import grant, make_person, make_provider, make_service
from tests.helpers.routes import make_route

pytestmark = pytest.mark.django_db


def measured(service: Service, *, sureness: float, seconds: float | None) -> Service:
    ServiceQuality.objects.create(service=service, orders=50, sureness=sureness, seconds_to_finish=seconds)
    return service


@pytest.fixture
def three() -> list[Service]:
    """Return the most complete, the fastest and the cheapest service, in this order."""
    return [
        measured(make_service(rate=Decimal(3)), sureness=0.99, seconds=9_000),
        measured(make_service(rate=Decimal(2)), sureness=0.70, seconds=600),
        measured(make_service(rate=Decimal(1)), sureness=0.60, seconds=None),
    ]


def order_of(route: Any, services: list[Service], **how: Any) -> list[int]:
    found = find_candidates(route, **({"quantity": 1_000, "person": None} | how))
    return [services.index(one.service) for one in found]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("order", [0, 1, 2]),
        ("cheapest", [2, 1, 0]),
        ("fastest", [1, 0, 2]),
        ("completion", [0, 1, 2]),
        ("score", [1, 2, 0]),
    ],
)
def test_a_rule_puts_them_in_order(three: list[Service], rule: str, expected: list[int]) -> None:
    assert order_of(make_route(*three, rule=rule), three) == expected


def test_the_weights_of_a_score_count(three: list[Service]) -> None:
    route = make_route(*three, rule="score", weight_price=0, weight_speed=0, weight_completion=1)

    assert order_of(route, three) == [0, 1, 2]


def test_the_cheapest_is_so_in_the_currency_of_the_hub() -> None:
    services = [make_service(make_provider(currency=currency), rate=Decimal(1)) for currency in ("USD", "RUB", "EUR")]
    for currency, rate in (("RUB", "0.01"), ("EUR", "1.1")):
        ExchangeRate.objects.create(currency=currency, rate=Decimal(rate))

    found = find_candidates(make_route(*services, rule="cheapest"), quantity=1_000, person=None)

    assert [(services.index(one.service), one.cost) for one in found] == [
        (1, Decimal("0.01")),
        (0, Decimal(1)),
        (2, Decimal("1.1")),
    ]


@pytest.mark.parametrize(
    ("route_fields", "service_fields", "how", "code"),
    [
        ({}, {"is_available": False}, {}, "closed"),
        ({}, {"hold_reason": "price_jump"}, {}, "closed"),
        ({}, {"type": "custom_comments"}, {}, "condition"),
        ({"needs_refill": True}, {"refill": None}, {}, "condition"),
        ({"needs_cancel": True}, {"cancel": False}, {}, "condition"),
        ({"needs_dripfeed": True}, {"dripfeed": False}, {}, "condition"),
        ({}, {"min_quantity": 1_001}, {}, "quantity"),
        ({}, {"max_quantity": 999}, {}, "quantity"),
        ({"highest_rate": Decimal("0.5")}, {}, {}, "price"),
        ({"least_completion": 0.5}, {}, {}, "completion"),
        ({}, {}, {"budget": Decimal("0.89")}, "ceiling"),
    ],
)
def test_what_does_not_fit_says_why(
    route_fields: dict[str, Any], service_fields: dict[str, Any], how: dict[str, Any], code: str
) -> None:
    (found,) = find_candidates(
        make_route(make_service(**service_fields), **route_fields), quantity=1_000, person=None, **how
    )

    assert (found.code, bool(found.why_not), found.fits) == (code, True, False)


def test_without_an_exchange_rate_it_does_not_fit() -> None:
    (found,) = find_candidates(make_route(make_service(make_provider(currency="XAU"))), quantity=100, person=None)

    assert (found.code, found.cost) == ("no_rate", None)


def test_what_was_tried_is_left_out(three: list[Service]) -> None:
    assert order_of(make_route(*three), three, left_out={three[0].pk}) == [1, 2, 0]


def test_one_whose_provider_is_paused_comes_after_those_that_are_open(three: list[Service]) -> None:
    Provider.objects.filter(pk=three[0].provider_id).update(pause_kind="no_funds")

    found = find_candidates(make_route(*three), quantity=1_000, person=None)

    assert [(three.index(one.service), one.is_waiting) for one in found] == [(1, False), (2, False), (0, True)]
    assert pick(found[2:]) is not None
    assert pick(found[2:], may_wait=False) is None


def test_a_pinned_one_comes_first_where_it_fits(three: list[Service]) -> None:
    assert order_of(make_route(*three), three, pinned=three[2]) == [2, 0, 1]


def test_a_person_gets_those_of_their_providers_alone(three: list[Service]) -> None:
    person = make_person()
    grant(person, three[1].provider)

    assert order_of(make_route(*three), three, person=person) == [1]


@pytest.mark.parametrize("count", [2, 20])
def test_choosing_takes_three_statements(count: int, django_assert_num_queries: Any) -> None:
    HubRules.load()
    route, person = make_route(*(make_service() for _number in range(count))), make_person()

    with django_assert_num_queries(3):
        assert len(find_candidates(route, quantity=1_000, person=person, link="https://a.example/p")) == count
