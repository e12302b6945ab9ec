"""While the database is down: one line a minute in the log, in place of a traceback for all that needed it."""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from django.db import InterfaceError, OperationalError

WRITTEN_EVERY: Final = 60.0
# Of PostgreSQL: the server ends, has ended, starts, or has no room for one more connection.
_UNREACHABLE: Final = frozenset({"57P01", "57P02", "57P03", "53300"})
_UNUSABLE_FILE: Final = ("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_NOTADB")
_LONGEST_CHAIN: Final = 10
_UNAVAILABLE: Final = 503


def is_outage(error: BaseException | None) -> bool:
    """Return whether an error says that the database cannot be reached or used, and nothing of what was wanted."""
    return any(_says_unreachable(link) for link in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_LONGEST_CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _says_unreachable(error: BaseException) -> bool:
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorname", "").startswith(_UNUSABLE_FILE)
    state = getattr(cause, "sqlstate", None)
    # Without a state nothing came from the server: there was no connection, or it broke.
    return state is None or state in _UNREACHABLE or state.startswith("08")


class OutageFilter(logging.Filter):
    """Lets one line a minute through of all that are about an outage, without its traceback.

    What is critical always passes: it may be the only record of an order that was accepted.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._lock = threading.Lock()
        self._written_at = float("-inf")
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.CRITICAL:
            return True
        if record.name == "django.request" and getattr(record, "status_code", None) == _UNAVAILABLE:
            # A probe, or a request during an outage: who answered so has written why.
            return False
        error = next(filter(is_outage, _errors_of(record)), None)
        if error is None:
            return True
        with self._lock:
            now = time.monotonic()
            if now - self._written_at < WRITTEN_EVERY:
                self._left_out += 1
                return False
            self._written_at, left_out, self._left_out = now, self._left_out, 0
        _shorten(record, error, left_out)
        return True


def _errors_of(record: logging.LogRecord) -> Iterator[BaseException]:
    values: list[Any] = [record.exc_info]
    if isinstance(record.msg, dict):
        values += record.msg.values()
    elif isinstance(record.args, tuple):
        values += record.args
    for value in values:
        if value is True:
            value = sys.exc_info()
        if isinstance(value, tuple) and len(value) > 1:
            value = value[1]
        if isinstance(value, BaseException):
            yield value


def _shorten(record: logging.LogRecord, error: BaseException, left_out: int) -> None:
    why = " ".join(str(error).split())[:200] or type(error).__name__
    more = f" ({left_out} lines about it were left out)" if left_out else ""
    text = f"The database does not answer: {why}{more}"
    if isinstance(record.msg, dict):
        record.msg = {name: value for name, value in record.msg.items() if name != "exc_info"} | {"event": text}
    else:
        record.msg, record.args = text, ()
    record.exc_info = record.exc_text = record.stack_info = None
