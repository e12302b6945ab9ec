from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from providers.sandbox import Fate
from tests.sandbox.calling import Buyer

NETFLIX, ON_ACCOUNT, SOLD_OUT, BY_HAND = 1, 2, 3, 4


@pytest.fixture
def shopper(buyer_at: Callable[[str], Buyer]) -> Buyer:
    """Return a buyer at the one panel that sells products."""
    return buyer_at("smmvna")


def order(shopper: Buyer, product: int = NETFLIX, quantity: int = 3, **params: object) -> int:
    return int(shopper.ask("add_product_order", product=product, quantity=quantity, **params)["order"])


def status(shopper: Buyer, number: int) -> dict[str, Any]:
    return dict(shopper.ask("product_order_status", order=number))


def test_rows_have_numbers_where_the_document_has_numbers(shopper: Buyer) -> None:
    rows = {row["product"]: row for row in shopper.ask("products")}
    assert rows[NETFLIX] == {
        "product": 1, "name": "Netflix Premium 1 month", "rate": 2.5, "min": 1, "max": 10,
        "category": "Netflix", "status": "In stock", "inventory": 40, "type": "Auto",
    }  # fmt: skip
    assert type(rows[SOLD_OUT]["rate"]) is int
    assert (rows[SOLD_OUT]["status"], rows[SOLD_OUT]["inventory"]) == ("Out of stock", 0)
    assert rows[SOLD_OUT]["require"] == "Input your account"
    assert "inventory" not in rows[BY_HAND]
    assert rows[BY_HAND]["type"] == "Service"
    assert any("require" not in row for row in rows.values())


def test_goods_come_from_stock(shopper: Buyer) -> None:
    before = shopper.panel.balance
    number = order(shopper)
    assert status(shopper, number) == {"charge": 7.5, "status": "Pending"}
    assert float(before - shopper.panel.balance) == 7.5
    shopper.panel.advance(1_000)
    row = status(shopper, number)
    assert (row["charge"], row["status"]) == (7.5, "Completed")
    assert len(row["result"]) == 36
    assert "remains" not in row
    goods = shopper.ask("result_product", order=number)["result"]
    assert len(goods) == len(set(goods)) == 3
    assert all(len(line.split(" | ")) == 3 for line in goods)
    assert shopper.ask("products")[0]["inventory"] == 37


def test_work_by_hand_takes_longer_and_goes_through_in_progress(shopper: Buyer) -> None:
    number = order(shopper, BY_HAND, 1, require="me@example.com")
    words = []
    for _ in range(50):
        words.append(status(shopper, number)["status"])
        shopper.panel.advance(60)
    assert list(dict.fromkeys(words)) == ["Pending", "In progress", "Completed"]


def test_a_stock_that_runs_short_makes_it_partial(shopper: Buyer) -> None:
    before = shopper.panel.balance
    shopper.panel.set_stock(NETFLIX, 2)
    number = order(shopper, quantity=5)
    shopper.panel.advance(1_000)
    row = status(shopper, number)
    assert {name: row[name] for name in ("charge", "status", "remains")} == {
        "charge": 5, "status": "Partial", "remains": 3,
    }  # fmt: skip
    assert len(shopper.ask("result_product", order=number)["result"]) == 2
    assert float(before - shopper.panel.balance) == 5
    assert shopper.ask("products")[0]["status"] == "Out of stock"


def test_a_stock_that_was_emptied_meanwhile_cancels_it(shopper: Buyer) -> None:
    before = shopper.panel.balance
    number = order(shopper)
    shopper.panel.set_stock(NETFLIX, 0)
    shopper.panel.advance(1_000)
    assert status(shopper, number) == {"charge": 0, "status": "Canceled", "note": "Out of stock"}
    assert shopper.panel.balance == before
    assert shopper.ask("result_product", order=number) == {"error": "Order is not completed"}


@pytest.mark.parametrize(("fate", "word"), [(Fate.partial, "Partial"), (Fate.canceled, "Canceled")])
def test_its_end_can_be_decided(shopper: Buyer, fate: Fate, word: str) -> None:
    number = order(shopper, quantity=4)
    shopper.panel.decide_product_order(number, fate)
    shopper.panel.advance(1_000)
    assert status(shopper, number)["status"] == word


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"quantity": 1}, "Missing required parameter: product"),
        ({"product": 99, "quantity": 1}, "Incorrect product ID"),
        ({"product": "x", "quantity": 1}, "Incorrect product ID"),
        ({"product": NETFLIX}, "Missing required parameter: quantity"),
        ({"product": NETFLIX, "quantity": "two"}, "Incorrect quantity"),
        ({"product": NETFLIX, "quantity": 0}, "Quantity less than minimal 1"),
        ({"product": NETFLIX, "quantity": 11}, "Quantity more than maximum 10"),
        ({"product": ON_ACCOUNT, "quantity": 1}, "Missing required parameter: require"),
        ({"product": SOLD_OUT, "quantity": 1, "require": "me"}, "Out of stock"),
    ],
)
def test_what_cannot_be_is_refused_and_costs_nothing(shopper: Buyer, params: dict[str, object], error: str) -> None:
    before = shopper.panel.balance
    assert shopper.ask("add_product_order", **params) == {"error": error}
    assert shopper.panel.balance == before
    assert not shopper.panel.books.product_orders


def test_an_empty_balance_buys_nothing(shopper: Buyer) -> None:
    shopper.panel.balance = "7.49"
    reply = shopper.ask("add_product_order", product=NETFLIX, quantity=3)
    assert reply == {"error": "Not enough funds on balance"}


def test_many_are_keyed_by_id(shopper: Buyer) -> None:
    first, second = order(shopper), order(shopper, quantity=1)
    shopper.panel.advance(1_000)
    reply = shopper.ask("product_order_status", orders=f"{first},{second},77")
    assert list(reply) == [str(first), str(second), "77"]
    assert reply[str(first)] == status(shopper, first)
    assert reply["77"] == {"error": "Incorrect order ID"}


def test_service_orders_and_product_orders_do_not_know_each_other(shopper: Buyer) -> None:
    shopper.buy()
    service_order = shopper.buy().id
    number = order(shopper)
    assert number == service_order - 1
    assert shopper.ask("product_order_status", order=service_order) == {"error": "Incorrect order ID"}
    assert shopper.ask("result_product", order=service_order) == {"error": "Incorrect order ID"}


def test_goods_are_not_handed_out_before_the_day(shopper: Buyer) -> None:
    assert shopper.ask("result_product", order=order(shopper)) == {"error": "Order is not completed"}


def test_goods_are_the_same_each_time_they_are_requested(shopper: Buyer) -> None:
    number = order(shopper)
    shopper.panel.advance(1_000)
    assert shopper.ask("result_product", order=number) == shopper.ask("result_product", order=number)
