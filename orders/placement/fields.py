"""One typed value of a parameter, made fit for the wire or refused in a sentence."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from orders import order_types
from orders.links import NoLink, read_link
from orders.order_types import Parameter, ParameterKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


MAX_LINE: Final = 500
BIGGEST: Final = 10**15
"""No count is larger: with a rate it still fits the money columns, and with runs a 64-bit one."""

# Control characters and lone surrogates cannot be stored or sent everywhere; a bidirectional override makes a
# text read differently from what it is.
_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# What shows nothing by itself: a "comment" of these alone would be paid for and not be seen.
_INVISIBLE: Final = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_DATE_FORMS: Final = ("%d/%m/%Y", "%Y-%m-%d")

# What is wrong with what was typed: sentences by parameter, "" for the whole.
Errors = dict[str, list[str]]


class Unfit(ValueError):
    """A value that cannot be sent; ``str()`` of it is a sentence for the person who typed it."""


def typed_text(fields: Mapping[str, Any], name: str) -> str:
    """Return what was typed for a parameter; "" when nothing was."""
    value = fields.get(name)
    return "" if value is None else str(value)


def clean(parameter: Parameter, typed: str) -> str:
    """Return the value as it goes on the wire, ``""`` when nothing was typed; raises :class:`Unfit`."""
    if len(typed) > order_types.MAX_TEXT:
        raise _too_long(order_types.MAX_TEXT)
    if parameter.kind is ParameterKind.LINES:
        return clean_lines(typed)
    text = typed.strip()
    if not text:
        return ""
    if parameter.kind is ParameterKind.LINK:
        return _clean_link(text)
    if _UNSENDABLE.search(text):
        raise Unfit(_("This contains characters that can’t be sent."))
    match parameter.kind:
        case ParameterKind.NUMBER:
            return _clean_number(parameter, text)
        case ParameterKind.CHOICE:
            if text not in {value for value, _label in parameter.choices}:
                raise Unfit(_("Choose one of the options."))
        case ParameterKind.DATE:
            return _clean_date(text)
        case _:
            if len(text) > MAX_LINE:
                raise _too_long(MAX_LINE)
    return text


def clean_lines(typed: str) -> str:
    """Return lines that say something, stripped and joined by ``\\n``.

    Raises :class:`Unfit` when there are too many.
    """
    lines = (_CONTROL.sub("", line).strip() for line in typed.splitlines())
    kept = [line for line in lines if line and not _INVISIBLE.fullmatch(line)]
    if len(kept) > order_types.MAX_LINES:
        raise Unfit(_("Too many lines: at most %(count)s.") % {"count": order_types.MAX_LINES})
    return "\n".join(kept)


def _clean_number(parameter: Parameter, text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise Unfit(_("Enter a whole number."))
    # int() refuses thousands of digits with an error of its own.
    number = int(text) if len(text) < 20 else BIGGEST + 1
    if number > BIGGEST:
        raise Unfit(_("This number is too large."))
    if number < parameter.lowest:
        raise Unfit(_("Must be at least %(lowest)s.") % {"lowest": parameter.lowest})
    return str(number)


def _clean_link(text: str) -> str:
    try:
        return read_link(text).text
    except NoLink as fault:
        raise Unfit(str(fault)) from None


def _clean_date(text: str) -> str:
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).strftime("%d/%m/%Y")  # noqa: DTZ007 - a date, no time
        except ValueError:
            continue
    raise Unfit(_("Enter a date as day/month/year."))


def _too_long(count: int) -> Unfit:
    return Unfit(_("This is too long: at most %(count)s characters.") % {"count": count})


# --- Raw parameters, of order types that the hub does not know --------------------------------------------------------

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_NEVER_RAW: Final = frozenset({"key", "action", "service"})
MAX_RAW: Final = 50


def read_raw_fields(fields: Mapping[str, Any], errors: Errors) -> dict[str, str]:
    """Return link, quantity and raw parameters of an order type that the hub does not know."""
    given = read_raw(typed_text(fields, "raw"), errors)
    cleaned: dict[str, str] = {}
    for parameter in (order_types.LINK, order_types.QUANTITY):
        typed = typed_text(fields, parameter.name) or given.pop(parameter.name, "")
        given.pop(parameter.name, None)
        try:
            if value := clean(parameter, typed):
                cleaned[parameter.name] = value
        except Unfit as fault:
            errors.setdefault("raw", []).append(f"{parameter.label}: {fault}")
    return cleaned | given


def read_raw(text: str, errors: Errors) -> dict[str, str]:
    """Raw parameters from lines of ``name=value``; ``\\n`` in a value stands for a new line.

    Faults are added to ``errors`` under ``raw``.
    """
    given: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, separator, value = (part.strip() for part in line.partition("="))
        try:
            if not separator or not _NAME.fullmatch(name):
                raise Unfit(_("“%(line)s” isn’t name=value.") % {"line": line.strip()[:60]})
            if name.lower() in _NEVER_RAW:
                raise Unfit(_("“%(name)s” is set by PanelHub itself.") % {"name": name})
            if name in given:
                raise Unfit(_("“%(name)s” is repeated.") % {"name": name})
            given[name] = _clean_raw(name, value)
        except Unfit as fault:
            errors.setdefault("raw", []).append(str(fault))
    if len(given) > MAX_RAW:
        errors.setdefault("raw", []).append(_("Too many parameters: at most %(count)s.") % {"count": MAX_RAW})
    return given


def _clean_raw(name: str, value: str) -> str:
    kind = ParameterKind.LINES if "\\n" in value else ParameterKind.LINE
    parameter = Parameter(name, name, kind)
    try:
        return clean(parameter, value.replace("\\n", "\n"))
    except Unfit as fault:
        raise Unfit(f"{name}: {fault}") from None
