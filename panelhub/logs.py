"""Logging: one line per event on stderr, with every secret struck out of it."""

from __future__ import annotations

import json as jsonlib
import logging
import re
from datetime import UTC, datetime
from typing import Any, Final

STRUCK: Final = "[hidden]"
_known_secrets: set[str] = set()
# A secret where it usually stands: form bodies and query strings, JSON, reprs of dicts, headers.
_NAMED_SECRET: Final = re.compile(
    r"""(?ix)
    (?P<name> \b (?: api_?key | key | token | password | passwd | secret | authorization | cookie | sessionid )
              ["']? \s* [=:] \s* )
    (?P<value> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | (?: bearer | token | basic )\s+[^\s,;&"']+ | [^\s,;&"')\]}]+ )
    """
)
_SHORTEST_SECRET: Final = 6


def hide_secret(secret: str) -> None:
    """Strike `secret` out of all that this process logs from now on, wherever it stands in a line.

    Very short ones are not taken: they would strike out ordinary words.
    """
    if len(secret) >= _SHORTEST_SECRET:
        _known_secrets.add(secret)


def scrub(text: str) -> str:
    """Return `text` without secrets: those announced to `hide_secret`, and what follows names such as `key=`."""
    for secret in tuple(_known_secrets):
        if secret in text:
            text = text.replace(secret, STRUCK)
    return _NAMED_SECRET.sub(lambda match: f"{match['name']}{STRUCK}", text)


class PlainFormatter(logging.Formatter):
    """Lines for people. The finished text is scrubbed, so tracebacks are too."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(record.getMessage()),
            "process": record.process,
        }
        if record.exc_info:
            line["traceback"] = scrub(self.formatException(record.exc_info))
        return jsonlib.dumps(line, ensure_ascii=False, default=str)


def logging_settings(*, level: str, json: bool) -> dict[str, Any]:
    """Return Django's LOGGING: everything from `level` on goes to stderr, as JSON when `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {
                "()": "panelhub.logs.PlainFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            },
            "json": {"()": "panelhub.logs.JsonFormatter"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json" if json else "plain"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would print unscrubbed copies.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # One line per received task, every few seconds for ever, tells nobody anything.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }
