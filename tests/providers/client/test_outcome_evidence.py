"""The evidence of an unknown outcome is short and holds no secret."""

from __future__ import annotations

from typing import Any

import pytest

from providers.client.errors import (
    ProviderError,
    Refused,
    Unknown,
)
from providers.client.exchange import Failure, TransportFailure
from providers.client.outcome import Rules, judge
from providers.client.sanitize import HIDDEN, Scrubber
from providers.dialects import Action
from tests.providers.client.outcomes import come_back

KEY = "c4n4ry-key-0123456789abcdef"


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
