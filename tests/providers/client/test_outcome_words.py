"""What the words of a refusal prove, and how long a rate limit says to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from providers.client.errors import (
    OrderRefused,
    RateLimited,
    Unknown,
    UnknownReason,
)
from providers.client.outcome import Rules
from providers.client.reply_evidence import read_retry_after
from providers.client.types import RowError
from providers.dialects import Action
from tests.providers.client.outcomes import come_back

PAID_SINGLES = [Action.add, Action.refill, Action.add_product_order]
PAID = [*PAID_SINGLES, Action.multi_refill, Action.cancel]
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
