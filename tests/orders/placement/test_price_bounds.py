"""The edges of a price: the largest amount that can be kept, what multiplies it, and what a charge teaches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders import order_types
from orders.models import Order
from orders.placement.pricing import (
    Price,
    TooDear,
    learn_package_billing,
    price_of,
    price_of_pieces,
)
from providers.models import Provider
from tests.helpers.makers import make_provider, make_service

pytestmark = pytest.mark.django_db

LARGEST = Decimal("99999999999999999999.9999999999")
EACH, PER_THOUSAND = Provider.PackageBilling.EACH, Provider.PackageBilling.PER_THOUSAND


def price(slug: str, fields: dict[str, Any], **service: Any) -> Price:
    made = make_service(type=slug, **service)
    return price_of(made, order_types.order_type(slug), fields)


def test_the_largest_amount_is_kept_to_its_last_place_and_the_next_is_refused() -> None:
    assert price_of_pieces(LARGEST, 1) == LARGEST
    assert price_of_pieces(Decimal("33333333333333333333"), 3) == Decimal("99999999999999999999")
    with pytest.raises(TooDear):
        price_of_pieces(Decimal("10000000000"), 10_000_000_000)
    with pytest.raises(TooDear):
        price_of_pieces(LARGEST, 2)


def test_an_amount_is_rounded_to_ten_places() -> None:
    assert price_of_pieces(Decimal("0.00000000005"), 1) == Decimal("0.0000000001")
    assert price_of_pieces(Decimal("0.00000000004"), 1) == 0
    assert price_of_pieces(Decimal("1.23456789012"), 1) == Decimal("1.2345678901")


@pytest.mark.parametrize("fields", [{}, {"quantity": ""}, {"quantity": None}, {"quantity": "0"}], ids=str)
def test_no_quantity_costs_nothing(fields: dict[str, Any]) -> None:
    assert price("default", fields) == Price(0, Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("slug", "fields", "ceiling"),
    [
        ("subscriptions", {"max": "1000", "posts": "3"}, "2.7"),
        ("subscriptions", {"max": "1000", "posts": "3", "old_posts": "2"}, "4.5"),
        ("subscriptions", {"max": "1000", "old_posts": "2"}, None),
        ("subscriptions", {"posts": "3"}, None),
        ("subscriptions", {"max": "0", "posts": "3"}, None),
        ("likes_spread", {"max": "1000", "old_posts": "2"}, "1.8"),
        ("likes_spread", {"max": "1000"}, None),
    ],
    ids=str,
)
def test_what_is_billed_by_the_post_has_a_ceiling_where_posts_are_counted(
    slug: str, fields: dict[str, str], ceiling: str | None
) -> None:
    assert price(slug, fields) == Price(None, None, None if ceiling is None else Decimal(ceiling))


@pytest.mark.parametrize(
    ("fields", "ceiling"),
    [
        ({"quantity": "1000", "link": "https://example.com/12345"}, "0.9"),
        ({"quantity": "1000", "runs": "7"}, "6.3"),
        ({"quantity": "1000", "names": "ann\nbob; cem,duc|eve"}, "4.5"),
        ({"quantity": "1000", "counts": "3, 5"}, "9"),
        ({"quantity": "1000", "runs": "7", "names": "ann,bob"}, "12.6"),
        ({"quantity": "1", "huge": "9" * 15}, "899999999999999.1"),
        ({"quantity": "1", "huge": "9" * 16}, None),
        ({"quantity": "1000", "count": "10k"}, None),
        ({"quantity": "1000", "empty": " "}, "0.9"),
        ({}, "0.9"),
        ({"runs": "2"}, "1.8"),
    ],
    ids=str,
)
def test_of_an_unknown_type_whatever_may_multiply_its_price_does(fields: dict[str, str], ceiling: str | None) -> None:
    assert price("telepathy", fields) == Price(None, None, None if ceiling is None else Decimal(ceiling))


def test_of_an_unknown_type_without_a_quantity_the_smallest_one_counts() -> None:
    assert price("telepathy", {}, rate=Decimal(1), min_quantity=5_000).ceiling == 5
    assert price("telepathy", {}, rate=Decimal(1), min_quantity=None).ceiling == 1


# --- What a charge teaches --------------------------------------------------------------------------------------------


def charged(provider: Provider, charge: str, *, rate: str = "12.5", minimum: int = 1, slug: str = "package") -> Order:
    service = make_service(provider, type=slug, rate=Decimal(rate), min_quantity=minimum, max_quantity=minimum)
    return Order.objects.create(
        provider=provider, service=service, status="completed", rate=service.rate, charge=Decimal(charge)
    )


def billing_of(provider: Provider) -> str:
    return Provider.objects.get(pk=provider.pk).package_billing


def test_one_panels_charges_teach_nothing_about_another(django_assert_num_queries: Any) -> None:
    first, second = make_provider(), make_provider()
    charged(first, "12.5")
    charged(second, "0.0125")

    assert learn_package_billing(first) == EACH
    assert (billing_of(first), billing_of(second)) == (EACH, "")
    assert learn_package_billing(second) == PER_THOUSAND
    assert (billing_of(first), billing_of(second)) == (EACH, PER_THOUSAND)
    with django_assert_num_queries(0):
        assert learn_package_billing(first) == EACH


def test_a_charge_that_teaches_nothing_is_passed_over() -> None:
    provider = make_provider()
    charged(provider, "12.5")
    charged(provider, "5")
    charged(provider, "0")
    charged(provider, "12.5", rate="0")
    charged(provider, "0.0125", slug="default")

    assert learn_package_billing(provider) == EACH


def test_a_cheap_package_teaches_as_well_as_an_expensive_one() -> None:
    provider = make_provider()
    charged(provider, "0.4", rate="0.4")

    assert learn_package_billing(provider) == EACH


@pytest.mark.parametrize(("charge", "learnt"), [("12.25", EACH), ("12.75", EACH), ("12.24", ""), ("12.76", "")])
def test_a_charge_is_alike_within_two_percent(charge: str, learnt: str) -> None:
    provider = make_provider()
    charged(provider, charge)

    assert learn_package_billing(provider) == learnt


def test_what_a_person_sets_meanwhile_stays() -> None:
    provider = make_provider()
    charged(provider, "12.5")
    Provider.objects.update(package_billing=PER_THOUSAND)

    learn_package_billing(provider)

    assert billing_of(provider) == PER_THOUSAND


def test_the_last_twenty_charges_are_looked_at() -> None:
    provider = make_provider()
    charged(provider, "12.5")
    for _number in range(20):
        charged(provider, "5")
    assert learn_package_billing(provider) == ""
    Order.objects.order_by("-pk").first().delete()  # type: ignore[union-attr]
    assert learn_package_billing(provider) == EACH
