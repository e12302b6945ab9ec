"""Orders through the API: every type, faults in the trade's words, and the idempotency key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders.models import (
    HubRules,
    Order,
)
from providers.models import Service
from tests.helpers.makers import (
    make_provider,
    make_service,
    set_limits,
)
from tests.orders.api.conftest import Program, make_program, open_product, open_service

pytestmark = pytest.mark.django_db


# add


def test_an_order_is_made_queued_and_answered_at_once(program: Program) -> None:
    offered = open_service()

    made = program.call("add", service=offered.pk, link="https://a.example/p/1", quantity="100")

    order = Order.objects.get()
    assert made == {"order": order.pk}
    assert (order.status, order.created_by, order.quantity) == ("queued", program.person, 100)
    assert order.service == offered.service
    assert "key" not in order.parameters
    assert order.sold_as.token == program.token
    assert program.call("status", order=order.pk) == {
        "charge": "0.09",
        "start_count": "0",
        "status": "Pending",
        "remains": "100",
        "currency": "USD",
    }


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("default", {"link": "https://a.example/", "quantity": "100"}),
        ("default", {"link": "https://a.example/", "quantity": "100", "runs": "3", "interval": "60"}),
        ("package", {"link": "https://a.example/"}),
        ("seo", {"link": "https://a.example/", "quantity": "100", "keywords": "a\nb"}),
        ("custom_comments", {"link": "https://a.example/", "comments": "\n".join(f"c{n}" for n in range(12))}),
        ("custom_comments_package", {"link": "https://a.example/", "comments": "one\ntwo"}),
        ("mentions", {"link": "https://a.example/", "quantity": "100", "usernames": "a\nb"}),
        (
            "mentions_with_hashtags",
            {"link": "https://a.example/", "quantity": "100", "usernames": "a\nb", "hashtags": "x\ny"},
        ),
        ("mentions_custom_list", {"link": "https://a.example/", "usernames": "\n".join(f"u{n}" for n in range(12))}),
        ("mentions_hashtag", {"link": "https://a.example/", "quantity": "100", "hashtag": "x"}),
        ("mentions_user_followers", {"link": "https://a.example/", "quantity": "100", "username": "who"}),
        (
            "mentions_media_likers",
            {"link": "https://a.example/", "quantity": "100", "media": "https://a.example/m"},
        ),
        ("comment_likes", {"link": "https://a.example/", "quantity": "100", "username": "who"}),
        (
            "comment_replies",
            {"link": "https://a.example/", "username": "who", "comments": "\n".join(f"c{n}" for n in range(12))},
        ),
        ("poll", {"link": "https://a.example/", "quantity": "100", "answer_number": "2"}),
        ("invites_from_groups", {"link": "https://a.example/", "quantity": "100", "groups": "a\nb"}),
        ("subscriptions", {"username": "who", "min": "10", "max": "20", "delay": "0", "posts": "3"}),
        (
            "web_traffic",
            {
                "link": "https://a.example/",
                "quantity": "100",
                "country": "VN",
                "device": "1",
                "type_of_traffic": "1",
                "google_keyword": "x",
            },
        ),
    ],
)
def test_every_order_type_can_be_ordered(program: Program, kind: str, fields: dict[str, str]) -> None:
    offered = open_service(make_service(make_provider("smmplus"), type=kind, dripfeed=True))

    made = program.call("add", service=offered.pk, **fields)

    order = Order.objects.get(pk=made["order"])
    given = {"link": order.link, "quantity": str(order.quantity), **order.parameters}
    assert {name: given[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Missing required parameter: link"),
        ({"link": "https://a.example/"}, "Missing required parameter: quantity"),
        ({"link": "https://a.example/", "quantity": "9"}, "Quantity less than minimal 10"),
        ({"link": "https://a.example/", "quantity": "10001"}, "Quantity more than maximum 10000"),
        ({"link": "https://a.example/", "quantity": "many"}, "Incorrect quantity"),
        ({"link": "https://a.example/", "quantity": "-5"}, "Incorrect quantity"),
        ({"link": "https://a.example/", "quantity": "9" * 30}, "Incorrect quantity"),
        ({"link": "\x1b", "quantity": "100"}, "Missing required parameter: link"),
        ({"link": "javascript:alert(1)", "quantity": "100"}, "Bad link"),
    ],
)
def test_a_fault_is_shown_in_the_words_of_the_field(program: Program, fields: dict[str, str], error: str) -> None:
    offered = open_service()

    answer = program.call("add", service=offered.pk, **fields)

    if fields.get("link") in {"\x1b", "javascript:alert(1)"} and "order" not in answer:
        assert set(answer) == {"error"}
    else:
        assert answer == {"error": error}
    assert not Order.objects.exists()


@pytest.mark.parametrize("service", ["", "0", "-1", "99999", "abc", "1 OR 1=1", "9" * 40, "١"])
def test_a_service_that_is_none_is_refused(program: Program, service: str) -> None:
    answer = program.call("add", service=service, link="https://a.example/", quantity=100)

    assert answer == {"error": "Incorrect service ID"}


def test_an_order_past_the_limit_of_the_day_is_refused(program: Program) -> None:
    set_limits(program.person, daily_limit=Decimal("0.20"))
    offered = open_service()
    assert program.call("balance") == {"balance": "0.20000", "currency": "USD"}
    program.call("add", service=offered.pk, link="https://a.example/1", quantity=200)

    refused = program.call("add", service=offered.pk, link="https://a.example/2", quantity=200)

    assert refused == {"error": "Not enough funds on balance"}
    assert program.call("balance") == {"balance": "0.02000", "currency": "USD"}
    assert Order.objects.count() == 1


def test_a_large_order_waits_for_a_second_person_and_is_pending_meanwhile(program: Program) -> None:
    HubRules.objects.create(pk=1, second_person_above=Decimal("1"))
    made = program.call("add", service=open_service().pk, link="https://a.example/", quantity=5_000)

    assert Order.objects.get(pk=made["order"]).status == "held"
    assert program.call("status", order=made["order"])["status"] == "Pending"


def test_a_link_with_an_open_order_is_refused_where_the_token_says_so() -> None:
    strict, plain = make_program(refuse_duplicates=True), make_program()
    offered = open_service()
    fields = {"service": offered.pk, "link": "https://a.example/p", "quantity": 100}
    assert "order" in strict.call("add", idempotency_key="1", **fields)

    again = strict.call("add", **fields)

    assert "You have active order with this link" in again["error"]
    assert strict.call("add", idempotency_key="2", **fields) == again, "another key is another order"
    assert "order" in strict.call("add", idempotency_key="1", **fields), "the same key is the same order"
    assert "order" in plain.call("add", **fields)


def test_of_two_calls_at_once_for_a_link_the_second_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = make_program(refuse_duplicates=True)
    fields = {"service": open_service().pk, "link": "https://a.example/p", "quantity": 100}
    # Each has looked before either has made its order.
    monkeypatch.setattr("orders.api.order_handlers.same_link", lambda **_link: None)
    assert "order" in strict.call("add", idempotency_key="1", **fields)

    assert "You have active order with this link" in strict.call("add", **fields)["error"]
    assert "order" in strict.call("add", idempotency_key="1", **fields), "the same key is the same order"
    assert Order.objects.count() == 1


# the idempotency key


def test_the_same_key_gives_the_same_order(program: Program) -> None:
    offered = open_service()
    fields: dict[str, Any] = {"service": offered.pk, "link": "https://a.example/", "quantity": 100}

    first = program.call("add", idempotency_key="cart-1", **fields)
    again = program.call("add", idempotency_key="cart-1", **fields)
    by_header = program.post("add", headers={"Idempotency-Key": "cart-1"}, **fields).json()
    other = program.call("add", idempotency_key="cart-2", **fields)

    assert first == again == by_header
    assert other != first
    assert Order.objects.count() == 2


def test_the_same_key_for_something_else_is_refused(program: Program) -> None:
    offered = open_service()
    program.call("add", idempotency_key="k", service=offered.pk, link="https://a.example/", quantity=100)

    answer = program.call("add", idempotency_key="k", service=offered.pk, link="https://a.example/", quantity=101)

    assert answer == {"error": "This idempotency key was used with other parameters"}
    assert Order.objects.count() == 1


def test_keys_of_two_tokens_and_of_two_kinds_of_order_do_not_meet(program: Program) -> None:
    other = make_program()
    offered, product = open_service(), open_product()
    fields = {"service": offered.pk, "link": "https://a.example/", "quantity": 100}

    orders = {mine.call("add", idempotency_key="k", **fields)["order"] for mine in (program, other)}
    sold = program.call("add_product_order", idempotency_key="k", product=product.pk, quantity=1)

    assert len(orders) == 2
    assert "order" in sold


def test_a_key_works_when_the_limit_is_used_up_and_the_service_closed(program: Program) -> None:
    set_limits(program.person, daily_limit=Decimal("0.09"))
    offered = open_service()
    fields = {"service": offered.pk, "link": "https://a.example/", "quantity": 100, "idempotency_key": "k"}
    first = program.call("add", **fields)
    Service.objects.update(is_available=False)

    assert program.call("add", **fields) == first


def test_a_key_that_is_too_long_is_refused_and_not_cut(program: Program) -> None:
    answer = program.call("add", service=open_service().pk, idempotency_key="k" * 81)

    assert answer == {"error": "The idempotency key is too long: at most 80 characters"}
