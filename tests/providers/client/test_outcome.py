"""The list of certain outcomes, line by line: what came back from a call, and what that means."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from providers.client.errors import (
    AccountProblem,
    AccountRefused,
    NotSent,
    NotSentReason,
    OrderProblem,
    OrderRefused,
    ProviderError,
    RateLimited,
    Refused,
    Unknown,
    UnknownReason,
)
from providers.client.exchange import Failure, RawReply, TransportFailure
from providers.client.outcome import NOT_SENT, Rules, judge
from providers.client.reply_evidence import read_retry_after
from providers.client.sanitize import HIDDEN, Scrubber
from providers.client.types import CancelAccepted, Placed, RefillAccepted, RowError
from providers.dialects import Action

KEY = "c4n4ry-key-0123456789abcdef"
PAID_SINGLES = [Action.add, Action.refill, Action.add_product_order]
PAID = [*PAID_SINGLES, Action.multi_refill, Action.cancel]
OK = {
    Action.add: '{"order": 5}',
    Action.add_product_order: '{"order": 5}',
    Action.refill: '{"refill": 5}',
    Action.multi_refill: '[{"order": 7, "refill": 5}]',
    Action.cancel: '[{"order": 7, "cancel": 5}]',
}


def come_back(
    action: Action, body: Any, status: int = 200, *, asked: Any = ("7",), rules: Rules | None = None, **headers: str
) -> Any:
    """The value or the error of a reply."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    raw = RawReply(
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        text if isinstance(text, bytes) else text.encode(),
        0.25,
    )
    try:
        return judge(action, raw, asked=asked, rules=rules)
    except ProviderError as error:
        return error


# --- Placed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 400, 401, 404, 409, 422, 429, 500, 502, 503, 524])
@pytest.mark.parametrize("action", PAID)
def test_an_id_and_no_error_is_a_yes_under_any_status(action: Action, status: int) -> None:
    value = come_back(action, OK[action], status)

    assert value in (
        Placed("5"),
        RefillAccepted("5"),
        {"7": RefillAccepted("5")},
        {"7": CancelAccepted("5")},
    )


@pytest.mark.parametrize(
    "body",
    [
        {"order": 5},
        {"order": "5"},
        {"order": 5.0},
        {"Order": 5},
        {"order_id": 5},
        {"orderId": "5"},
        {"id": 5},
        {"order": {"order_id": 5}},
        {"order": {"id": "5", "status": "Pending"}},
        {"data": {"order": 5}},
        {"data": {"id": 5}},
        {"data": [{"order": 5}]},
        [{"order": 5}],
        {"status": "success", "order": 5},
        {"status": "Success", "msg": "Placed", "order": 5},
        {"success": True, "order": 5},
        {"order": 5, "error": False},
        {"order": 5, "error": ""},
        {"order": 5, "error": None, "errors": []},
        {"order": 5, "error": 0},
        json.dumps({"order": 5}),
        "\ufeff\n " + json.dumps({"order": 5}) + "\n\n",
    ],
    ids=str,
)
def test_an_order_id_in_any_of_its_shapes(body: Any) -> None:
    assert come_back(Action.add, body) == Placed("5")


def test_charge_and_currency_may_come_with_the_id() -> None:
    placed = come_back(Action.add, '{"order": 5, "charge": "1,5", "currency": "usd"}')

    assert (placed.order, str(placed.charge), placed.currency) == ("5", "1.5", "USD")


# --- Refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 400, 403, 404, 422])
@pytest.mark.parametrize("action", PAID)
def test_an_error_about_the_order_is_a_no(action: Action, status: int) -> None:
    refused = come_back(action, {"error": "Incorrect service ID"}, status)

    assert type(refused) is OrderRefused
    assert refused.is_certain
    assert refused.error == "Incorrect service ID"
    assert refused.problem is OrderProblem.service
    assert refused.evidence
    assert refused.evidence.http_status == status


@pytest.mark.parametrize(
    "body",
    [
        {"error": "Bad link"},
        {"ERROR": " Bad link "},
        {"error": ["Bad link"]},
        {"errors": {"link": ["Bad link"]}},
        {"error": {"message": "Bad link"}},
        {"error": {"code": 7, "msg": "Bad link"}},
        {"error": True, "message": "Bad link"},
        {"error": 104, "msg": "Bad link"},
        {"status": "error", "message": "Bad link"},
        {"status": "fail", "msg": "Bad link"},
        {"status": False, "data": {"msg": "Bad link"}},
        {"success": False, "message": "Bad link"},
        {"success": "false", "message": "Bad link"},
        {"type": "error", "desc": "Bad link"},
        {"data": {"error": "Bad link"}},
        {"order": {"error": "Bad link"}},
        {"order": None, "error": "Bad link"},
        {"order": 0, "error": "Bad link"},
        [{"error": "Bad link"}],
        '"Bad link"',
        {"error": "Bad\u0000 link\u202e"},
    ],
    ids=str,
)
def test_an_error_in_any_of_its_places(body: Any) -> None:
    refused = come_back(Action.add, body)

    assert type(refused) is OrderRefused
    assert refused.error == "Bad link"
    assert refused.problem is OrderProblem.link


def test_an_error_status_makes_a_mere_message_an_error() -> None:
    assert come_back(Action.add, {"message": "Bad link"}, 422).error == "Bad link"
    assert come_back(Action.add, {"detail": "Bad link"}, 400).error == "Bad link"
    assert type(come_back(Action.add, {"message": "Bad link"}, 200)) is Unknown


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Invalid API key", AccountProblem.bad_key),
        ("Account suspended", AccountProblem.account_off),
        ("Not enough funds on balance", AccountProblem.no_funds),
        ("Maintenance", AccountProblem.maintenance),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 422])
@pytest.mark.parametrize("action", [*PAID, Action.balance, Action.multi_status])
def test_an_error_about_the_account(action: Action, text: str, kind: AccountProblem, status: int) -> None:
    refused = come_back(action, {"error": text}, status)

    assert type(refused) is AccountRefused
    assert refused.kind is kind
    assert refused.error == text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error": "Too many requests"}, 200),
        ({"error": "Rate limit exceeded"}, 400),
        ({"error": {"code": "RATE_LIMIT_EXCEEDED"}}, 200),
        ({"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "Not so fast"}}, 200),
        ({"error": "Not so fast"}, 429),
        ("<html>429</html>", 429),
        ("error code: 1015", 429),
        ("", 429),
        ({}, 429),
    ],
    ids=str,
)
def test_too_many_requests(body: Any, status: int) -> None:
    limited = come_back(Action.add, body, status, retry_after="7")

    assert type(limited) is RateLimited
    assert limited.is_certain
    assert limited.retry_after == 7.0
    assert limited.error


@pytest.mark.parametrize("status", [200, 429])
@pytest.mark.parametrize("action", PAID)
def test_an_account_may_take_too_many_requests_for_unknown(action: Action, status: int) -> None:
    rules = Rules(rate_limit_is_unknown=True)

    unknown = come_back(action, {"error": "Too many requests"}, status, rules=rules)
    assert (type(unknown), unknown.reason) == (Unknown, UnknownReason.rate_limit)
    assert type(come_back(Action.balance, {"error": "Too many requests"}, status, rules=rules)) is RateLimited


def test_an_accounts_own_words_decide() -> None:
    rules = Rules(error_words={"kota habis": "no_funds", "gangguan": "unknown"})

    assert type(come_back(Action.add, {"error": "Kota habis!"}, rules=rules)) is AccountRefused
    assert type(come_back(Action.add, {"error": "Ada gangguan"}, rules=rules)) is Unknown
    assert come_back(Action.add, {"error": "Kota habis!"}).reason is UnknownReason.unlisted
    refused = Rules(error_words={"kota habis": "refused"})
    assert type(come_back(Action.add, {"error": "Kota habis!"}, rules=refused)) is OrderRefused


# --- Words that are not listed, and words that say something was made -------------------------------------------------

BUYS = [Action.add, Action.add_product_order]
COSTS_NOTHING = [Action.refill, Action.multi_refill, Action.cancel]
UNLISTED = ["Neutral words that were not foreseen", "Hubungi admin", "Error 417", "The service said so", "失败"]
MADE = {
    Action.add: "Order placed at provider but local save failed",
    Action.add_product_order: "Order created but could not be saved",
    Action.refill: "Refill was created but could not be saved",
    Action.multi_refill: "Refill request sent, local save failed",
    Action.cancel: "Cancellation sent to the supplier, not saved",
}


@pytest.mark.parametrize("status", [200, 201, 400, 403, 404, 409, 415, 418, 422])
@pytest.mark.parametrize("words", UNLISTED)
@pytest.mark.parametrize("action", BUYS)
def test_a_refusal_in_unlisted_words_is_not_certain_for_what_buys(action: Action, words: str, status: int) -> None:
    for body in ({"error": words}, {"status": "fail", "message": words}, {"success": False, "message": words}):
        unlisted = come_back(action, body, status)

        assert (type(unlisted), unlisted.reason) == (Unknown, UnknownReason.unlisted)
        assert not unlisted.is_certain
        assert unlisted.error == words


@pytest.mark.parametrize("status", [200, 400, 403, 422])
@pytest.mark.parametrize("words", UNLISTED)
def test_a_refill_or_cancel_that_is_refused_in_unlisted_words_costs_nothing(words: str, status: int) -> None:
    for action in COSTS_NOTHING:
        refused = come_back(action, {"error": words}, status)
        assert (type(refused), refused.error) == (OrderRefused, words)
    assert come_back(Action.cancel, [{"order": 7, "cancel": {"error": words}}], status) == {"7": RowError(words)}


@pytest.mark.parametrize("status", [200, 201, 400, 401, 402, 403, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("action", PAID)
def test_words_that_say_something_was_made_are_no_refusal_under_any_status(action: Action, status: int) -> None:
    for said in (MADE[action], MADE[action].upper(), f"{MADE[action]}. Not enough funds on balance. Bad link."):
        unknown = come_back(action, {"error": said}, status)

        assert type(unknown) is Unknown
        assert not unknown.is_certain
        assert unknown.reason is (UnknownReason.server_error if status >= 500 else UnknownReason.made)
        assert unknown.error == said


@pytest.mark.parametrize("action", [Action.balance, Action.services, Action.status])
def test_for_a_reading_call_the_same_words_are_a_refusal(action: Action) -> None:
    assert type(come_back(action, {"error": "Order created but could not be saved"})) is OrderRefused


def test_a_row_that_says_something_was_made_is_not_certain() -> None:
    body = [
        {"order": 7, "cancel": {"error": "Cancellation sent to the supplier, not saved"}},
        {"order": 8, "cancel": {"error": "Order cannot be canceled"}},
        {"order": 9, "cancel": "Error"},
    ]

    rows = come_back(Action.cancel, body, asked=("7", "8", "9"))
    assert rows == {"8": RowError("Order cannot be canceled"), "9": RowError("Error")}


@pytest.mark.parametrize("words", ["Order created but could not be saved", "Neutral words that were not foreseen"])
def test_an_account_may_say_that_such_words_are_a_refusal(words: str) -> None:
    assert type(come_back(Action.add, {"error": words}, rules=Rules(error_words={words: "refused"}))) is OrderRefused


def test_a_rate_limit_in_words_says_how_long() -> None:
    limited = come_back(Action.add, {"error": "Please wait 5 seconds before placing next order"})

    assert (type(limited), limited.retry_after) == (RateLimited, 5.0)
    assert come_back(Action.add, {"error": "Please wait 5 seconds"}, retry_after="7").retry_after == 7.0


@pytest.mark.parametrize(
    ("header", "expected"),
    [("7", 7.0), (" 120 ", 120.0), ("0", 0.0), ("", None), ("soon", None), ("-5", None), ("1e9", None), ("٣", None)],
)
def test_retry_after_in_seconds(header: str, expected: float | None) -> None:
    assert read_retry_after(header) == expected


def test_retry_after_as_a_date() -> None:
    later = read_retry_after(format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True))

    assert later is not None
    assert 290 < later <= 300
    assert read_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    far = read_retry_after("Wed, 21 Oct 2099 07:28:00 GMT")
    assert far is not None
    assert far > 1e9
    assert read_retry_after("9" * 400) is not None


# --- Not sent ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [*PAID, Action.balance, Action.services])
@pytest.mark.parametrize("failure", Failure)
def test_a_failure_is_certain_only_before_the_request(action: Action, failure: Failure) -> None:
    with pytest.raises(ProviderError) as caught:
        judge(action, TransportFailure(failure, elapsed=0.5), asked=("7",))

    error = caught.value
    assert isinstance(error, NotSent if failure in NOT_SENT else Unknown)
    assert error.is_certain is (failure in NOT_SENT)
    assert error.reason.value == failure.value
    assert error.evidence is not None
    assert error.evidence.elapsed == 0.5
    assert str(error).endswith(".")


def test_the_failures_before_the_request_are_these() -> None:
    assert {failure.value for failure in NOT_SENT} == {reason.value for reason in NotSentReason}


def test_a_refused_address_says_why() -> None:
    with pytest.raises(NotSent, match=r"^127\.0\.0\.1 is not a public address\.$"):
        judge(Action.add, TransportFailure(Failure.address, sentence="127.0.0.1 is not a public address."))


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


# --- Evidence and secrets ---------------------------------------------------------------------------------------------


def test_evidence_is_cleaned_and_bounded() -> None:
    unknown = come_back(Action.add, '<html>\x00\u202e{"order": "77"}' + "x" * 50_000)

    assert unknown.evidence.excerpt.startswith('<html>{"order": "77"}xxx')
    assert len(unknown.evidence.excerpt) == 2000
    assert unknown.seen_id == "77"


@pytest.mark.parametrize("body", ['{"order": [77]}', '{"Order" : "77"', 'x {"order_id":77,', '{"order":["77", 78]}'])
def test_an_id_that_is_no_answer_is_evidence(body: str) -> None:
    assert come_back(Action.add, body).seen_id == "77"


def test_a_reading_call_sees_no_id() -> None:
    assert come_back(Action.balance, 'x {"order": 5}').seen_id == ""


@pytest.mark.parametrize(
    "body",
    [
        {"error": f"Invalid API key: {KEY}"},
        {"error": [f"Bad {KEY.upper()}"]},
        {"status": "fail", "msg": f"key={KEY} is wrong"},
        '{"error": "Invalid API key ' + "".join(f"\\u{ord(letter):04x}" for letter in KEY) + '"}',
        f"<html>key={KEY}&action=add</html>",
        f'"Unknown key {KEY}"',
        {"hello": {KEY: KEY}},
        f'{{"order": "{KEY}"',
    ],
    ids=str,
)
@pytest.mark.parametrize("action", [Action.add, Action.balance, Action.multi_status, Action.services])
@pytest.mark.parametrize("status", [200, 401, 429, 500, 302])
def test_a_key_that_is_echoed_gets_nowhere(action: Action, body: Any, status: int) -> None:
    error = come_back(action, body, status, rules=Rules(scrubber=Scrubber([KEY])))

    assert isinstance(error, ProviderError)
    shown = f"{error!s} {error!r} {error.args} {vars(error)} {error.evidence}".lower()
    assert KEY not in shown
    assert error.__cause__ is None
    assert error.__context__ is None
    if isinstance(error, Refused):
        assert HIDDEN in error.error or error.error.startswith("HTTP")


def test_a_key_echoed_in_a_value_is_hidden_there_too() -> None:
    rules = Rules(scrubber=Scrubber([KEY]))
    rows, _ = come_back(Action.services, [{"service": 1, "rate": "1", "name": f"Views {KEY}"}], rules=rules)
    status = come_back(Action.status, {"status": f"Done for {KEY}"}, rules=rules)

    assert rows[0].name == f"Views {HIDDEN}"
    assert status.word == f"Done for {HIDDEN}"


def test_a_cut_body_does_not_show_the_start_of_the_key() -> None:
    with pytest.raises(Unknown) as caught:
        judge(
            Action.add,
            TransportFailure(Failure.connection_lost, 200, f"bad key {KEY[:-2]}".encode()),
            rules=Rules(scrubber=Scrubber([KEY])),
        )

    assert caught.value.evidence is not None
    assert caught.value.evidence.excerpt == f"bad key {HIDDEN}"


@pytest.mark.parametrize(
    "action", [Action.result_product, Action.product_order_status, Action.multi_product_order_status]
)
def test_delivered_goods_are_no_evidence(action: Action) -> None:
    error = come_back(action, 'Notice: {"result": ["login | password"]}')

    assert error.evidence.excerpt == ""
    assert "password" not in f"{error!r} {vars(error)}"


def test_partial_bodies_are_evidence() -> None:
    with pytest.raises(Unknown) as caught:
        judge(Action.add, TransportFailure(Failure.connection_lost, 200, b'{"order": 23501, "ch'))

    assert caught.value.seen_id == "23501"
    assert caught.value.evidence is not None
    assert caught.value.evidence.http_status == 200
