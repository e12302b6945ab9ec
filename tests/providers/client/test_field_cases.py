"""What panels of the field sent and earlier versions read wrongly: `data/field_cases.jsonl`, a line each."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from providers.client.errors import AccountRefused, ProviderError, RateLimited
from providers.client.exchange import RawReply
from providers.client.outcome import Rules, judge
from providers.client.replies.scalars import read_count, read_money
from providers.client.replies.vocabulary import ORDER_STATES, REFILL_STATES, add_words, name_state
from providers.dialects import Action, resolve

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "field_cases.jsonl").read_text("utf-8").splitlines()
]


def cases_of(*kinds: str) -> Any:
    found = [case for case in CASES if case["kind"] in kinds]
    return pytest.mark.parametrize("case", found, ids=[json.dumps(case["input"])[:80] for case in found])


def answer(action: Action, body: str, status: int = 200, rules: Rules | None = None) -> Any:
    try:
        return judge(action, RawReply(status, {}, body.encode(), 0.1), rules=rules)
    except ProviderError as error:
        return error


@cases_of("account-refusal")
def test_a_refusal_of_the_account(case: dict[str, Any]) -> None:
    given = case["input"]
    outcome = answer(Action(given["action"]), given["body"], given["http_status"])

    assert outcome.is_certain
    if case["expected"]["outcome"] == "RateLimited":
        assert type(outcome) is RateLimited
    else:
        assert (type(outcome), outcome.kind) == (AccountRefused, case["expected"]["kind"])


@pytest.mark.parametrize(
    ("code", "kind"), [(1005, "account_off"), (1006, "account_off"), (1007, "account_off"), (1008, "account_off"),
                       (1009, "account_off"), (1010, "account_off"), (1012, "account_off"), (1013, "account_off"),
                       (1020, "account_off"), (1015, "rate_limit"), (1101, ""), (1016, ""), (1200, "")]
)  # fmt: skip
def test_what_the_wall_answers_by_its_number(code: int, kind: str) -> None:
    body = {
        "type": f"https://developers.cloudflare.com/1xxx-errors/error-{code}/",
        "title": f"Error {code}: words",
        "status": 403,
        "detail": "Words that no list knows.",
        "error_code": code,
        "cloudflare_error": True,
    }
    outcome = answer(Action.add, json.dumps(body), 403)

    if kind == "rate_limit":
        assert type(outcome) is RateLimited
    elif kind:
        assert (type(outcome), outcome.kind) == (AccountRefused, kind)
    else:
        assert not outcome.is_certain
    assert outcome.error == "Words that no list knows."


@cases_of("limit")
def test_a_limit(case: dict[str, Any]) -> None:
    row = {"service": 1, "rate": "1", "name": "n", "max": case["input"]["max"]}
    (service,), skipped = answer(Action.services, json.dumps([row]))

    assert (service.max, service.max_unread, skipped) == (case["expected"]["max"], "", 0)
    assert read_count(case["input"]["max"]) == case["expected"]["max"]


@cases_of("rate")
def test_a_rate(case: dict[str, Any]) -> None:
    assert read_money(case["input"]["rate"]) == Decimal(case["expected"]["rate"])


@cases_of("catalogue-shape")
def test_the_shape_of_a_catalogue(case: dict[str, Any]) -> None:
    rows, skipped = answer(Action.services, case["input"]["body"])

    assert ([row.id for row in rows], skipped) == (case["expected"]["ids"], 0)


@cases_of("state-word")
def test_a_word_for_a_state(case: dict[str, Any]) -> None:
    states = ORDER_STATES if case["input"]["of"] == "order" else REFILL_STATES

    assert name_state(case["input"]["word"], states) == case["expected"]["state"]


@cases_of("state-word-of-an-account")
def test_a_word_of_one_account_for_a_state(case: dict[str, Any]) -> None:
    word, override = case["input"]["word"], case["input"]["override"]
    own = resolve("standard", override).state_words
    body = json.dumps({"7": {"status": word, "charge": "1", "start_count": "2", "remains": "0", "currency": "USD"}})

    assert name_state(word, ORDER_STATES) == "unknown"
    assert name_state(word, add_words(ORDER_STATES, own)) == override["states"][word]
    raw = RawReply(200, {}, body.encode(), 0.1)
    assert judge(Action.multi_status, raw, asked=("7",))["7"].status == "unknown"
    assert judge(Action.multi_status, raw, asked=("7",), rules=Rules(state_words=own))["7"].status == "completed"


@cases_of("type-word")
def test_a_word_of_one_account_for_a_type(case: dict[str, Any]) -> None:
    row = {"service": 1, "rate": "1", **case["input"]}
    own = resolve("standard", {"types": {case["input"]["type"].upper(): "default"}}).type_words
    (service,), _ = answer(Action.services, json.dumps([row]), rules=Rules(type_words=own))

    assert (service.type, service.type_label) == ("default", case["input"]["type"])
