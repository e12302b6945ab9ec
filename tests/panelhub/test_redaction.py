"""Logs tell no secrets."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from panelhub.redaction import hide_secret, scrub
from panelhub.settings.logging import JsonFormatter, PlainFormatter


@pytest.mark.parametrize(
    "text",
    [
        "POST body key=CANARY1234&action=add",
        "action=add&key=CANARY1234",
        '{"key": "CANARY1234", "action": "add"}',
        "{'api_key': 'CANARY1234'}",
        "Authorization: Bearer CANARY1234",
        "authorization: Token CANARY1234",
        "password=CANARY1234",
        "(token=CANARY1234)",
        'key="CANARY1234 with \\" a quote"',
    ],
)
def test_what_follows_the_name_of_a_secret_is_struck_out(text: str) -> None:
    assert "CANARY" not in scrub(text)
    assert "[hidden]" in scrub(text)


def test_ordinary_words_stay() -> None:
    text = "order 12 placed as 3456 at 1.20 USD; keyboard=us monkey=banana"

    assert scrub(text) == text


def test_an_announced_secret_is_struck_out_wherever_it_stands() -> None:
    hide_secret("f00dcafe5ec4e7")

    assert scrub("The panel said: unknown key f00dcafe5ec4e7!") == "The panel said: unknown key [hidden]!"


def test_a_very_short_secret_does_not_strike_out_ordinary_text() -> None:
    hide_secret("ok")

    assert scrub("all is ok") == "all is ok"


def make_record(message: str, *args: object) -> logging.LogRecord:
    try:
        raise ValueError("reply was key=CANARY1234")
    except ValueError:
        return logging.LogRecord("wire", logging.ERROR, __file__, 1, message, args, sys.exc_info())


def test_tracebacks_and_arguments_are_scrubbed_too() -> None:
    line = PlainFormatter("%(message)s").format(make_record("sent %s", "key=CANARY5678"))

    assert "CANARY" not in line
    assert "ValueError" in line


def test_json_lines_are_json_and_scrubbed() -> None:
    line = JsonFormatter().format(make_record("sent %s\nnext", "key=CANARY5678"))

    assert "CANARY" not in line
    assert "\n" not in line
    assert json.loads(line)["level"] == "error"
