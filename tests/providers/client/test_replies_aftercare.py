"""Refills and cancels in shapes beyond the corpus."""

from __future__ import annotations

from typing import Any

import pytest

from providers.client.errors import OrderRefused, Unknown
from providers.client.types import (
    CancelAccepted,
    RefillAccepted,
    RefillStatusRow,
    RowError,
)
from providers.dialects import Action
from tests.providers.client.reading import read


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
