"""Logging: one line per event on stderr, with every secret struck out of it.

Lines of this project and of every library go the same way through structlog: what is bound to the running request or
task (its id first of all) is added, secrets are struck out of every value, and the rest is a matter of taste.
"""

from __future__ import annotations

import json as jsonlib
import logging
import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

STRUCK: Final = "[hidden]"
_known_secrets: set[str] = set()
_NAMES_OF_SECRETS: Final = "api_?key|key|token|password|passwd|secret|authorization|cookie|sessionid|require"
# A secret where it usually stands: form bodies and query strings, JSON, reprs of dicts, headers.
_NAMED_SECRET: Final = re.compile(
    rf"""(?ix)
    (?P<name> \b (?: {_NAMES_OF_SECRETS} )
              ["']? \s* [=:] \s* )
    (?P<value> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | (?: bearer | token | basic )\s+[^\s,;&"']+ | [^\s,;&"')\]}}]+ )
    """
)
_SECRET_FIELD: Final = re.compile(rf"(?i)(?:.*_)?(?:{_NAMES_OF_SECRETS})")
_SHORTEST_SECRET: Final = 6
_DEEPEST: Final = 6


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


def scrub_value(value: Any, *, name: str = "", deepest: int = _DEEPEST) -> Any:
    """The same for any value: what is kept under a secret's name goes whole, texts inside are scrubbed one by one.

    What lies more than `deepest` levels down becomes one text.
    """
    if name and value not in (None, "") and _SECRET_FIELD.fullmatch(name):
        return STRUCK
    if isinstance(value, str):
        return scrub(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if not deepest:
        return scrub(repr(value))
    if isinstance(value, Mapping):
        return {scrub(str(k)): scrub_value(part, name=str(k), deepest=deepest - 1) for k, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [scrub_value(part, deepest=deepest - 1) for part in value]
    return scrub(str(value))


def strike_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The processor through which every line goes, last before it is written."""
    return {name: scrub_value(value, name=name) for name, value in event.items()}


def _write_plainly(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """A line for people: when, how bad, who says it, what, and the rest as name=value."""
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
            "plain": {"()": "panelhub.redaction.PlainFormatter"},
            "json": {"()": "panelhub.redaction.JsonFormatter"},
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
            # Who logged in stands in its tables; that those were tidied up meanwhile is no news.
            "axes": {"level": "WARNING"},
        },
    }


_AMOUNT: Final = re.compile(
    r"""(?x)
    (?: [$€£₫₺₹₽¥] \s? )? \d (?: [\d\s.,'’]* \d )? [.,] \d+ (?: \s? (?: [$€£₫₺₹₽¥] | [A-Z]{3}\b ) )?
    | [$€£₫₺₹₽¥] \s? \d (?: [\d\s.,'’]* \d )?
    | \b \d (?: [\d\s.,'’]* \d )? \s? (?: [$€£₫₺₹₽¥] | (?: USD | EUR | VND | TRY | RUB | INR | BRL | GBP | USDT )\b )
    """
)


def hide_amounts(text: str) -> str:
    """A text, such as a provider's own words, without what may be an amount of money: for people who see no costs."""
    return _AMOUNT.sub("…", text)
