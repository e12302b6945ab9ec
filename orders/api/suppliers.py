"""Who supplies the hub is none of its programs' business: no refusal names a provider."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from orders.api import request as errors
from providers.dialects import DIALECTS
from providers.models import Provider

# Sentences of the API itself, which may hold a word that is some provider's name.
_OWN: Final = frozenset(value for name, value in vars(errors).items() if name.isupper() and isinstance(value, str))
_SHORTEST: Final = 3


def hide_suppliers(body: Any) -> Any:
    """Replace the refusals within an answer that name a supplier."""
    found = list(_refusals(body))
    if found:
        names = _names()
        for row in found:
            row["error"] = _without(row["error"], names)
    return body


def without_suppliers(sentence: str) -> str:
    """Return a refusal as it is, or one that names no one."""
    return sentence if sentence in _OWN else _without(sentence, _names())


def _refusals(body: Any) -> Any:
    if isinstance(body, dict):
        if isinstance(body.get("error"), str) and body["error"] not in _OWN:
            yield body
        for part in body.values():
            yield from _refusals(part)
    elif isinstance(body, list):
        for part in body:
            yield from _refusals(part)


def _without(sentence: str, names: frozenset[str]) -> str:
    folded = sentence.casefold()
    return errors.UNAVAILABLE if any(name in folded for name in names) else sentence


def _names() -> frozenset[str]:
    """Return whatever names a supplier: accounts, their hosts, the documents they speak by."""
    names = {text for dialect in DIALECTS.values() for text in (dialect.title, str(dialect.document), dialect.slug)}
    for name, url in Provider.objects.values_list("name", "api_url"):
        names |= {name, urlsplit(url).hostname or ""}
    return frozenset(name.casefold() for name in names if len(name) >= _SHORTEST)
