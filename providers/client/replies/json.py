"""From the bytes of a reply to a JSON document, and from a document to named fields.

The body alone is judged, never its content type: panels send JSON as text/html and pages as JSON. JSON is read strictly
(no NaN, no Infinity, numbers with a point as Decimal); what is not clean JSON from its first character to its last is
unusable, even when something like an answer can be seen in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NoReturn

from providers.client.replies.scalars import read_id
from providers.client.sanitize import clean_line
from providers.client.types import MAX_ERROR

Fields = dict[str, Any]
"""A JSON object whose names are in lower case: some panels write Order, some orderId."""

_ROUND_THE_BODY: Final = "\ufeff \t\r\n\v\f"
_FIGURES: Final = ("charge", "start_count", "start_counter", "remains", "remain")
_MESSAGES: Final = ("message", "msg")
_CLEAR_IDS: Final = ("order", "order_id", "orderid")
_OBJECT_MESSAGES: Final = ("message", "error", "msg")
_FAILED_CALL: Final = frozenset({"error", "fail", "failed"})
_SEEN_ID: Final = r'"\s*:\s*\[?\s*"?([0-9A-Za-z][0-9A-Za-z_.:-]*)'
_DEEPEST_ERROR: Final = 4


class UnusableError(Exception):
    """The reply says nothing that can be used; the text says why, in a few words."""


class ErrorReplyError(Exception):
    """The reply, or a row of it, is an error. `texts` are the panel's words, the main one first."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.texts = texts

    @property
    def text(self) -> str:
        """The panel's words; "" when it gave none."""
        return next((text for text in self.texts if text), "")


def decode_body(body: bytes) -> str:
    """Return the body as text, without BOMs and blanks round it. A broken byte spoils its own character only."""
    return body.decode("utf-8", "replace").strip(_ROUND_THE_BODY)


def parse_document(text: str) -> Any:
    """Return the JSON document in the text. Raises UnusableError, or ErrorReplyError for a bare JSON string."""
    document = _parse(text)
    if isinstance(document, str):
        inner = document.strip(_ROUND_THE_BODY)
        if inner[:1] not in ("{", "["):
            raise ErrorReplyError(clean_line(document, MAX_ERROR))
        document = _parse(inner)
    if document is None:
        raise UnusableError("null")
    return document


def _parse(text: str) -> Any:
    if not text:
        raise UnusableError("an empty body")
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError, MemoryError):
        # Raised again below, so that the parser's error, which holds the whole body, is not carried along.
        pass
    raise UnusableError("an HTML page" if text[0] == "<" else "no clean JSON")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def fold_names(document: Mapping[str, Any]) -> Fields:
    """Return the object with its names trimmed and in lower case."""
    return {name.strip().lower(): value for name, value in document.items()}


def raise_if_error(fields: Fields, *, http_status: int = 200, nested: Fields | None = None) -> None:
    """Raise ErrorReplyError when the object is an error. `nested` is the object under `data`, where texts may hide."""
    whole = {**fields, **(nested or {})}
    messages = tuple(_text(fields, name) for name in _MESSAGES)
    code = _text(fields, "code")
    for name in ("errors", "error"):
        if _says_error(value := fields.get(name)):
            raise ErrorReplyError(_text_of(value), *messages, _code_of(value), code)
    if nested:
        messages += tuple(_text(nested, name) for name in _MESSAGES)
    figures = any(whole.get(name) is not None for name in _FIGURES)
    if fields.get("status") is False or fields.get("success") in (False, "false"):
        raise ErrorReplyError(*messages, code)
    if _word(fields, "type") == "error":
        raise ErrorReplyError(*messages, _text(fields, "desc"), code)
    if _word(fields, "status") in _FAILED_CALL and any(messages) and not figures:
        raise ErrorReplyError(*messages, code)
    if http_status >= 400 and not figures and first_id(whole, _CLEAR_IDS) is None:
        messages += (_text(fields, "detail"), _text(fields, "title"))
        if any(messages):
            raise ErrorReplyError(*messages, code, _wall_code(fields))


def _wall_code(fields: Fields) -> str:
    """Return the number of an error that the wall in front of a panel answers with, as words; "" when it is none."""
    code = fields.get("error_code")
    is_wall = fields.get("cloudflare_error") is True or "cloudflare" in _text(fields, "type").lower()
    return f"cloudflare error {code}" if is_wall and isinstance(code, int) and 1000 <= code < 2000 else ""


def _says_error(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != 0 and value not in ([], {})


def _text_of(value: Any, depth: int = 0) -> str:
    """Return the words of an error, whatever it is made of; "" for a mere flag or number."""
    if isinstance(value, str):
        return clean_line(value, MAX_ERROR)
    if depth > _DEEPEST_ERROR:
        return ""
    if isinstance(value, list):
        return _join(value, depth)
    if isinstance(value, dict):
        folded = fold_names(value)
        for name in _OBJECT_MESSAGES:
            if text := _text_of(folded.get(name), depth + 1):
                return text
        return _join(list(folded.values()), depth)
    return ""


def _join(parts: list[Any], depth: int) -> str:
    texts = (_text_of(part, depth + 1) for part in parts[:100])
    return "; ".join(text for text in texts if text)[:MAX_ERROR]


def _code_of(value: Any) -> str:
    return _text(fold_names(value), "code") if isinstance(value, dict) else ""


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return clean_line(value, MAX_ERROR) if isinstance(value, str) else ""


def _word(fields: Fields, name: str) -> str:
    return _text(fields, name).lower()


def first_id(fields: Fields, names: tuple[str, ...]) -> str | None:
    """Return the id under the first of the names that is there at all; None when that one holds none.

    `null` counts as there: a panel that says "order: null" has placed no order, whatever else it numbers.
    """
    for name in names:
        if name in fields:
            return read_id(fields[name])
    return None


def spot_id(text: str, names: tuple[str, ...]) -> str:
    """Return an id that can be seen in a text that is no clean JSON; "" when none. Evidence for a person, never an
    answer.
    """
    for name in names:
        for found in re.finditer(f'(?i)"{name}{_SEEN_ID}', text):
            if seen := read_id(found[1]):
                return seen
    return ""
