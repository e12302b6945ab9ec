"""Checks what a person typed for an order; every fault is a sentence at its parameter."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from orders import types
from orders.pricing import Price, count_lines, price_of
from orders.types import Billing, Kind, OrderType, Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.models import Service

MAX_LINK = 2000
MAX_LINE = 500
BIGGEST = 10**15
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_NEVER_RAW = frozenset({"key", "action", "service"})


class OrderInvalid(Exception):
    """What was typed cannot be ordered; ``errors`` maps a parameter (or ``""``) to sentences."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("; ".join(sentence for sentences in errors.values() for sentence in sentences))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked order: the two columns, the other parameters by wire name, and its price."""

    link: str
    quantity: int | None
    parameters: dict[str, str]
    price: Price


class _Fault(ValueError):
    pass


def may_dripfeed(service: Service) -> bool:
    """Drip-feed is offered where the document has ``runs`` and the service does not deny it."""
    documented = service.provider.speaks.documented_add
    return documented is not None and "runs" in documented and service.dripfeed is not False


def parameters_of(service: Service) -> tuple[Parameter, ...] | None:
    """The parameters of a service's type, or ``None`` when the hub does not know the type."""
    known = types.order_type(service.type)
    return None if known is None else types.parameters_for(known, may_dripfeed=may_dripfeed(service))


def check_order(service: Service, fields: Mapping[str, Any], *, raw_allowed: bool = False) -> Checked:
    """Check ``fields`` (as typed) for ``service`` (provider loaded); raises :class:`OrderInvalid`.

    A type the hub does not know can only be ordered with ``raw`` lines of ``name=value``, and
    only where ``raw_allowed``.
    """
    errors: dict[str, list[str]] = {}
    if not service.provider.is_active:
        errors[""] = [_("%(provider)s is switched off.") % {"provider": service.provider}]
    elif not service.is_available:
        errors[""] = [_("This service is no longer listed by %(provider)s.") % {"provider": service.provider}]
    elif service.hold_reason:
        errors[""] = [_("This service is closed until a manager accepts its new price.")]
    known = types.order_type(service.type)
    if known is None:
        return _check_raw(service, fields, errors, raw_allowed=raw_allowed)
    clean: dict[str, str] = {}
    for parameter in types.parameters_for(known, may_dripfeed=may_dripfeed(service)):
        if parameter.when and str(fields.get(parameter.when[0], "")).strip() != parameter.when[1]:
            continue
        typed = str(fields.get(parameter.name) or "")
        try:
            value = _clean(parameter, typed)
        except _Fault as fault:
            errors.setdefault(parameter.name, []).append(str(fault))
            continue
        if value:
            clean[parameter.name] = value
        elif parameter.required:
            errors.setdefault(parameter.name, []).append(_("Please fill this in."))
    for name, sentence in _faults_together(service, known, clean):
        errors.setdefault(name, []).append(sentence)
    if errors:
        raise OrderInvalid(errors)
    price = price_of(service, known, clean)
    link = clean.pop("link", "")
    quantity = clean.pop("quantity", None)
    return Checked(link, int(quantity) if quantity else None, clean, price)


def _check_raw(
    service: Service, fields: Mapping[str, Any], errors: dict[str, list[str]], *, raw_allowed: bool
) -> Checked:
    if not raw_allowed:
        errors.setdefault("", []).append(
            _("PanelHub does not know the type “%(type)s”; ordering it with raw parameters needs a permission.")
            % {"type": service.type_label or service.type}
        )
    parameters: dict[str, str] = {}
    for line in str(fields.get("raw") or "").splitlines():
        name, separator, value = line.strip().partition("=")
        name = name.strip()
        if not name and not separator:
            continue
        if not separator or not _NAME.match(name) or name in _NEVER_RAW:
            errors.setdefault("raw", []).append(_("“%(line)s” is not name=value.") % {"line": line.strip()[:60]})
            continue
        parameters[name] = value.strip()
    link = str(fields.get("link") or parameters.pop("link", "")).strip()
    quantity = str(fields.get("quantity") or parameters.pop("quantity", "")).strip()
    try:
        link = _clean(types.LINK, link)
        quantity = _clean(types.QUANTITY, quantity)
    except _Fault as fault:
        errors.setdefault("raw", []).append(str(fault))
    if not (parameters or link or quantity):
        errors.setdefault("raw", []).append(_("Please give at least one parameter."))
    if errors:
        raise OrderInvalid(errors)
    return Checked(link, int(quantity) if quantity else None, parameters, Price(None, None, None))


def _clean(parameter: Parameter, typed: str) -> str:
    if len(typed) > types.MAX_TEXT:
        raise _Fault(_("This is too long: at most %(count)s characters.") % {"count": types.MAX_TEXT})
    if parameter.kind is Kind.LINES:
        return _clean_lines(typed)
    text = typed.strip()
    if not text:
        return ""
    if any(
        unicodedata.category(mark) in {"Cc", "Cs"} or mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        for mark in text
    ):
        raise _Fault(_("This holds characters that cannot be sent."))
    match parameter.kind:
        case Kind.NUMBER:
            return _clean_number(parameter, text)
        case Kind.LINK:
            return _clean_link(text)
        case Kind.CHOICE:
            if text not in {value for value, _label in parameter.choices}:
                raise _Fault(_("Please choose one of the values offered."))
        case Kind.DATE:
            return _clean_date(text)
        case _:
            if len(text) > MAX_LINE:
                raise _Fault(_("This is too long: at most %(count)s characters.") % {"count": MAX_LINE})
    return text


def _clean_number(parameter: Parameter, text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise _Fault(_("Please give a whole number."))
    number = int(text) if len(text) < 20 else BIGGEST + 1
    if number > BIGGEST:
        raise _Fault(_("This number is too large."))
    if number < parameter.lowest:
        raise _Fault(_("Must be at least %(lowest)s.") % {"lowest": parameter.lowest})
    return str(number)


def _clean_link(text: str) -> str:
    if len(text) > MAX_LINK:
        raise _Fault(_("This link is too long: at most %(count)s characters.") % {"count": MAX_LINK})
    if any(mark.isspace() for mark in text):
        raise _Fault(_("A link holds no blanks."))
    try:
        parts = urlsplit(text)
        scheme, host, user = parts.scheme.lower(), parts.hostname, parts.username
    except ValueError:
        raise _Fault(_("This is not a link.")) from None
    if scheme in {"http", "https"}:
        if not host:
            raise _Fault(_("This link has no host."))
        if user is not None:
            raise _Fault(_("A link with a user name or password in it is not sent."))
    elif ":" in text.split("/", 1)[0] or "<" in text or text.startswith("//"):
        raise _Fault(_("Only http and https links, or a bare user name, can be ordered."))
    return text


def _clean_lines(typed: str) -> str:
    lines = [
        "".join(mark for mark in line.strip() if unicodedata.category(mark) not in {"Cc", "Cs"})
        for line in typed.splitlines()
    ]
    kept = [line for line in lines if line]
    if len(kept) > types.MAX_LINES:
        raise _Fault(_("Too many lines: at most %(count)s.") % {"count": types.MAX_LINES})
    return "\n".join(kept)


def _clean_date(text: str) -> str:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).strftime("%d/%m/%Y")  # noqa: DTZ007 - a date, no time
        except ValueError:
            continue
    raise _Fault(_("Please give a date as day/month/year."))


def _faults_together(service: Service, known: OrderType, clean: Mapping[str, str]) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if known.billing is Billing.LATER and "min" in clean and "max" in clean and int(clean["min"]) > int(clean["max"]):
        faults.append(("max", _("The maximum per post is below the minimum.")))
    if ("runs" in clean) != ("interval" in clean):
        missing = "interval" if "runs" in clean else "runs"
        faults.append((missing, _("Runs and interval go together.")))
    if known.billing is Billing.LINES and known.counted in clean:
        faults.extend(_limit_faults(service, known.counted, count_lines(clean[known.counted])))
    elif known.billing is Billing.QUANTITY and "quantity" in clean:
        faults.extend(_limit_faults(service, "quantity", int(clean["quantity"])))
    elif known.billing is Billing.LATER:
        faults.extend(
            fault
            for name in ("min", "max")
            if name in clean
            for fault in _limit_faults(service, name, int(clean[name]))
        )
    return faults


def _limit_faults(service: Service, name: str, count: int) -> list[tuple[str, str]]:
    if service.min_quantity is not None and count < service.min_quantity:
        return [
            (name, _("%(count)s is below the minimum of %(limit)s.") % {"count": count, "limit": service.min_quantity})
        ]
    if service.max_quantity is not None and count > service.max_quantity:
        return [
            (name, _("%(count)s is above the maximum of %(limit)s.") % {"count": count, "limit": service.max_quantity})
        ]
    return []
