"""Balances, products and errors in shapes beyond the corpus."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers.client.errors import OrderRefused, Unknown
from providers.client.types import (
    MAX_ERROR,
    RowError,
)
from providers.dialects import Action
from tests.providers.client.reading import read

# --- Balance and products ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        ({"balance": "-3.50"}, "-3.50"),
        ({"Balance": 0, "Currency": " USD "}, "0"),
        ({"balance": "5", "status": "error"}, "5"),
        ({"data": {"balance": "7"}}, "7"),
    ],
    ids=str,
)
def test_a_balance(body: Any, balance: str) -> None:
    assert read(Action.balance, body).balance == Decimal(balance)


@pytest.mark.parametrize(
    "body", [{}, [], {"balance": ""}, {"balance": True}, {"balance": {}}, {"balance": "lots"}], ids=str
)
def test_no_balance(body: Any) -> None:
    assert isinstance(read(Action.balance, body), Unknown)


def test_product_orders_by_id() -> None:
    rows = read(
        Action.multi_product_order_status,
        {
            "123": {"charge": 7.5, "status": "Completed", "result": "c85c"},
            "456": {"error": "Incorrect order ID"},
            "789": {"charge": 0, "status": "Canceled", "note": "Out of stock"},
            "321": {"charge": 6, "status": "Partial", "remains": 3},
            "654": "Processing",
        },
        "123",
        "456",
        "789",
        "321",
        "654",
        "987",
    )

    assert list(rows) == ["123", "456", "789", "321", "654"]
    assert (rows["123"].status, rows["123"].result, rows["123"].charge) == ("completed", "c85c", Decimal("7.5"))
    assert rows["456"] == RowError("Incorrect order ID")
    assert (rows["789"].charge, rows["789"].note) == (0, "Out of stock")
    assert rows["321"].remains == 3
    assert rows["654"].status == "in_progress"
    assert "c85c" not in repr(rows["123"])


@pytest.mark.parametrize(
    ("result", "items"),
    [
        (["a | b", "c | d"], ("a | b", "c | d")),
        ("a | b", ("a | b",)),
        ([], ()),
        ([None, "", True, ["x"], 12345], ("12345",)),
        ([{"login": "a", "password": "<b>&amp;"}], ("login: a | password: <b>&amp;",)),
        (["a\x00b"], ("ab",)),
    ],
    ids=str,
)
def test_delivered_goods(result: Any, items: tuple[str, ...]) -> None:
    goods = read(Action.result_product, {"result": result}, "5")

    assert goods.items == items
    assert repr(goods) == "ProductResult()"


@pytest.mark.parametrize("body", [{}, {"result": None}, {"items": ["a"]}, ["a | b"]], ids=str)
def test_no_goods(body: Any) -> None:
    assert isinstance(read(Action.result_product, body, "5"), Unknown)


# --- Errors -----------------------------------------------------------------------------------------------------------


def test_an_error_is_cut_and_its_parts_are_joined() -> None:
    assert len(read(Action.add, {"error": "x" * 20_000}).error) == MAX_ERROR
    assert read(Action.add, {"error": ["Bad link", ["Bad quantity", None, 7]]}).error == "Bad link; Bad quantity"
    assert read(Action.add, {"errors": {"link": ["A"], "quantity": ["B", "C"]}}).error == "A; B; C"


def test_a_deep_error_does_not_harm() -> None:
    deep: Any = "bottom"
    for _ in range(300):
        deep = [{"error": deep}]

    outcome = read(Action.add, {"error": deep})

    assert isinstance(outcome, Unknown | OrderRefused)
