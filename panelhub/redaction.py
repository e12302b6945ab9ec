"""Logging: one line per event on stderr, with every secret struck out of it.

Lines of this project and of every library go the same way through structlog: what is bound to the running request or
task (its id first of all) is added, secrets are struck out of every value, and the rest is a matter of taste.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from structlog.typing import EventDict, WrappedLogger

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
    """Return the same for any value: what is kept under a secret's name goes whole, texts inside are scrubbed one by
    one.

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
    """Return the processor through which every line goes, last before it is written."""
    return {name: scrub_value(value, name=name) for name, value in event.items()}


_AMOUNT: Final = re.compile(
    r"""(?x)
    (?: [$€£₫₺₹₽¥] \s? )? \d (?: [\d\s.,'’]* \d )? [.,] \d+ (?: \s? (?: [$€£₫₺₹₽¥] | [A-Z]{3}\b ) )?
    | [$€£₫₺₹₽¥] \s? \d (?: [\d\s.,'’]* \d )?
    | \b \d (?: [\d\s.,'’]* \d )? \s? (?: [$€£₫₺₹₽¥] | (?: USD | EUR | VND | TRY | RUB | INR | BRL | GBP | USDT )\b )
    """
)


def hide_amounts(text: str) -> str:
    """Return a text, such as a provider's own words, without what may be an amount of money: for people who see no
    costs.
    """
    return _AMOUNT.sub("…", text)
