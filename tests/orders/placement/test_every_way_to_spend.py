"""Limits and the second person cover every way to spend, and whoever made a token is an author of what it orders."""

from __future__ import annotations

import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from orders.api.authentication import make_token
from orders.models import ApiOrder, ExchangeRate, HubRules, Order, ProductOrder
from orders.placement.approval import waits_for_another
from orders.placement.reserved_amounts import spent_today
from orders.placement.services import approve_order, create_order
from orders.placement.spending_limits import LimitPassed, WithoutCeiling
from orders.placement.validation import OrderInvalid
from orders.products.services import create_product_order
from providers.models import Provider, Service
from tests.helpers.makers import make_person, make_product, make_provider, make_service, set_limits

pytestmark = pytest.mark.django_db
LINK = "https://example.com/a"
SUBSCRIPTION = {"username": "ann", "min": "100", "max": "1000", "delay": "0"}
SPREAD = {"username": "ann", "min": "100", "max": "1000"}


@pytest.fixture
def person() -> User:
    return make_person("orders.view_cost")


def threshold(amount: str) -> None:
    HubRules.objects.create(pk=1, second_person_above=Decimal(amount))


def limit(person: User, amount: str) -> None:
    set_limits(person, daily_limit=Decimal(amount))


def order(person: User, service: Service, **fields: Any) -> Order:
    fields = fields or {"link": LINK, "quantity": "1000"}
    return create_order(user=person, service=service, fields=fields, raw_allowed=True, confirm_duplicate=True)


def raw(*lines: str) -> dict[str, str]:
    return {"link": LINK, "quantity": "1000", "raw": "\n".join(lines)}


# --- What has no ceiling, and what has one ----------------------------------------------------------------------------

ENDLESS = [
    pytest.param("subscriptions", SUBSCRIPTION, id="a subscription without end"),
    pytest.param("subscriptions", {**SUBSCRIPTION, "old_posts": "3"}, id="old posts and no end"),
    pytest.param("likes_spread", SPREAD, id="likes spread"),
    pytest.param("strange", raw("count=10k"), id="a raw figure that cannot be read"),
    pytest.param("strange", raw("Boost=1e3"), id="a raw power of ten"),
    pytest.param("strange", raw("runs=٣"), id="raw digits of another script"),
]


@pytest.mark.parametrize(("slug", "fields"), ENDLESS)
def test_what_has_no_ceiling_is_held_whenever_a_threshold_applies(
    person: User, slug: str, fields: dict[str, str]
) -> None:
    threshold("1000000")
    held = order(person, make_service(type=slug), **fields)

    assert (held.status, held.held_for) == ("held", "second_person")
    with pytest.raises(OrderInvalid, match="nother person"):
        approve_order(held, by=person)
    assert approve_order(held, by=make_person())


@pytest.mark.parametrize(("slug", "fields"), ENDLESS)
def test_what_has_no_ceiling_is_refused_under_a_limit_or_takes_the_configured_amount(
    person: User, slug: str, fields: dict[str, str]
) -> None:
    limit(person, "1000000")
    service = make_service(type=slug)
    with pytest.raises(WithoutCeiling):
        order(person, service, **fields)
    HubRules.objects.create(pk=1, charge_without_ceiling=Decimal(7))

    assert order(person, service, **fields).reserved == 7
    assert spent_today(person) == 7


@pytest.mark.parametrize(
    ("slug", "fields", "takes"),
    [
        ("subscriptions", {**SUBSCRIPTION, "posts": "10"}, "9"),
        ("subscriptions", {**SUBSCRIPTION, "posts": "10", "old_posts": "10"}, "18"),
        ("likes_spread", {**SPREAD, "old_posts": "5"}, "4.5"),
        ("default", {"link": LINK, "quantity": "1000", "runs": "10", "interval": "5"}, "9"),
        ("custom_comments", {"link": LINK, "comments": "\n".join("abcdefghij")}, "0.009"),
        ("strange", raw("RUNS=10"), "9"),
        ("strange", raw("Repeat=2", "times=5"), "9"),
        ("strange", raw("comments=a\\nb\\nc\\nd\\ne"), "4.5"),
        ("strange", raw("usernames=a,b,c;d|e"), "4.5"),
        ("strange", raw("colour=green"), "0.9"),
    ],
)
def test_what_has_a_ceiling_takes_all_of_it(person: User, slug: str, fields: dict[str, str], takes: str) -> None:
    """The control: below limit and threshold each is queued; a hair above it is refused, or held."""
    service = make_service(make_provider("smmplus"), type=slug, dripfeed=True)
    limit(person, takes)
    threshold(takes)
    made = order(person, service, **fields)
    assert (made.status, made.reserved) == ("queued", Decimal(takes))
    Order.objects.all().delete()

    limit(person, str(Decimal(takes) - Decimal("0.0001")))
    with pytest.raises(LimitPassed):
        order(person, service, **fields)

    set_limits(person, daily_limit=None)
    HubRules.objects.update(second_person_above=Decimal(takes) - Decimal("0.0001"))
    assert order(person, service, **fields).status == "held"


# --- Prices and currencies that no one knows --------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["default", "package", "strange"])
def test_a_price_of_nothing_passes_no_check(person: User, slug: str) -> None:
    service = make_service(type=slug, rate=Decimal(0))
    limit(person, "100")
    with pytest.raises(WithoutCeiling):
        order(person, service)
    set_limits(person, daily_limit=None)
    threshold("100")
    assert order(person, service).status == "held"


def test_a_product_that_costs_nothing_passes_no_check(person: User) -> None:
    product = make_product(rate=0)
    threshold("100")
    assert create_product_order(user=person, product=product, quantity=1).status == "held"
    limit(person, "100")
    with pytest.raises(WithoutCeiling):
        create_product_order(user=person, product=product, quantity=1)


def test_a_currency_without_an_exchange_rate_passes_no_check(person: User) -> None:
    service = make_service(make_provider(currency="KWD"))
    threshold("100")
    assert order(person, service).status == "held"
    limit(person, "100")
    with pytest.raises(OrderInvalid, match="exchange rate for KWD"):
        order(person, service)
    ExchangeRate.objects.create(currency="KWD", rate=Decimal("3.3"))
    assert order(person, service, link=LINK, quantity="100").reserved == Decimal("0.297")


def test_a_currency_no_one_named_counts_as_the_most_valuable_one_and_is_held(person: User) -> None:
    service = make_service(make_provider(currency=""))
    ExchangeRate.objects.create(currency="KWD", rate=Decimal(4))
    limit(person, "3.5")
    with pytest.raises(LimitPassed):
        order(person, service)
    limit(person, "3.6")
    assert order(person, service).reserved == Decimal("3.6")
    set_limits(person, daily_limit=None)
    threshold("100")
    assert order(person, service).status == "held"


# --- Splitting --------------------------------------------------------------------------------------------------------


def test_an_order_in_parts_is_held_as_the_whole_would_be(person: User) -> None:
    threshold("2")
    service = make_service()
    states = [order(person, service).status for _part in range(4)]

    assert states == ["queued", "queued", "held", "held"]
    # Another link, another service and another person are other targets.
    assert order(person, service, link="https://example.com/b", quantity="1000").status == "queued"
    assert order(person, make_service()).status == "queued"
    assert order(make_person(), service).status == "queued"


@pytest.mark.parametrize("link", ["http://www.example.com/a/", "https://EXAMPLE.com/a", "example.com/a"])
def test_another_spelling_of_a_link_is_the_same_target(person: User, link: str) -> None:
    threshold("1.5")
    service = make_service()
    assert order(person, service).status == "queued"
    assert order(person, service, link=link, quantity="1000").status == "held"


def test_what_was_refused_or_withdrawn_counts_for_nothing(person: User) -> None:
    threshold("1.5")
    service = make_service()
    for status in ("rejected", "withdrawn"):
        Order.objects.filter(pk=order(person, service).pk).update(status=status)
    assert order(person, service).status == "queued"


def test_a_product_in_parts_is_held_as_the_whole_would_be(person: User) -> None:
    threshold("6")
    product = make_product()
    states = [create_product_order(user=person, product=product, quantity=1).status for _part in range(3)]
    assert states == ["queued", "queued", "held"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_row", [True, False])
def test_parts_at_once_do_not_slip_under_the_threshold_together(has_row: bool) -> None:
    provider = Provider.objects.create(
        name="one.example", dialect="standard", api_url="https://one.example/api/v2", currency="USD"
    )
    service = Service.objects.create(provider=provider, external_id="1", name="x", rate=1)
    # Without a row of limits only superusers order.
    person = make_person(sees_all=has_row, is_superuser=not has_row)
    threshold("3")
    start = threading.Barrier(8)

    def post() -> None:
        start.wait(30)
        order(person, service)
        connection.close()

    threads = [threading.Thread(target=post) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Order.objects.filter(status="queued").count() == 3
    assert Order.objects.filter(status="held").count() == 5


# --- Authors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["order", "product_order"])
def test_no_one_approves_what_a_token_they_made_has_ordered(person: User, kind: str) -> None:
    maker, other = make_person(), make_person()
    token, _key = make_token(person, "shop", made_by=maker)
    made: Any
    if kind == "order":
        made = order(person, make_service())
        Order.objects.update(status="held", held_for="second_person")
    else:
        made = create_product_order(user=person, product=make_product(), quantity=1)
        ProductOrder.objects.update(status="held", held_for="second_person")
    ApiOrder.objects.create(token=token, **{kind: made})
    held = type(made).objects.get(pk=made.pk)

    assert waits_for_another(held, person)
    assert waits_for_another(held, maker)
    assert not waits_for_another(held, other)


def test_the_sentence_of_a_limit_names_no_amount_to_people_who_see_no_costs() -> None:
    blind, seeing = make_person(), make_person("orders.view_cost")
    for person in (blind, seeing):
        limit(person, "0.5")
    with pytest.raises(LimitPassed) as reported:
        order(blind, make_service())
    assert not any(letter.isdigit() for letter in str(reported.value))
    with pytest.raises(LimitPassed, match=r"0\.9000 USD"):
        order(seeing, make_service())


# --- Forms and keys ---------------------------------------------------------------------------------------------------


def test_a_form_token_is_its_persons_own(person: User) -> None:
    token, service, other = uuid.uuid4(), make_service(), make_person()
    plain: dict[str, Any] = {"service": service, "fields": {"link": LINK, "quantity": "100"}, "form_token": token}
    first = create_order(user=person, **plain)

    assert create_order(user=person, **plain) == first
    for another in (
        create_order(user=other, confirm_duplicate=True, **plain),
        create_order(user=person, source="api:1", confirm_duplicate=True, **plain),
        create_order(user=None, confirm_duplicate=True, **plain),
    ):
        assert another != first
    assert Order.objects.count() == 4
    assert not Order.objects.filter(form_token=token).exists()


@pytest.mark.parametrize(
    "changed",
    [{"link": "https://example.com/b"}, {"quantity": "200"}, {"runs": "2", "interval": "5"}, "service"],
)
def test_a_form_token_with_other_content_is_a_clear_error(person: User, changed: Any) -> None:
    token, service = uuid.uuid4(), make_service(make_provider("smmplus"), dripfeed=True)
    fields = {"link": LINK, "quantity": "100"}
    first = create_order(user=person, service=service, fields=fields, form_token=token)
    if changed == "service":
        service = make_service()
    else:
        fields |= changed

    with pytest.raises(OrderInvalid, match="submitted with different content") as reported:
        create_order(user=person, service=service, fields=fields, form_token=token)
    assert str(first.pk) not in str(reported.value)
    assert Order.objects.count() == 1


def test_a_form_that_arrives_again_after_its_service_closed_is_the_same_order(person: User) -> None:
    token, service = uuid.uuid4(), make_service()
    first = create_order(user=person, service=service, fields={"link": LINK, "quantity": "100"}, form_token=token)
    Service.objects.update(is_available=False)
    service.refresh_from_db()
    again = create_order(user=person, service=service, fields={"link": LINK, "quantity": " 100 "}, form_token=token)
    assert again == first


def test_a_product_form_is_its_persons_own_and_keeps_to_its_content(person: User) -> None:
    token, product, other = uuid.uuid4(), make_product(), make_person()
    first = create_product_order(user=person, product=product, quantity=1, form_token=token)

    assert create_product_order(user=person, product=product, quantity="1", form_token=token) == first
    assert create_product_order(user=other, product=product, quantity=1, form_token=token) != first
    with pytest.raises(OrderInvalid, match="different content"):
        create_product_order(user=person, product=product, quantity=2, form_token=token)
    with pytest.raises(OrderInvalid, match="different content"):
        create_product_order(user=person, product=make_product(), quantity=1, form_token=token)
