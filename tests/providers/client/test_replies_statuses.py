"""Order statuses in shapes beyond the corpus, one or several in a reply."""

from __future__ import annotations

from typing import Any

import pytest

from providers.client.errors import OrderRefused, Unknown
from providers.client.types import (
    RowError,
)
from providers.dialects import Action
from tests.providers.client.reading import read


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
def test_rows_that_cannot_be_distinguished(body: Any) -> None:
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
