"""Checks what a person typed for an order; every fault is a sentence at its parameter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from orders import order_types
from orders.order_types import Billing, OrderType, Parameter, ParameterKind
from orders.placement.fields import BIGGEST, Unfit, clean
from orders.placement.pricing import Price, TooDear, billed_quantity, price_of
from providers.dialects import Action
from providers.models import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.dialects import Dialect

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_NEVER_RAW: Final = frozenset({"key", "action", "service"})
_PLAIN: Final = frozenset({"link", "quantity"})
MAX_RAW: Final = 50
CONFIRM_LIMITS: Final = "confirm_limits"
"""The field by which a person confirms a quantity although the limits of the service cannot be read."""

Errors = dict[str, list[str]]


class OrderInvalid(Exception):
    """What was typed cannot be ordered; ``errors`` maps a parameter (or ``""``) to sentences."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("; ".join(sentence for sentences in errors.values() for sentence in sentences))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked order: the two columns, the other parameters by wire name, and its price."""

    link: str
    quantity: int | None
    parameters: dict[str, str]
    price: Price


@dataclass(frozen=True, slots=True)
class Rules:
    """What one service asks for, worked out once for any number of orders.

    ``known`` is its type, ``None`` when the hub does not know it; ``closed`` says why it cannot
    be ordered now, ``no_dripfeed`` why ``runs`` and ``interval`` are not asked for, or is "".
    """

    service: Service
    known: OrderType | None
    parameters: tuple[Parameter, ...]
    closed: str
    no_dripfeed: str


def rules_of(service: Service, *, dialect: Dialect | None = None) -> Rules:
    """The rules of ``service``, whose provider is loaded; ``dialect`` is that provider's, where it is at hand."""
    dialect = dialect or service.provider.speaks
    known = order_types.order_type(service.type)
    no_dripfeed = why_no_dripfeed(service, dialect=dialect)
    parameters = () if known is None else order_types.parameters_for(known, may_dripfeed=not no_dripfeed)
    return Rules(service, known, parameters, why_closed(service, dialect=dialect), no_dripfeed)


def why_closed(service: Service, *, dialect: Dialect | None = None) -> str:
    """Why a service cannot be ordered now, as a sentence; "" when it can."""
    provider = service.provider
    if not provider.is_active:
        return _("%(provider)s is switched off.") % {"provider": provider}
    if not service.is_available:
        return _("This service is no longer listed by %(provider)s.") % {"provider": provider}
    if service.hold_reason == Service.Hold.RENUMBERED:
        return _(
            "The list of %(provider)s looks renumbered: this service is closed until a manager decides about it."
        ) % {"provider": provider}
    if service.hold_reason == Service.Hold.REFUSED:
        return _("%(provider)s refuses every order of this service: it is closed until somebody opens it again.") % {
            "provider": provider
        }
    if service.hold_reason:
        return _("This service is closed until a manager accepts its new price.")
    return (dialect or provider.speaks).why_not(Action.add)


def why_no_dripfeed(service: Service, *, dialect: Dialect | None = None) -> str:
    """Why a service is not offered as a drip-feed, as a sentence; "" when it is.

    It is where the provider's own list says so, or its document has ``runs`` and the list does not deny it.
    """
    known = order_types.order_type(service.type)
    if known is not None and not known.dripfeed:
        return _("Orders of the type “%(type)s” have no runs and no interval.") % {"type": known.label}
    dialect = dialect or service.provider.speaks
    if service.dripfeed is False:
        return _("%(provider)s does not offer this service as a drip-feed.") % {"provider": service.provider}
    if service.dripfeed or dialect.describes_dripfeed:
        return ""
    return _("The %(document)s does not describe runs and interval.") % {"document": dialect.document}


def may_dripfeed(service: Service) -> bool:
    """Whether ``runs`` and ``interval`` are offered for a service."""
    return not why_no_dripfeed(service)


def documentation_note(service: Service) -> str:
    """What to tell whoever orders a type that the provider's document does not describe; "" when it does.

    A link with a quantity is the protocol itself and needs no note.
    """
    dialect = service.provider.speaks
    known = order_types.order_type(service.type)
    if known is None:
        return _(
            "PanelHub does not know the type “%(type)s”: its parameters are sent as they are typed, "
            "and what it costs is not foretold."
        ) % {"type": service.type_label or service.type}
    special = known.names - _PLAIN
    if special <= (dialect.documented_add or frozenset()) if special else known.slug == "default":
        return ""
    return _(
        "The %(document)s does not describe orders of the type “%(type)s”: "
        "they are sent (%(names)s) as other panels of the field document them."
    ) % {
        "document": dialect.document,
        "type": known.label,
        "names": ", ".join(parameter.name for parameter in known.parameters),
    }


def parameters_of(service: Service) -> tuple[Parameter, ...] | None:
    """The parameters of a service's type, or ``None`` when the hub does not know the type."""
    rules = rules_of(service)
    return None if rules.known is None else rules.parameters


def check_order(service: Service, fields: Mapping[str, Any], *, raw_allowed: bool = False) -> Checked:
    """Check ``fields`` (as typed) for ``service`` (provider loaded); raises :class:`OrderInvalid`.

    A type the hub does not know can only be ordered with ``raw`` lines of ``name=value``, and
    only where ``raw_allowed``.
    """
    return check_fields(rules_of(service), fields, raw_allowed=raw_allowed)


def check_fields(rules: Rules, fields: Mapping[str, Any], *, raw_allowed: bool = False) -> Checked:
    """What :func:`check_order` does, for a service whose rules are known already."""
    errors: Errors = {"": [rules.closed]} if rules.closed else {}
    if rules.known is None:
        return _check_raw(rules.service, fields, errors, raw_allowed=raw_allowed)
    cleaned = _clean_parameters(rules.parameters, fields, errors)
    _find_faults(rules, rules.known, fields, cleaned, errors)
    if errors:
        raise OrderInvalid(errors)
    return _priced(rules, cleaned)


def read_content(service: Service, fields: Mapping[str, Any]) -> tuple[str, int | None, dict[str, str]]:
    """Read link, quantity and parameters as an order would keep them, whether it may be placed now or not."""
    rules = rules_of(service)
    cleaned: dict[str, str] = {}
    if rules.known is None:
        cleaned = _read_raw_fields(fields, {})
    else:
        # Those of a drip-feed among them, whatever is offered now.
        cleaned = _clean_parameters(order_types.parameters_for(rules.known, may_dripfeed=True), fields, {})
    link, quantity = cleaned.pop("link", ""), cleaned.pop("quantity", "")
    return link, int(quantity) if quantity else None, cleaned


def _clean_parameters(parameters: tuple[Parameter, ...], fields: Mapping[str, Any], errors: Errors) -> dict[str, str]:
    cleaned: dict[str, str] = {}
    for parameter in parameters:
        if parameter.when and cleaned.get(parameter.when[0]) != parameter.when[1]:
            continue
        try:
            value = clean(parameter, _typed(fields, parameter.name))
        except Unfit as fault:
            errors.setdefault(parameter.name, []).append(str(fault))
            continue
        if value:
            cleaned[parameter.name] = value
        elif parameter.required:
            errors.setdefault(parameter.name, []).append(_nothing_typed(parameter, fields))
    return cleaned


def _typed(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value)


def _nothing_typed(parameter: Parameter, fields: Mapping[str, Any]) -> str:
    if parameter.kind is ParameterKind.LINES and _typed(fields, parameter.name):
        return _("All lines are blank.")
    return _("Please fill this in.")


def _find_faults(
    rules: Rules, known: OrderType, fields: Mapping[str, Any], cleaned: Mapping[str, str], errors: Errors
) -> None:
    """Faults that show only when the parameters are seen together."""
    for name in ("runs", "interval"):
        # Leaving it out would buy one run where a person asked for ten.
        if rules.no_dripfeed and _typed(fields, name).strip():
            errors.setdefault(name, []).append(rules.no_dripfeed)
    if ("runs" in cleaned) != ("interval" in cleaned) and "runs" not in errors and "interval" not in errors:
        missing = "interval" if "runs" in cleaned else "runs"
        errors.setdefault(missing, []).append(_("Runs and interval go together."))
    if known.billing is Billing.LATER:
        if "min" in cleaned and "max" in cleaned and int(cleaned["min"]) > int(cleaned["max"]):
            errors.setdefault("max", []).append(_("The maximum per post is below the minimum."))
        for name in ("min", "max"):
            if name in cleaned:
                _find_limit_fault(rules.service, name, int(cleaned[name]), errors, fields)
    elif known.billing is Billing.LINES and known.counted in cleaned:
        _find_limit_fault(rules.service, known.counted, cleaned[known.counted].count("\n") + 1, errors, fields)
    elif known.billing is Billing.QUANTITY and "quantity" in cleaned:
        _find_limit_fault(rules.service, "quantity", int(cleaned["quantity"]), errors, fields)
        if "runs" in cleaned and (billed_quantity(known, cleaned) or 0) > BIGGEST:
            errors.setdefault("runs", []).append(_("This number is too large."))


def unread_limits(service: Service) -> str:
    """Which limits of a service are stated but cannot be read, as a sentence; "" when all are known."""
    unread = [
        _("%(limit)s “%(text)s”") % {"limit": label, "text": text}
        for label, text in ((_("minimum"), service.min_unread), (_("maximum"), service.max_unread))
        if text
    ]
    if not unread:
        return ""
    return _("The limits of this service cannot be read (%(limits)s): check them at the provider, then confirm.") % {
        "limits": ", ".join(unread)
    }


def _find_limit_fault(service: Service, name: str, count: int, errors: Errors, fields: Mapping[str, Any]) -> None:
    if (sentence := unread_limits(service)) and not _typed(fields, CONFIRM_LIMITS).strip():
        errors.setdefault(name, []).append(sentence)
        return
    if service.min_quantity is not None and count < service.min_quantity:
        sentence, limit = _("%(count)s is below the minimum of %(limit)s."), service.min_quantity
    elif service.max_quantity is not None and count > service.max_quantity:
        sentence, limit = _("%(count)s is above the maximum of %(limit)s."), service.max_quantity
    else:
        return
    errors.setdefault(name, []).append(sentence % {"count": count, "limit": limit})


def _priced(rules: Rules, cleaned: dict[str, str]) -> Checked:
    try:
        price = price_of(rules.service, rules.known, cleaned)
    except TooDear:
        raise OrderInvalid({"": [_("The price of this order is beyond any amount that can be kept.")]}) from None
    link = cleaned.pop("link", "")
    quantity = cleaned.pop("quantity", "")
    return Checked(link, int(quantity) if quantity else None, cleaned, price)


def _check_raw(service: Service, fields: Mapping[str, Any], errors: Errors, *, raw_allowed: bool) -> Checked:
    if not raw_allowed:
        errors.setdefault("", []).append(
            _("PanelHub does not know the type “%(type)s”; ordering it with raw parameters needs a permission.")
            % {"type": service.type_label or service.type}
        )
    cleaned = _read_raw_fields(fields, errors)
    if not cleaned and "raw" not in errors:
        errors.setdefault("raw", []).append(_("Please give at least one parameter."))
    if errors:
        raise OrderInvalid(errors)
    return _priced(Rules(service, None, (), "", ""), cleaned)


def _read_raw_fields(fields: Mapping[str, Any], errors: Errors) -> dict[str, str]:
    given = read_raw(_typed(fields, "raw"), errors)
    cleaned: dict[str, str] = {}
    for parameter in (order_types.LINK, order_types.QUANTITY):
        typed = _typed(fields, parameter.name) or given.pop(parameter.name, "")
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
                raise Unfit(_("“%(line)s” is not name=value.") % {"line": line.strip()[:60]})
            if name.lower() in _NEVER_RAW:
                raise Unfit(_("“%(name)s” is set by PanelHub itself.") % {"name": name})
            if name in given:
                raise Unfit(_("“%(name)s” is given twice.") % {"name": name})
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
