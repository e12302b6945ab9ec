"""What is kept of a paid call: all of it, but for what is secret, and bounded."""

from __future__ import annotations

import json

import pytest

from providers.client.exchange import Failure, RawReply, TransportFailure
from providers.client.outcome import Rules
from providers.client.sanitize import Scrubber
from providers.client.transcript import CUT, LONGEST_VALUE, MASK, MOST_KEPT, Exchange, keep_exchange
from providers.dialects import Action

KEY = "canary-key-93b1"
REQUIRE = "login: someone@example.com"
ADD = {"service": "1", "link": "https://example.com/p", "quantity": "100"}


def keep(action: Action, body: bytes, parameters: dict[str, str] | None = None, *, status: int = 200) -> Exchange:
    rules = Rules(scrubber=Scrubber((KEY, REQUIRE)))
    return keep_exchange(action, str(action), parameters or ADD, RawReply(status=status, headers={}, body=body), rules)


def test_both_sides_are_kept_with_the_key_masked() -> None:
    kept = keep(Action.add, b'{"order": 23501}')

    assert kept.sent == {"key": MASK, "action": "add", **ADD}
    assert (kept.http_status, kept.reply) == (200, '{"order": 23501}')


@pytest.mark.parametrize(
    "body",
    [
        f'{{"error": "bad key {KEY}"}}',
        f'{{"error": "bad key {KEY.upper()}"}}',
        json.dumps({"error": KEY}).replace("c", "\\u0063"),
        f"<html>{KEY}</html>",
        '{"error": "' + KEY.replace("c", "\\u0063"),
        "x" * (MOST_KEPT - 8) + KEY,
        "\\" * 3 + "y" * (4 * MOST_KEPT - 11) + KEY,
    ],
)
def test_a_key_that_is_echoed_is_not_kept(body: str) -> None:
    kept = keep(Action.add, body.encode())

    assert KEY not in kept.reply
    assert KEY[:8] not in kept.reply


def test_what_a_buyer_handed_over_is_not_kept() -> None:
    sent = {"product": "7", "quantity": "1", "require": REQUIRE}
    kept = keep(Action.add_product_order, f'{{"order": 9, "note": "{REQUIRE}"}}'.encode(), sent)

    assert kept.sent["require"] == MASK
    assert REQUIRE not in kept.reply
    assert '"order": 9' in kept.reply


@pytest.mark.parametrize(
    "body",
    [
        b'{"order": 9, "result": "user:password"}',
        b'{"order": 9, "data": {"items": ["user:password"]}}',
        b'{"order": {"id": 9, "account": "user:password"}}',
        b'[["user:password"]]',
        b'"user:password"',
        b'{"order": 9, "result": "user:password"',
    ],
)
def test_goods_are_not_kept(body: bytes) -> None:
    assert "password" not in keep(Action.add_product_order, body).reply


def test_what_is_kept_is_bounded() -> None:
    comments = "\n".join(["nice"] * 100_000)
    kept = keep(Action.add, b"z" * 10_000_000, {**ADD, "comments": comments, "more": "w" * MOST_KEPT})

    assert len(kept.reply) <= MOST_KEPT
    assert len(kept.sent["comments"]) <= LONGEST_VALUE + len(CUT)
    assert kept.sent["comments"].endswith(CUT)
    assert sum(map(len, kept.sent.values())) < 2 * MOST_KEPT


def test_control_characters_are_not_kept() -> None:
    kept = keep(Action.add, b'{"order": 1, "x": "a\\u0000b"}', {"link": "a\x00b\u202e"})

    assert "\x00" not in kept.reply + kept.sent["link"]
    assert "\u202e" not in kept.sent["link"]


def test_a_call_without_an_answer_is_kept_too() -> None:
    lost = TransportFailure(Failure.connection_lost, partial=b'{"ord')
    kept = keep_exchange(Action.add, "add", ADD, lost, Rules())

    assert (kept.http_status, kept.reply) == (None, '{"ord')
