"""Shapes beyond the corpus: where a reader must look, and where it must not."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from providers.client.errors import OrderRefused, ProviderError, Unknown
from providers.client.exchange import RawReply
from providers.client.outcome import Rules, judge
from providers.client.types import (
    MAX_DESCRIPTION,
    MAX_ERROR,
    MAX_NAME,
    CancelAccepted,
    ProductRow,
    RefillAccepted,
    RefillStatusRow,
    RowError,
    ServiceRow,
)
from providers.dialects import Action


def read(action: Action, body: Any, *asked: str, rules: Rules | None = None, status: int = 200) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    try:
        return judge(action, RawReply(status, {}, text.encode()), asked=asked, rules=rules)
    except ProviderError as error:
        return error


# --- Catalogues -------------------------------------------------------------------------------------------------------

ROW = {"service": 1, "name": "Likes", "rate": "0.90"}
POISON: list[Any] = [
    None,
    "text",
    7,
    [],
    {},
    {"name": "no id", "rate": "1"},
    {"service": 0, "rate": "1"},
    {"service": True, "rate": "1"},
    {"service": "", "rate": "1"},
    {"service": [5], "rate": "1"},
    {"service": 5},
    {"service": 5, "rate": None},
    {"service": 5, "rate": "free"},
    {"service": 5, "rate": "-1"},
    {"service": 5, "rate": "1e400"},
    {"service": 5, "rate": "NaN"},
    {"service": 5, "rate": True},
    {"service": 5, "rate": {"usd": 1}},
]


def services(body: Any, **options: Any) -> list[ServiceRow]:
    rows: list[ServiceRow] = read(Action.services, body, **options)[0]
    return rows


def test_a_poison_row_is_left_out_and_counted_and_harms_no_other() -> None:
    rows, skipped = read(Action.services, [ROW, *POISON, {**ROW, "service": 2}])

    assert [row.id for row in rows] == ["1", "2"]
    assert skipped == len(POISON)


def test_a_list_of_which_nothing_can_be_used_is_no_empty_catalogue() -> None:
    assert isinstance(read(Action.services, POISON), Unknown)
    assert isinstance(read(Action.products, [{"product": 1}]), Unknown)
    assert services([]) == []
    assert read(Action.products, []) == []


def test_an_empty_list_under_an_error_status_is_no_catalogue() -> None:
    assert isinstance(read(Action.services, [], status=503), Unknown)
    assert isinstance(read(Action.services, [], status=404), Unknown)


@pytest.mark.parametrize(
    "body",
    [
        [ROW],
        {"services": [ROW]},
        {"status": "success", "services": [ROW]},
        {"status": True, "data": [ROW]},
        {"data": {"services": [ROW]}},
        {"0": ROW},
        {"data": {"3": ROW}},
        {"SERVICES": [{"Service": 1, "Name": "Likes", "Rate": "0.90"}]},
        [{"id": 1, "name": "Likes", "price": 0.90}],
        [{" service ": "1", "name": "Likes", "rate": "$0.90"}],
    ],
    ids=str,
)
def test_a_service_list_in_any_of_its_wrappers(body: Any) -> None:
    [row] = services(body)

    assert (row.id, row.name, row.rate) == ("1", "Likes", Decimal("0.9"))


def test_an_empty_list_may_be_told_in_words() -> None:
    assert services({"status": "success", "data": "Empty Data"}) == []


@pytest.mark.parametrize(
    "body",
    [{"service": 1, "rate": "1"}, {"hello": {"world": 1}}, {"data": "soon"}, {}, "7", {"services": None}],
    ids=str,
)
def test_what_is_no_service_list(body: Any) -> None:
    assert isinstance(read(Action.services, body), Unknown)


def test_of_two_rows_with_one_id_the_last_counts_in_the_place_of_the_first() -> None:
    rows = services([{**ROW, "name": "old"}, {**ROW, "service": 2}, {**ROW, "service": "1", "name": "new"}])

    assert [(row.id, row.name) for row in rows] == [("1", "new"), ("2", "Likes")]


@pytest.mark.parametrize(
    ("given", "slug", "label"),
    [
        ("Default", "default", "Default"),
        ("Custom Comments", "custom_comments", "Custom Comments"),
        ("Custom_comments", "custom_comments", "Custom_comments"),
        ("custom-comments", "custom_comments", "custom-comments"),
        ("Custom Comments Package", "custom_comments_package", "Custom Comments Package"),
        ("SEO", "seo", "SEO"),
        ("Subscription", "subscriptions", "Subscription"),
        ("Subscriptions", "subscriptions", "Subscriptions"),
        ("Mentions Hastag", "mentions_hashtag", "Mentions Hastag"),
        ("Likes spread", "likes_spread", "Likes spread"),
        ("", "default", ""),
        (None, "default", ""),
        ([], "default", ""),
        (True, "default", ""),
    ],
)
def test_types_become_slugs(given: Any, slug: str, label: str) -> None:
    [row] = services([{**ROW, "type": given}])

    assert (row.type, row.type_label) == (slug, label)


def test_labels_may_be_numbers_objects_or_nothing() -> None:
    rows = services(
        [
            {**ROW, "service": 1, "category": 4, "name": 77},
            {**ROW, "service": 2, "category": {"id": 4, "Name": "Instagram"}, "name": None},
            {**ROW, "service": 3, "category": None, "name": ["x"]},
            {**ROW, "service": 4, "category": True, "name": True},
            {**ROW, "service": 5, "category": 1, "name": 1.5},
            {**ROW, "service": 6, "category": {"name": {"deep": 1}}},
        ]
    )

    assert [row.category for row in rows] == ["4", "Instagram", "", "", "1", ""]
    assert [row.name for row in rows] == ["77", "", "", "", "1.5", "Likes"]


def test_descriptions_go_by_three_names_and_lose_their_tags() -> None:
    rows = services(
        [
            {**ROW, "service": 1, "desc": "<p>Fast</p>", "average_time": "1 hour"},
            {**ROW, "service": 2, "desc": None, "description": "Slow &amp; sure"},
            {**ROW, "service": 3, "note": "-", "average_time": 15},
        ]
    )

    assert [row.description for row in rows] == ["Fast", "Slow & sure", "-"]
    assert [row.average_time for row in rows] == ["1 hour", "", "15"]


def test_limits_go_by_two_names() -> None:
    [row] = services([{**ROW, "min_order": "10", "max_order": "1,000"}])

    assert (row.min, row.max) == (10, 1000)


def test_texts_are_cut() -> None:
    [row] = services([{**ROW, "name": "n" * 9999, "category": "c" * 9999, "desc": "d" * 99_999, "type": "t" * 999}])

    assert (len(row.name), len(row.category), len(row.description), len(row.type)) == (
        MAX_NAME,
        300,
        MAX_DESCRIPTION,
        60,
    )


def test_an_account_with_decimal_commas() -> None:
    rules = Rules(decimal_comma=True)

    assert services([{**ROW, "rate": "15,000"}], rules=rules)[0].rate == 15
    assert services([{**ROW, "rate": "15,000"}])[0].rate == 15000
    assert read(Action.balance, {"balance": "1,250"}, rules=rules).balance == Decimal("1.25")


def test_the_documented_product_list_as_it_was_meant() -> None:
    body = [
        {
            "product": 1,
            "name": "Netflix premium 1 month",
            "require": "Input your account",
            "rate": 2.5,
            "min": 1,
            "max": 10,
            "category": "Netflix",
            "status": "In stock",
            "inventory": 40,
            "type": "Auto",
        },
        {"product": 2, "name": "Youtube", "require": "Input", "rate": 5, "status": "Out of stock", "inventory": 0},
        {"product": 3, "name": "Facebook account", "rate": 0.5, "status": "?", "type": "Service"},
    ]

    first, second, third = read(Action.products, body)

    assert first == ProductRow(
        id="1",
        name="Netflix premium 1 month",
        require="Input your account",
        rate=Decimal("2.5"),
        min=1,
        max=10,
        category="Netflix",
        in_stock=True,
        inventory=40,
        type="auto",
    )
    assert (second.in_stock, second.inventory, second.type, second.min) == (False, 0, "", None)
    assert (third.in_stock, third.inventory, third.type, third.require) == (None, None, "service", "")


# --- Order status -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "success"}, "unknown"),
        ({"status": True}, "unknown"),
        ({"status": "ok", "order": 7}, "unknown"),
        ({"status": "Success", "remains": 0}, "completed"),
        ({"status": "success", "order_status": "In progress"}, "in_progress"),
        ({"status": "success", "data": {"charge": "1"}}, "unknown"),
        ({"status": "success", "data": {"status": "Success"}}, "completed"),
        ({"7": {"status": "Success"}}, "completed"),
        ({"status": "Error"}, "failed"),
        ({"status": "Error", "message": "see the ticket", "charge": "1"}, "failed"),
        ({"data": {"7": {"status": "Pending"}}}, "pending"),
        ({"data": [{"status": "Pending"}]}, "pending"),
        ([{"status": "Pending"}], "pending"),
        ([{"7": {"status": "Pending"}}], "pending"),
        ({"order": {"status": "Pending", "id": 7}}, "pending"),
        ({"order": 7, "status": "Pending"}, "pending"),
        ({"status": ["Pending"]}, "unknown"),
    ],
    ids=str,
)
def test_a_word_is_a_state_only_where_it_speaks_of_the_order(body: Any, status: str) -> None:
    assert read(Action.status, body, "7").status == status


@pytest.mark.parametrize(
    "body",
    [
        {"8": {"status": "Pending"}},
        {"order": 8, "status": "Pending"},
        {"order": {"id": 8, "status": "Pending"}},
        {"data": {"order": 8, "status": "Pending"}},
        {},
        [],
        {"hello": "world"},
        [{"status": "Pending"}, {"status": "Completed"}],
        "null",
        "true",
    ],
    ids=str,
)
def test_no_state_of_this_order(body: Any) -> None:
    assert isinstance(read(Action.status, body, "7"), Unknown)


@pytest.mark.parametrize(
    "body",
    [
        {"error": "Incorrect order ID"},
        {"7": {"error": "Incorrect order ID"}},
        [{"error": "Incorrect order ID"}],
        {"status": {"error": "Incorrect order ID"}},
        {"order": {"error": "Incorrect order ID"}},
        {"status": "error", "message": "Incorrect order ID"},
    ],
    ids=str,
)
def test_a_status_that_is_refused(body: Any) -> None:
    refused = read(Action.status, body, "7")

    assert isinstance(refused, OrderRefused)
    assert refused.error == "Incorrect order ID"


def test_ids_are_compared_to_the_letter() -> None:
    assert read(Action.status, {"Tx1": {"status": "Pending"}}, "Tx1").status == "pending"
    assert isinstance(read(Action.status, {"tx1": {"status": "Pending"}}, "Tx1"), Unknown)


def test_children_that_are_no_ids_are_dropped() -> None:
    row = read(Action.status, {"status": "Active", "orders": ["8801", 8802, 0, None, "x y", {}]}, "7")

    assert row.children == ("8801", "8802")
    assert read(Action.status, {"status": "Active", "orders": "8801, 8802"}, "7").children == ("8801", "8802")


@pytest.mark.parametrize(
    "body",
    [
        {"1": {"status": "Pending"}, "2": {"status": "Completed"}},
        {" 1": {"status": "Pending"}, "2 ": {"status": "Completed"}},
        {"data": {"1": {"status": "Pending"}, "2": {"status": "Completed"}}},
        {"status": "success", "orders": {"1": {"status": "Pending"}, "2": {"status": "Completed"}}},
        {"data": [{"order": 1, "status": "Pending"}, {"order": "2", "status": "Completed"}]},
        [{"order": 2, "status": "Completed"}, {"id": 1, "status": "Pending"}],
        {"1": "Pending", "2": "Completed"},
        {"1": [{"status": "Pending"}], "2": {"status": "Completed"}},
    ],
    ids=str,
)
def test_several_states_in_any_of_their_wrappers(body: Any) -> None:
    rows = read(Action.multi_status, body, "1", "2")

    assert {order: row.status for order, row in rows.items()} == {"1": "pending", "2": "completed"}


def test_what_a_row_may_be() -> None:
    rows = read(
        Action.multi_status,
        {
            "1": None,
            "2": "Incorrect order ID",
            "3": {"error": ["Order Not found"]},
            "4": {},
            "5": 7,
            "6": "",
            "7": {"status": {"error": "gone"}},
            "8": {"success": False},
            "9": {"status": "error", "message": "Bad order"},
        },
        *"123456789",
    )

    assert rows == {
        "1": RowError("null"),
        "2": RowError("Incorrect order ID"),
        "3": RowError("Order Not found"),
        "7": RowError("gone"),
        "8": RowError("error"),
        "9": RowError("Bad order"),
    }


@pytest.mark.parametrize(
    "body",
    [
        [{"status": "Pending"}, {"status": "Completed"}],
        [{"error": "Incorrect order ID"}],
        {"status": "Pending", "charge": "1"},
        {"hello": "world"},
        ["Pending", "Completed"],
        "7",
    ],
    ids=str,
)
def test_rows_that_cannot_be_told_apart(body: Any) -> None:
    assert isinstance(read(Action.multi_status, body, "1", "2"), Unknown)


def test_a_flat_answer_with_children_is_one_answer() -> None:
    rows = read(Action.multi_status, {"status": "Active", "orders": ["8801", "8802"]}, "7")

    assert rows["7"].status == "in_progress"
    assert rows["7"].children == ("8801", "8802")
    assert read(Action.multi_status, {"status": "Active", "orders": []}, "7")["7"].status == "in_progress"


def test_a_flat_answer_about_another_id_is_no_answer() -> None:
    assert read(Action.multi_status, {"order": 8, "status": "Pending"}, "7") == {}
    assert read(Action.multi_status, [{"order": 8, "status": "Pending"}], "7") == {}


def test_an_error_of_the_whole_batch_changes_no_order() -> None:
    refused = read(Action.multi_status, {"error": "Maximum 100 orders"}, "1", "2")

    assert isinstance(refused, OrderRefused)
    assert isinstance(read(Action.multi_status, {"data": {"error": "Incorrect order IDs"}}, "1", "2"), OrderRefused)


# --- Refills and cancels ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "refill"),
    [
        ({"refill": "1"}, "1"),
        ({"refill_id": 1}, "1"),
        ({"Refill": "T-100"}, "T-100"),
        ({"success": "Your order will be refill asap", "refill": 12345}, "12345"),
        ({"refill": {"id": 5}}, "5"),
        ([{"order": 7, "refill": 1}], "1"),
        ({"7": {"refill": 1}}, "1"),
        ({"data": {"refill": 1}}, "1"),
        ({"refill": True}, None),
        ({"refill": "success"}, None),
        ({"success": "Your order will be refill asap"}, None),
        ({"success": True}, None),
        ({"status": "success"}, None),
    ],
    ids=str,
)
def test_a_refill_that_was_accepted(body: Any, refill: str | None) -> None:
    assert read(Action.refill, body, "7") == RefillAccepted(refill)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"refill": 0}, "refill: 0"),
        ({"refill": False}, "refill: false"),
        ({"refill": ""}, "refill: nothing"),
        ({"refill": "Not possible here"}, "Not possible here"),
        ({"refill": "failed"}, "failed"),
        ({"refill": {"error": "Incorrect order ID"}}, "Incorrect order ID"),
        ({"7": {"error": "Incorrect order ID"}}, "Incorrect order ID"),
    ],
    ids=str,
)
def test_a_refill_that_was_refused(body: Any, error: str) -> None:
    outcome = read(Action.refill, body, "7")

    assert outcome.error == error
    assert isinstance(outcome, Unknown if error == "failed" else OrderRefused)


@pytest.mark.parametrize(
    "body",
    [
        {"refill": -1},
        {"refill": "-1"},
        {"refill": []},
        {"refill": {}},
        {"refill": {"order": 7}},
        {"status": "Pending"},
        {"message": "fine"},
        [{"order": 8, "refill": 1}],
        {"order": 8, "refill": 1},
        {"8": {"refill": 1}},
        [],
    ],
    ids=str,
)
def test_a_refill_of_which_nothing_is_certain(body: Any) -> None:
    assert isinstance(read(Action.refill, body, "7"), Unknown)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([{"order": 7, "cancel": 1}], CancelAccepted("1")),
        ({"7": {"cancel": 1}}, CancelAccepted("1")),
        ({"7": {"cancel": True}}, CancelAccepted(None)),
        ({"cancel": None}, None),
        ({"cancel": None, "message": "Your request was taken"}, None),
        ({"7": {"cancel": None}}, None),
        ({"7": "Error"}, RowError("Error")),
        ({"7": "Failed"}, RowError("Failed")),
        ({"7": "Cancel"}, RowError("Cancel")),
        ({"7": "Incorrect"}, RowError("Incorrect")),
        ([{"order": 7, "cancel": "Error"}], RowError("Error")),
        ({"7": "success"}, None),
        ({"7": "Canceled"}, None),
        ({"7": "12"}, None),
        ({"7": "Cancel request submitted"}, None),
        ({"success": "Your order will be cancel asap"}, CancelAccepted(None)),
        ([{"cancel": 1}], CancelAccepted("1")),
        ([{"order": 7, "status": "success"}], CancelAccepted(None)),
        ([{"order": 7, "cancel": 0}], RowError("cancel: 0")),
        ([{"order": 7, "cancel": False}], RowError("cancel: false")),
        ([{"order": 7, "cancel": "Order cannot be canceled"}], RowError("Order cannot be canceled")),
        ({"7": "Order cannot be canceled"}, RowError("Order cannot be canceled")),
        ([{"order": 7, "success": False}], None),
        ([{"order": 7, "cancel": -1}], None),
        ([{"order": 7}], None),
        ({"7": None}, None),
        ({"7": 1}, None),
        ({"7": "ok"}, None),
    ],
    ids=str,
)
def test_a_cancel(body: Any, expected: Any) -> None:
    assert read(Action.cancel, body, "7").get("7") == expected


@pytest.mark.parametrize("body", [{"cancel": 1}, {"success": "Done asap"}, [{"cancel": 1}], [1, 1]], ids=str)
def test_one_answer_for_several_cancels_is_none(body: Any) -> None:
    assert isinstance(read(Action.cancel, body, "7", "8"), Unknown)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "Completed"}, "completed"),
        ({"status": "success", "refill_status": "Rejected"}, "rejected"),
        ({"status": "success"}, "unknown"),
        ({"status": None}, "unknown"),
        ({"7": {"status": "Pending"}}, "pending"),
        ([{"refill": 7, "status": "In progress"}], "in_progress"),
        ({"data": {"status": "Canceled"}}, "rejected"),
    ],
    ids=str,
)
def test_a_refills_state(body: Any, status: str) -> None:
    assert read(Action.refill_status, body, "7").status == status


@pytest.mark.parametrize(
    "body", [{}, "null", [], {"refill": 8, "status": "Pending"}, {"8": {"status": "Pending"}}], ids=str
)
def test_no_state_of_this_refill(body: Any) -> None:
    assert isinstance(read(Action.refill_status, body, "7"), Unknown)


def test_refill_states_by_id_whatever_else_a_row_names() -> None:
    rows = read(
        Action.multi_refill_status,
        {
            "status": "success",
            "refills": [
                {"refill": 1, "order": 2, "status": "Completed"},
                {"refill": 2, "order": 1, "status": {"error": "Refill not found"}},
                {"refill": 3, "order": 3},
                {"refill": 9, "order": 4, "status": "Completed"},
            ],
        },
        *"1234",
    )

    assert rows == {"1": RefillStatusRow("completed", "Completed"), "2": RowError("Refill not found")}


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
