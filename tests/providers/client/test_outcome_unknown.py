"""What proves nothing is unknown, and a batch is judged row by row."""

from __future__ import annotations

from typing import Any

import pytest

from providers.client.errors import (
    OrderRefused,
    Unknown,
    UnknownReason,
)
from providers.client.outcome import Rules
from providers.client.types import CancelAccepted, Placed, RefillAccepted, RowError
from providers.dialects import Action
from tests.providers.client.outcomes import come_back

PAID_SINGLES = [Action.add, Action.refill, Action.add_product_order]
PAID = [*PAID_SINGLES, Action.multi_refill, Action.cancel]


# --- Unknown ----------------------------------------------------------------------------------------------------------
UNKNOWN = {
    "nothing": ("", 200, UnknownReason.unreadable),
    "blanks": (" \r\n\t", 200, UnknownReason.unreadable),
    "a page": ("<!DOCTYPE html><html></html>", 200, UnknownReason.unreadable),
    "a page under 403": ("<html>Forbidden</html>", 403, UnknownReason.unreadable),
    "nothing under 401": ("", 401, UnknownReason.unreadable),
    "plain text": ("error code: 524", 200, UnknownReason.unreadable),
    "a form": ("error=Invalid+API+key", 200, UnknownReason.unreadable),
    "XML": ("<?xml version='1.0'?><order>5</order>", 200, UnknownReason.unreadable),
    "JSONP": ('callback({"order": 5})', 200, UnknownReason.unreadable),
    "a notice before": ('Notice: x\n{"order": 5}', 200, UnknownReason.unreadable),
    "a notice after": ('{"order": 5}\nNotice: x', 200, UnknownReason.unreadable),
    "two documents": ('{"order": 5}{"order": 6}', 200, UnknownReason.unreadable),
    "cut": ('{"order": 2350', 200, UnknownReason.unreadable),
    "NaN": ('{"order": NaN}', 200, UnknownReason.unreadable),
    "5,000 digits": ('{"order": ' + "9" * 5000 + "}", 200, UnknownReason.unreadable),
    "an exponent beyond all": ('{"order": 1e99999999999999999999}', 200, UnknownReason.unreadable),
    "200,000 brackets": ("[" * 200_000, 200, UnknownReason.unreadable),
    "500 closed brackets": ("[" * 500 + "]" * 500, 200, UnknownReason.no_answer),
    "compressed bytes": (b"\x1f\x8b\x08\x00\x00", 200, UnknownReason.unreadable),
    "UTF-16": ('{"order": 5}'.encode("utf-16"), 200, UnknownReason.unreadable),
    "null": ("null", 200, UnknownReason.unreadable),
    "true": ("true", 200, UnknownReason.no_answer),
    "a bare number": ("8841", 200, UnknownReason.no_answer),
    "an empty object": ("{}", 200, UnknownReason.no_answer),
    "something else": ('{"hello": "world"}', 200, UnknownReason.no_answer),
    "no id, no error, 400": ('{"hello": "world"}', 400, UnknownReason.no_answer),
    "5xx with an error": ('{"error": "Incorrect service ID"}', 500, UnknownReason.server_error),
    "5xx with no funds": ('{"error": "Not enough funds"}', 503, UnknownReason.server_error),
    "5xx with too many requests": ('{"error": "Too many requests"}', 503, UnknownReason.server_error),
    "5xx with a page": ("<html>502</html>", 502, UnknownReason.server_error),
    "5xx with nothing": ("", 504, UnknownReason.server_error),
    "trouble": ('{"error": "Unknown error, please try again later"}', 200, UnknownReason.trouble),
    "trouble inside": ('{"error": "Internal server error"}', 200, UnknownReason.trouble),
    "an error without a word": ('{"error": true}', 200, UnknownReason.trouble),
    "a mere failure": ('{"success": false}', 200, UnknownReason.trouble),
}
NO_IDS: list[Any] = [0, None, "", -1, [], [5], {}, True, False, "error", "not placed", 2.5, "0"]
# An empty batch, however it is wrapped, is a batch without answers.
NO_ROWS = {"an empty object", "500 closed brackets"}
BATCHES = {Action.multi_refill, Action.cancel}


@pytest.mark.parametrize(
    ("action", "body", "status", "reason"),
    [
        pytest.param(action, *case, id=f"{action}-{name}")
        for action in PAID
        for name, case in UNKNOWN.items()
        if not (action in BATCHES and name in NO_ROWS)
    ],
)
def test_whatever_is_not_certain_is_unknown(action: Action, body: Any, status: int, reason: UnknownReason) -> None:
    unknown = come_back(action, body, status)

    assert type(unknown) is Unknown
    assert not unknown.is_certain
    assert unknown.reason is reason
    assert unknown.evidence
    assert unknown.evidence.http_status == status
    assert unknown.evidence.elapsed == 0.25


@pytest.mark.parametrize("action", [*PAID, Action.balance, Action.services, Action.multi_status])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 399, 101, 600])
@pytest.mark.parametrize(
    "body", ['{"order": 5, "refill": 5, "cancel": 1, "balance": "5"}', '{"error": "Bad link"}', ""]
)
def test_a_redirect_says_nothing_whatever_it_holds(action: Action, status: int, body: str) -> None:
    unknown = come_back(action, body, status)

    assert (type(unknown), unknown.reason) == (Unknown, UnknownReason.redirect)
    assert unknown.seen_id == ("5" if action in PAID_SINGLES and "order" in body else unknown.seen_id)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        (Action.add, {"order": 5, "error": "Link is private"}),
        (Action.add, {"order": 5, "status": "error", "message": "Bad link"}),
        (Action.add, {"order": 5, "success": False}),
        (Action.add, {"error": "Bad link", "data": {"order_id": 5}}),
        (Action.add, {"order": 5, "data": {"error": "Bad link"}}),
        (Action.add, {"order": {"order_id": 5, "error": "Bad link"}}),
        (Action.add, [{"order": 5, "error": "Bad link"}]),
        (Action.add_product_order, {"order": 5, "error": "Not enough funds"}),
        (Action.refill, {"refill": 5, "error": "Invalid API key"}),
        (Action.refill, {"refill": {"id": 5, "refill_id": 5, "error": "x y"}}),
        (Action.multi_refill, {"error": "Some failed", "7": {"refill": 5}}),
        (Action.multi_refill, {"error": "Some failed", "data": [{"order": 7, "refill": 5}]}),
        (Action.cancel, {"error": "Too many requests", "cancel": 5}),
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_an_id_beside_an_error_is_unknown_and_is_kept(action: Action, body: Any, status: int) -> None:
    unknown = come_back(action, body, status)

    assert (type(unknown), unknown.reason) == (Unknown, UnknownReason.id_and_error)
    assert unknown.seen_id == "5"
    assert unknown.error


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"id": 17, "message": "Bad link"}},
        {"error": "Bad link", "service": {"id": 17}},
        {"error": "Bad link", "order": None, "user": {"id": 3}},
        {"error": "Bad link", "order": {"quantity": 5, "service": 17}},
    ],
    ids=str,
)
def test_an_id_of_something_else_does_not_make_a_plain_no_unknown(body: Any) -> None:
    assert type(come_back(Action.add, body)) is OrderRefused


@pytest.mark.parametrize("value", NO_IDS, ids=str)
def test_what_is_no_id_places_nothing(value: Any) -> None:
    assert type(come_back(Action.add, {"order": value})) is Unknown


def test_under_an_error_status_a_bare_id_may_be_anybodys() -> None:
    assert type(come_back(Action.add, {"id": "req-17"}, 500)) is Unknown
    assert come_back(Action.add, {"id": 17}, 200) == Placed("17")


@pytest.mark.parametrize("body", [{"refill": True}, {"success": "Your order will be refilled"}], ids=str)
def test_a_refill_without_an_id_needs_a_good_status(body: Any) -> None:
    assert come_back(Action.refill, body, 200) == RefillAccepted(None)
    assert type(come_back(Action.refill, body, 500)) is Unknown


# --- Batches of paid calls --------------------------------------------------------------------------------------------


def test_a_batch_is_judged_row_by_row() -> None:
    rows = come_back(
        Action.cancel,
        [
            {"order": 1, "cancel": 1},
            {"order": 2, "cancel": {"error": "Incorrect order ID"}},
            {"order": 3, "cancel": {"error": "Internal server error"}},
            {"order": 4},
            {"order": 6, "cancel": True},
            {"order": 99, "cancel": 1},
        ],
        asked=("1", "2", "3", "4", "5", "6"),
    )

    assert rows == {
        "1": CancelAccepted("1"),
        "2": RowError("Incorrect order ID"),
        "6": CancelAccepted(None),
    }
    assert rows.evidence.http_status == 200
    assert "Internal server error" in rows.evidence.excerpt


def test_two_rows_that_contradict_each_other_say_nothing() -> None:
    rows = come_back(
        Action.multi_refill,
        [
            {"order": 1, "refill": 5},
            {"order": 1, "refill": {"error": "Not eligible here"}},
            {"order": 2, "refill": 6},
            {"order": 2, "refill": 6},
        ],
        asked=("1", "2"),
    )

    assert rows == {"2": RefillAccepted("6")}


def test_under_a_server_error_only_ids_count() -> None:
    body = [
        {"order": 1, "refill": 5},
        {"order": 2, "refill": None},
        {"order": 3, "refill": {"error": "Incorrect order ID"}},
    ]

    assert come_back(Action.multi_refill, body, 500, asked=("1", "2", "3")) == {"1": RefillAccepted("5")}
    assert type(come_back(Action.multi_refill, body[1:], 500, asked=("2", "3"))) is Unknown


def test_an_empty_batch_answers_nothing() -> None:
    rows = come_back(Action.cancel, [], asked=("1", "2"))

    assert rows == {}
    assert rows.evidence.excerpt == "[]"
    assert type(come_back(Action.cancel, [], 502)) is Unknown


def test_a_row_that_says_too_many_requests_follows_the_accounts_rule() -> None:
    body = [{"order": 7, "cancel": {"error": "Too many requests"}}]

    assert come_back(Action.cancel, body) == {"7": RowError("Too many requests")}
    assert come_back(Action.cancel, body, rules=Rules(rate_limit_is_unknown=True)) == {}
