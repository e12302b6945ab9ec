"""Logging: structured, with secrets struck out, as text or JSON."""

from __future__ import annotations

import json as jsonlib
import logging
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from panelhub.redaction import strike_secrets


def _write_plainly(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Return a line for people: when, how bad, who says it, what, and the rest as name=value."""
    traceback = event.pop("traceback", "")
    event.pop("process", None)
    at, level, name, message = (event.pop(part, "") for part in ("at", "level", "logger", "message"))
    rest = "".join(f" {field}={value}" for field, value in event.items())
    # A stranger's words must not pass for a line of their own.
    line = f"{at} {level.upper()} {name}: {message}{rest}".replace("\r", "\\r").replace("\n", "\\n")
    return f"{line}\n{traceback}" if traceback else line


def _write_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return jsonlib.dumps(event, ensure_ascii=False, default=str)


def _add_process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord | None = event.get("_record")
    return {**event, "process": record.process} if record else event


_SHARED: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """What both forms of a line have in common; only their last step differs."""

    write: Processor

    def __init__(self, *_args: Any, **_options: Any) -> None:
        super().__init__(
            foreign_pre_chain=_SHARED,
            processors=[
                _add_process,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.EventRenamer("message"),
                structlog.processors.StackInfoRenderer(),
                _rename_traceback,
                strike_secrets,
                type(self).write,
            ],
        )


def _rename_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["traceback"] = event.pop("exception")
    return event


class PlainFormatter(_Formatter):
    """Lines for people. Tracebacks are scrubbed like all else."""

    write = staticmethod(_write_plainly)


class JsonFormatter(_Formatter):
    """One JSON object a line, for programs that collect logs."""

    write = staticmethod(_write_json)


def set_up_structlog() -> None:
    """Send what is logged through structlog the same way as all other lines."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_settings(*, level: str, json: bool) -> dict[str, Any]:
    """Return Django's LOGGING: everything from `level` on goes to stderr, as JSON when `json`."""
    set_up_structlog()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"()": "panelhub.settings.logging.PlainFormatter"},
            "json": {"()": "panelhub.settings.logging.JsonFormatter"},
        },
        "filters": {"outages": {"()": "panelhub.monitoring.outages.OutageFilter"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if json else "plain",
                "filters": ["outages"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would print unscrubbed copies.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # One line per received task, every few seconds for ever, says nothing.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            # Who logged in stands in its tables; that those were tidied up meanwhile is no news.
            "axes": {"level": "WARNING"},
        },
    }
