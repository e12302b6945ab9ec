"""What an order is expected to cost, and what a limit takes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders import order_types
from orders.models import Order
from orders.placement.pricing import TooDear, count_lines, learn_package_billing, price_of
from providers.models import Provider
from tests.helpers.makers import make_provider, make_service

pytestmark = pytest.mark.django_db


def price(slug: str, fields: dict[str, Any], *, rate: str = "0.90", **provider: Any) -> tuple[Any, Any, Any]:
    service = make_service(make_provider(**provider), type=slug, rate=Decimal(rate))
    found = price_of(service, order_types.order_type(slug), fields)
    return found.billed_quantity, found.expected, found.ceiling


@pytest.mark.parametrize(
    ("slug", "fields", "units", "expected"),
    [
        ("default", {"quantity": "1000"}, 1000, "0.90"),
        ("default", {"quantity": "1"}, 1, "0.0009"),
        ("default", {"quantity": "100", "runs": "10", "interval": "30"}, 1000, "0.90"),
        ("web_traffic", {"quantity": "500", "runs": "4"}, 2000, "1.80"),
        ("seo", {"quantity": "200", "keywords": "a\nb\nc"}, 200, "0.18"),
        ("custom_comments", {"comments": "one\ntwo\nthree"}, 3, "0.0027"),
        ("comment_replies", {"username": "ann", "comments": "one\ntwo"}, 2, "0.0018"),
        ("mentions_custom_list", {"usernames": "ann\nbob\ncem\nduc"}, 4, "0.0036"),
        ("mentions", {"quantity": "50", "usernames": "ann\nbob"}, 50, "0.045"),
    ],
)
def test_a_rate_is_the_price_of_a_thousand(slug: str, fields: dict[str, Any], units: int, expected: str) -> None:
    assert price(slug, fields) == (units, Decimal(expected), Decimal(expected))


@pytest.mark.parametrize("slug", ["subscriptions", "likes_spread"])
def test_nothing_is_charged_up_front_for_what_is_billed_post_by_post(slug: str) -> None:
    assert price(slug, {"username": "ann", "min": "10", "max": "20"}) == (None, None, None)


@pytest.mark.parametrize("slug", ["package", "custom_comments_package"])
@pytest.mark.parametrize(
    ("setting", "expected", "ceiling"),
    [
        (Provider.PackageBilling.UNSETTLED, "12.5", "12.5"),
        (Provider.PackageBilling.EACH, "12.5", "12.5"),
        (Provider.PackageBilling.PER_THOUSAND, "0.125", "0.125"),
    ],
)
def test_a_package_costs_its_rate_unless_the_provider_is_set_otherwise(
    slug: str, setting: str, expected: str, ceiling: str
) -> None:
    fields = {"link": "https://x.test/1", "comments": "one\ntwo"}

    assert price(slug, fields, rate="12.5", package_billing=setting) == (1, Decimal(expected), Decimal(ceiling))


def test_limits_take_the_higher_reading_of_a_package_until_it_is_settled() -> None:
    service = make_service(type="package", rate=Decimal("12.5"), min_quantity=5000, max_quantity=5000)

    found = price_of(service, order_types.order_type("package"), {})

    assert (found.expected, found.ceiling) == (Decimal("12.5"), Decimal("62.5"))


def test_of_an_unknown_type_nothing_is_predicted_but_limits_take_the_higher_reading() -> None:
    assert price("telepathy", {}, rate="3") == (None, None, Decimal(3))
    assert price("telepathy", {"quantity": "5000"}, rate="3") == (None, None, Decimal(15))


def test_a_price_is_rounded_once_to_what_can_be_kept() -> None:
    service = make_service(rate=Decimal("0.0000012345"))

    found = price_of(service, order_types.TYPES["default"], {"quantity": "100"})

    assert found.expected == Decimal("0.0000001235")


def test_a_price_beyond_any_amount_is_refused_not_cut() -> None:
    service = make_service(rate=Decimal("99999999999999999999"))

    with pytest.raises(TooDear):
        price_of(service, order_types.TYPES["default"], {"quantity": "1000000"})


@pytest.mark.parametrize(("text", "lines"), [("", 0), ("one", 1), ("one\n\n  \ntwo\n", 2), ("one\r\ntwo\r\n\r\n", 2)])
def test_blank_lines_are_not_billed(text: str, lines: int) -> None:
    assert count_lines(text) == lines


def charged_package(provider: Provider, charge: str, *, rate: str = "12.5", **fields: Any) -> None:
    service = make_service(provider, type="package", rate=Decimal(rate), min_quantity=1, max_quantity=1)
    Order.objects.create(
        provider=provider, service=service, status="completed", rate=service.rate, charge=Decimal(charge), **fields
    )


@pytest.mark.parametrize(
    ("charge", "reported"),
    [
        ("12.5", Provider.PackageBilling.EACH),
        ("12.4999", Provider.PackageBilling.EACH),
        ("0.0125", Provider.PackageBilling.PER_THOUSAND),
        ("5", Provider.PackageBilling.UNSETTLED),
    ],
)
def test_a_reported_charge_settles_what_the_rate_of_a_package_means(charge: str, reported: str) -> None:
    provider = make_provider()
    charged_package(provider, charge)

    assert learn_package_billing(provider) == reported
    assert Provider.objects.get(pk=provider.pk).package_billing == reported


def test_a_charge_that_fits_both_readings_settles_nothing() -> None:
    provider = make_provider()
    service = make_service(provider, type="package", rate=Decimal(5), min_quantity=1000, max_quantity=1000)
    Order.objects.create(provider=provider, service=service, status="completed", rate=service.rate, charge=Decimal(5))

    assert learn_package_billing(provider) == ""


def test_what_a_person_set_is_not_learnt_away() -> None:
    provider = make_provider(package_billing=Provider.PackageBilling.PER_THOUSAND)
    charged_package(provider, "12.5")

    assert learn_package_billing(provider) == Provider.PackageBilling.PER_THOUSAND


def test_charges_of_another_provider_prove_nothing() -> None:
    charged_package(make_provider(), "12.5")

    assert learn_package_billing(make_provider()) == ""
