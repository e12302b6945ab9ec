"""While the database is down: a line a minute, JSON for programs, 503 for everybody."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import structlog
from django.db import Error, IntegrityError, InterfaceError, OperationalError, connection
from django.test import Client

from panelhub.monitoring.outages import OutageFilter, is_outage
from panelhub.settings.logging import JsonFormatter, PlainFormatter


def caused(error: Error, cause: Exception | None) -> Error:
    error.__cause__ = cause
    return error


def sqlite_error(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError(name)
    error.sqlite_errorname = name
    return error


REFUSED = caused(OperationalError("connection refused"), psycopg.OperationalError("connection refused"))
OUTAGES = [
    REFUSED,
    caused(OperationalError("shut down"), psycopg.errors.AdminShutdown()),
    caused(OperationalError("starting up"), psycopg.errors.CannotConnectNow()),
    caused(OperationalError("full"), psycopg.errors.TooManyConnections()),
    caused(InterfaceError("the connection is closed"), psycopg.InterfaceError("the connection is closed")),
    caused(OperationalError("unable to open"), sqlite_error("SQLITE_CANTOPEN")),
    caused(OperationalError("disk I/O error"), sqlite_error("SQLITE_IOERR_WRITE")),
    caused(OperationalError("disk is full"), sqlite_error("SQLITE_FULL")),
]
NO_OUTAGES = [
    None,
    ValueError("no"),
    caused(OperationalError("deadlock"), psycopg.errors.DeadlockDetected()),
    caused(OperationalError("lock timeout"), psycopg.errors.LockNotAvailable()),
    caused(OperationalError("database is locked"), sqlite_error("SQLITE_BUSY")),
    IntegrityError("twice"),
]


@pytest.mark.parametrize("error", OUTAGES, ids=str)
def test_an_outage_is_known_also_behind_another_error(error: Error) -> None:
    behind = RuntimeError("a page failed")
    behind.__context__ = error

    assert is_outage(error)
    assert is_outage(behind)


@pytest.mark.parametrize("error", NO_OUTAGES, ids=str)
def test_other_errors_are_no_outage(error: Exception | None) -> None:
    assert not is_outage(error)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Yield the lines that a handler with the filter writes, from two loggers: `plain` and `structured`."""
    written: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Handler()
    handler.addFilter(OutageFilter())
    handler.setFormatter(PlainFormatter())
    root = logging.getLogger("outage test")
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)


def fail(error: Exception) -> None:
    raise error


def log_all(error: Exception) -> None:
    plain = logging.getLogger("outage test.plain")
    for _ in range(100):
        try:
            fail(error)
        except Exception as caught:
            plain.exception("Internal Server Error: %s", "/orders/")
            plain.error("a task failed", exc_info=caught)
            plain.warning("The schedule waits for the database: %s", caught)
            structlog.get_logger("outage test.structured").exception("poll failed", provider="North")
            structlog.get_logger("outage test.structured").warning("not counted", error=caught)


@pytest.mark.parametrize("error", OUTAGES, ids=str)
def test_hundreds_of_lines_about_an_outage_are_one(error: Error, lines: list[str]) -> None:
    log_all(error)

    assert len(lines) == 1
    assert "The database does not answer" in lines[0]
    assert "Traceback" not in lines[0]
    assert "\n" not in lines[0]


def test_a_minute_later_the_next_line_says_how_many_were_left_out(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_all(REFUSED)
    monkeypatch.setattr("panelhub.monitoring.outages.WRITTEN_EVERY", 0.0)
    logging.getLogger("outage test.plain").error("again", exc_info=REFUSED)

    assert len(lines) == 2
    assert "499 lines about it were left out" in lines[1]


@pytest.mark.parametrize("error", [error for error in NO_OUTAGES if error], ids=str)
def test_other_failures_keep_their_lines_and_tracebacks(error: Exception, lines: list[str]) -> None:
    log_all(error)

    assert len(lines) == 500
    assert "Traceback" in lines[0]


@pytest.mark.parametrize(("status", "written"), [(503, 0), (500, 1), (404, 1)])
def test_a_request_that_was_answered_unavailable_writes_no_line_of_its_own(
    caplog: pytest.LogCaptureFixture, status: int, written: int
) -> None:
    extra = {"status_code": status}
    logging.getLogger("django.request").error("Service Unavailable: %s", "/healthz", extra=extra)

    assert sum(OutageFilter().filter(record) for record in caplog.records) == written


def test_what_is_critical_is_always_written(lines: list[str]) -> None:
    log_all(REFUSED)
    logging.getLogger("outage test.plain").critical("could not record: accepted ids %s", {1: "77"}, exc_info=REFUSED)

    assert len(lines) == 2
    assert "'77'" in lines[1]


def test_a_shortened_line_can_be_json(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("ours").error("lost", exc_info=REFUSED)
    (record,) = caplog.records
    assert OutageFilter().filter(record)

    assert '"message": "The database does not answer: connection refused"' in JsonFormatter().format(record)


@pytest.fixture
def _down(db: None) -> Iterator[None]:
    def refuse(*_: Any) -> None:
        raise REFUSED

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.usefixtures("_down")
@pytest.mark.parametrize("fields", [{"key": "k" * 40, "action": "balance"}, {}, {"key": "x", "action": "add"}])
@pytest.mark.parametrize("path", ["/api/v2", "/api/v2/"])
def test_programs_get_json_while_the_database_is_down(path: str, fields: dict[str, str]) -> None:
    answer = Client(raise_request_exception=False).post(path, fields)

    assert answer["Content-Type"] == "application/json"
    assert answer.json()["error"]
    if fields:
        assert (answer.status_code, answer.json()) == (503, {"error": "Internal error"})


@pytest.mark.usefixtures("_down")
@pytest.mark.parametrize("path", ["/orders/", "/login/", "/services/"])
def test_people_get_a_page_that_asks_them_to_come_back(path: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    answer = client.get(path)

    assert answer.status_code in {200, 503}
    if answer.status_code == 503:
        assert answer["Retry-After"]
        page = answer.content.decode()
        assert answer["X-Request-ID"] in page
        assert "503" in page
        assert "The database isn’t responding" in page
        assert ">500<" not in page


def test_the_stderr_handler_has_the_filter(settings: Any) -> None:
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["outages"]


def test_a_result_of_the_api_is_returned_even_if_the_call_cannot_be_noted(
    db: None, monkeypatch: pytest.MonkeyPatch, django_user_model: Any
) -> None:
    from orders.api.views import endpoint

    def fail_to_note(*_: Any, **__: Any) -> None:
        raise REFUSED

    monkeypatch.setattr(endpoint, "find_token", lambda *_a, **_k: None)
    monkeypatch.setattr(endpoint, "spend_call", lambda *_a: None)
    monkeypatch.setattr(endpoint, "_run", lambda *_a: {"order": 7})
    monkeypatch.setattr(endpoint, "note_call", fail_to_note)
    answer = Client().post("/api/v2", {"key": "k", "action": "add"})

    assert (answer.status_code, answer.json()) == (200, {"order": 7})
