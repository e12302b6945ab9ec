"""What comes back from a call and what that proves: placed, refused, or not sent."""

from __future__ import annotations

import json
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
    Unknown,
    UnknownReason,
)
from providers.client.exchange import Failure, TransportFailure
from providers.client.outcome import NOT_SENT, Rules, judge
from providers.client.types import CancelAccepted, Placed, RefillAccepted
from providers.dialects import Action
from tests.providers.client.outcomes import come_back

PAID_SINGLES = [Action.add, Action.refill, Action.add_product_order]
PAID = [*PAID_SINGLES, Action.multi_refill, Action.cancel]
OK = {
    Action.add: '{"order": 5}',
    Action.add_product_order: '{"order": 5}',
    Action.refill: '{"refill": 5}',
    Action.multi_refill: '[{"order": 7, "refill": 5}]',
    Action.cancel: '[{"order": 7, "cancel": 5}]',
}


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
