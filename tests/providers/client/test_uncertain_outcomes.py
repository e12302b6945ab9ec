"""Answers that look like a refusal and may have bought: an id hidden in them, words of trouble, an account's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.client.errors import (
    AccountProblem,
    AccountRefused,
    OrderRefused,
    ProviderError,
    RateLimited,
    Unknown,
    UnknownReason,
)
from providers.client.exchange import RawReply
from providers.client.outcome import Rules, judge
from providers.client.replies.error_words import name_error
from providers.client.replies.refusals import Meaning
from providers.client.types import RowError
from providers.dialects import Action

BUYS = [Action.add, Action.add_product_order]


def come_back(action: Action, body: Any, status: int = 200, *, rules: Rules | None = None, asked: Any = ("7",)) -> Any:
    """The value or the error of a reply."""
    text = body if isinstance(body, str) else json.dumps(body)
    try:
        return judge(action, RawReply(status, {}, text.encode(), 0.25), asked=asked, rules=rules)
    except ProviderError as error:
        return error


# --- An id that can be seen -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", BUYS)
@pytest.mark.parametrize(
    "body",
    ['{"order": 4711', '{"order": 4711, "error": "Too many', '<html><script>{"order": "4711"}</script></html>'],
    ids=["cut", "cut in its error", "a page"],
)
def test_an_id_in_a_429_that_cannot_be_read_is_no_rate_limit(action: Action, body: str) -> None:
    error = come_back(action, body, 429)

    assert type(error) is Unknown
    assert error.evidence
    assert (error.reason, error.evidence.seen_id) == (UnknownReason.unreadable, "4711")


@pytest.mark.parametrize("body", ["", "<html>Too many requests</html>", '{"error": "Too'])
def test_a_429_that_cannot_be_read_and_shows_no_id_is_a_rate_limit(body: str) -> None:
    assert type(come_back(Action.add, body, 429)) is RateLimited


@pytest.mark.parametrize("action", BUYS)
@pytest.mark.parametrize(
    "beside",
    [
        {"data": {"order": 4711}},
        {"data": {"result": {"order": 4711}}},
        {"data": {"result": {"item": {"order": 4711}}}},
        {"data": [{"service": 1}, {"order": 4711}]},
        {"data": [{"service": 1}, {"service": 2}, {"order": 4711}]},
        {"orders": [[], [{"order": 4711}]]},
    ],
    ids=str,
)
def test_an_id_beside_an_error_is_seen_however_deep_it_lies(action: Action, beside: Any) -> None:
    error = come_back(action, {"error": "Incorrect service ID", **beside})

    assert type(error) is Unknown
    assert error.evidence
    assert (error.reason, error.evidence.seen_id) == (UnknownReason.id_and_error, "4711")
    assert error.error == "Incorrect service ID"


def test_without_an_id_the_same_words_are_a_refusal() -> None:
    assert type(come_back(Action.add, {"error": "Incorrect service ID", "data": [{"service": 1}]})) is OrderRefused


# --- Words of trouble -------------------------------------------------------------------------------------------------

TROUBLE = """
Unknown error
Internal error
Internal server error
Unexpected error
Unhandled exception
Fatal error
Database error
SQL error
Server error
Network error
cURL error 28
SSL error
Socket exception
SQLSTATE[HY000]
Deadlock found when trying to get lock
Something went wrong
An error has occurred
An error occured
Timed out
Gateway timeout
Request time out
Connection time out
Operation time out
Execution time out
Timeout
No response
The supplier did not respond
The supplier does not answer
The supplier is not responding
Host unreachable
Connection error
Connection failed
Connection refused
Connection reset
Connection lost
Connection closed
Could not connect
Unable to connect
Failed to connect
Bad gateway
Service unavailable
Service is temporarily unavailable
503 Service unavailable
Error
Fail
Failed
Failure
Exception
Errors:
Try again
Try later
Please try again later
"""


@pytest.mark.parametrize("words", TROUBLE.strip().splitlines())
def test_each_word_of_trouble_leaves_the_outcome_open(words: str) -> None:
    for action in (*BUYS, Action.refill):
        error = come_back(action, {"error": words})

        assert type(error) is Unknown, action
        # What could not be kept in a database may have been made.
        assert error.reason in (UnknownReason.trouble, UnknownReason.made)
        assert error.error == words
    assert name_error([words]) is Meaning.trouble


# --- An account's own words -------------------------------------------------------------------------------------------


def test_an_accounts_own_words_decide_about_a_row_of_a_batch() -> None:
    body = [
        {"order": 7, "cancel": {"error": "Ada gangguan"}},
        {"order": 8, "cancel": {"error": "Tidak bisa"}},
        {"order": 9, "cancel": {"error": "Kuota penuh"}},
    ]
    words = {"gangguan": "unknown", "kuota": "rate_limit", "tidak bisa": "refused"}

    known = come_back(Action.cancel, body, asked=("7", "8", "9"), rules=Rules(error_words=words))
    strict = Rules(error_words=words, rate_limit_is_unknown=True)
    plain = come_back(Action.cancel, body, asked=("7", "8", "9"))

    assert known == {"8": RowError("Tidak bisa"), "9": RowError("Kuota penuh")}
    assert come_back(Action.cancel, body, asked=("7", "8", "9"), rules=strict) == {"8": RowError("Tidak bisa")}
    assert set(plain) == {"7", "8", "9"}


@pytest.mark.parametrize("action", BUYS)
@pytest.mark.parametrize(
    ("status", "problem"), [(401, AccountProblem.bad_key), (402, AccountProblem.no_funds)], ids=["401", "402"]
)
def test_under_401_and_402_words_that_no_list_knows_are_about_the_account(
    action: Action, status: int, problem: AccountProblem
) -> None:
    error = come_back(action, {"error": "Neutral words that were not foreseen"}, status)

    assert type(error) is AccountRefused
    assert error.kind is problem
    assert come_back(action, {"error": "Neutral words that were not foreseen"}, 400).reason is UnknownReason.unlisted
