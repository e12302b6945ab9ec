"""Reading a call: a form or a JSON object becomes parameters as text, whatever else was sent is refused."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from orders.api.errors import BAD_ACTION, KEY_TOO_LONG, NOT_IN_ADDRESS, ApiRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

MOST_FIELDS: Final = 60
MOST_BYTES: Final = 1_000_000
"""A body that holds the longest list of comments fits; one that is meant to fill the memory does not."""
LONGEST_KEY: Final = 80
_IDS: Final = frozenset({"orders", "refills"})
_ARRAY: Final = re.compile(r"(\w{1,40})\[\d{0,4}\]")
# What no database column and no provider takes.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def read_fields(request: HttpRequest) -> dict[str, str]:
    """The parameters of a call as text; raises :class:`ApiRefused` when there is no reading it."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES:
        raise ApiRefused(BAD_ACTION, status=413)
    try:
        fields = _read_json(request.body) if request.content_type == "application/json" else _read_form(request)
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError, UnicodeError):
        raise ApiRefused(BAD_ACTION, status=400) from None
    if not fields and request.GET:
        raise ApiRefused(NOT_IN_ADDRESS)
    if len(fields) > MOST_FIELDS:
        raise ApiRefused(BAD_ACTION, status=400)
    return {_UNSTORABLE.sub("", name): _UNSTORABLE.sub("", value) for name, value in fields.items()}


def read_idempotency_key(request: HttpRequest, fields: Mapping[str, str]) -> str:
    """The idempotency key of a call, from its header or its parameter; "" when it has none.

    One that is too long is refused: cut short, two different ones could count as the same.
    """
    key = (request.headers.get("Idempotency-Key") or fields.get("idempotency_key", "")).strip()
    if len(key) > LONGEST_KEY:
        raise ApiRefused(KEY_TOO_LONG % LONGEST_KEY)
    return _UNSTORABLE.sub("", key)


def _read_form(request: HttpRequest) -> dict[str, str]:
    """The form; arrays as PHP writes them, ``orders[]`` or ``orders[0]``, become one list like any other."""
    fields: dict[str, str] = {}
    arrays: dict[str, list[str]] = {}
    for name, values in request.POST.lists():
        array = _ARRAY.fullmatch(name)
        if array or (name in _IDS and len(values) > 1):
            arrays.setdefault(array[1] if array else name, []).extend(str(value) for value in values)
        else:
            fields[name] = str(values[-1]) if values else ""
    return {name: _joined(name, values) for name, values in arrays.items()} | fields


def _joined(name: str, values: list[str]) -> str:
    """The entries of a list as a form would carry it: ids with commas, others line by line."""
    return ("," if name in _IDS else "\n").join(values)


def _read_json(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiRefused(BAD_ACTION, status=400) from None
    if not isinstance(given, dict):
        raise ApiRefused(BAD_ACTION, status=400)
    return {name.removesuffix("[]"): _as_text(name.removesuffix("[]"), value) for name, value in given.items()}


def _as_text(name: str, value: Any) -> str:
    if isinstance(value, list):
        return _joined(name, [_as_scalar(part) for part in value])
    return _as_scalar(value)


def _as_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (str, int, float)) else ""
