"""Checks what a person typed for an order; every fault is a sentence at its parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from orders import order_types
from orders.order_types import Billing, OrderType, Parameter, ParameterKind
from orders.placement.fields import BIGGEST, Errors, Unfit, clean, read_raw_fields, typed_text
from orders.placement.pricing import Price, TooDear, billed_quantity, price_of
from orders.placement.service_rules import Rules, rules_of, unread_limits
from providers.models import Service

if TYPE_CHECKING:
    from collections.abc import Mapping


CONFIRM_LIMITS: Final = "confirm_limits"
"""The field by which a person confirms a quantity although the limits of the service cannot be read."""


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
    """Read link, quantity and parameters as an order would store them, whether it may be placed now or not."""
    rules = rules_of(service)
    cleaned: dict[str, str] = {}
    if rules.known is None:
        cleaned = read_raw_fields(fields, {})
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
            value = clean(parameter, typed_text(fields, parameter.name))
        except Unfit as fault:
            errors.setdefault(parameter.name, []).append(str(fault))
            continue
        if value:
            cleaned[parameter.name] = value
        elif parameter.required:
            errors.setdefault(parameter.name, []).append(_nothing_typed(parameter, fields))
    return cleaned


def _nothing_typed(parameter: Parameter, fields: Mapping[str, Any]) -> str:
    if parameter.kind is ParameterKind.LINES and typed_text(fields, parameter.name):
        return _("Enter at least one line.")
    return _("This field is required.")


def _find_faults(
    rules: Rules, known: OrderType, fields: Mapping[str, Any], cleaned: Mapping[str, str], errors: Errors
) -> None:
    """Faults that show only when the parameters are seen together."""
    for name in ("runs", "interval"):
        # Leaving it out would buy one run where a person entered ten.
        if rules.no_dripfeed and typed_text(fields, name).strip():
            errors.setdefault(name, []).append(rules.no_dripfeed)
    if ("runs" in cleaned) != ("interval" in cleaned) and "runs" not in errors and "interval" not in errors:
        missing = "interval" if "runs" in cleaned else "runs"
        errors.setdefault(missing, []).append(_("Enter both runs and interval."))
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


def _find_limit_fault(service: Service, name: str, count: int, errors: Errors, fields: Mapping[str, Any]) -> None:
    if (sentence := unread_limits(service)) and not typed_text(fields, CONFIRM_LIMITS).strip():
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
        raise OrderInvalid({"": [_("The charge is too large.")]}) from None
    link = cleaned.pop("link", "")
    quantity = cleaned.pop("quantity", "")
    return Checked(link, int(quantity) if quantity else None, cleaned, price)


def _check_raw(service: Service, fields: Mapping[str, Any], errors: Errors, *, raw_allowed: bool) -> Checked:
    if not raw_allowed:
        errors.setdefault("", []).append(
            _("Unknown type “%(type)s”. You need permission to order with raw parameters.")
            % {"type": service.type_label or service.type}
        )
    cleaned = read_raw_fields(fields, errors)
    if not cleaned and "raw" not in errors:
        errors.setdefault("raw", []).append(_("Enter at least one parameter."))
    if errors:
        raise OrderInvalid(errors)
    return _priced(Rules(service, None, (), "", ""), cleaned)
