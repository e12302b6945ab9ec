"""One id from a click to what it leads to, and no line that reveals a secret."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from celery import current_app
from django.test import Client
from django.urls import reverse

from panelhub.background.fanout import for_each
from panelhub.http import request_id
from panelhub.http.request_id import HEADER, NAME, bound_id, current_id
from panelhub.redaction import hide_secret
from panelhub.settings.logging import JsonFormatter, PlainFormatter

CANARY = "canary-7f3c9a51e0"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0123456789abcdef", True),
        ("trace.id_from-the-proxy-1", True),
        ("", False),
        ("short", False),
        ("two words of it", False),
        ("a" * 65, False),
        ("<script>alert(1)</script>", False),
    ],
)
def test_a_request_keeps_the_id_of_the_proxy_when_it_looks_like_one(db: None, sent: str, *, kept: bool) -> None:
    answer = Client().get(reverse("login"), headers={HEADER: sent})

    assert (answer[HEADER] == sent) is kept
    assert len(answer[HEADER]) >= 8


def test_two_requests_have_two_ids_and_nothing_stays_bound(db: None) -> None:
    client = Client()

    assert client.get(reverse("login"))[HEADER] != client.get(reverse("login"))[HEADER]
    assert current_id() == ""


def test_a_message_carries_the_id_of_what_sent_it() -> None:
    headers: dict[str, Any] = {}
    with bound_id("0123456789abcdef"):
        request_id._put_into_message(headers=headers)
    assert headers[NAME] == "0123456789abcdef"


def test_a_message_sent_by_the_schedule_gets_an_id_of_its_own() -> None:
    headers: dict[str, Any] = {}
    request_id._put_into_message(headers=headers)
    assert len(headers[NAME]) == 32


def test_a_worker_takes_the_id_from_the_message_and_lets_go_of_it() -> None:
    task = SimpleNamespace(name="orders.submission.tasks.submit", request=_Request({NAME: "0123456789abcdef"}))
    request_id._take_from_message(task=task, task_id="the-task-s-own-id")
    assert current_id() == "0123456789abcdef"
    request_id._let_go(task=task)
    assert current_id() == ""


def test_a_message_without_an_id_or_with_a_strange_one_goes_by_the_task() -> None:
    for given in ({}, {NAME: "\r\nforged line"}, {NAME: None}):
        task = SimpleNamespace(name="orders.submission.tasks.submit", request=_Request(given))
        request_id._take_from_message(task=task, task_id="the-task-s-own-id")
        assert current_id() == "the-task-s-own-id"
        request_id._let_go(task=task)


def test_a_real_message_comes_back_with_the_id_in_its_headers() -> None:
    with current_app.connection_for_write("memory://") as connection, bound_id("0123456789abcdef"):
        queue = connection.SimpleQueue("ids")
        current_app.send_task("tests.nothing", queue="ids", producer=current_app.amqp.Producer(connection))
        headers = queue.get(timeout=1).headers
    assert headers[NAME] == "0123456789abcdef"


def test_what_is_done_side_by_side_goes_by_the_same_id() -> None:
    with bound_id("0123456789abcdef"):
        assert dict(for_each([1, 2, 3], lambda _item: current_id())) == dict.fromkeys([1, 2, 3], "0123456789abcdef")


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()])
def test_every_line_carries_the_id_whoever_logs_it(
    formatter: logging.Formatter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with bound_id("0123456789abcdef"):
        logging.getLogger("a.library").warning("an ordinary line of %s", "theirs")
        structlog.get_logger("ours").info("provider call", provider="North", seconds=0.25)
        first, second = (formatter.format(record) for record in caplog.records)

    assert "an ordinary line of theirs" in first
    assert "provider call" in second
    assert "North" in second
    assert "0123456789abcdef" in first
    assert "0123456789abcdef" in second


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()])
def test_no_value_of_a_line_reveals_a_secret(formatter: logging.Formatter, caplog: pytest.LogCaptureFixture) -> None:
    hide_secret(CANARY)
    caplog.set_level(logging.INFO)
    log = structlog.get_logger("ours")
    log.info("sent", api_key=CANARY, parameters={"key": "unannounced-secret", "link": f"https://x/?k={CANARY}"})
    log.info("echoed", words=[f"unknown key {CANARY}"], deep={"a": {"b": {"c": {"d": {"e": {"f": {"g": CANARY}}}}}}})
    logging.getLogger("library").info("body %s", f"key={CANARY}", extra={"Authorization": "Bearer unannounced-secret"})
    try:
        raise ValueError(f"key {CANARY} refused")
    except ValueError:
        log.exception("failed", require="unannounced-secret")

    lines = "\n".join(formatter.format(record) for record in caplog.records)

    assert CANARY not in lines
    assert "unannounced-secret" not in lines
    assert lines.count("[hidden]") >= 7


def test_a_line_cannot_be_forged_by_its_content(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    structlog.get_logger("ours").info("reply", words="fine\n2026-01-01 ERROR forged: line")

    line = JsonFormatter().format(caplog.records[0])

    assert "\n" not in line
    assert json.loads(line)["words"].startswith("fine")
    assert "\n" not in PlainFormatter().format(caplog.records[0])


class _Request(dict[str, Any]):
    is_eager = False
