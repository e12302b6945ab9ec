"""Raw parameters, as lines of name=value, of order types that the hub does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from orders import order_types
from orders.order_types import Parameter, ParameterKind
from orders.placement.fields import Errors, Unfit, clean, typed_text

if TYPE_CHECKING:
    from collections.abc import Mapping


_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")

_NEVER_RAW: Final = frozenset({"key", "action", "service"})

MAX_RAW: Final = 50


def read_raw_fields(fields: Mapping[str, Any], errors: Errors) -> dict[str, str]:
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
