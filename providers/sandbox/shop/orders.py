"""Takes an order: checks what was asked against the service, charges the balance, fixes the order's course."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from providers.sandbox.api.replies import refuse, whole_number
from providers.sandbox.books.records import Order, Service
from providers.sandbox.documents import Text
from providers.sandbox.shop.order_types import KNOWN_PARAMETERS, ORDER_TYPES, Billing, OrderType, count_lines
from providers.sandbox.shop.plans import expiry_of, make_plan
from providers.sandbox.shop.progress import has_open_order

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState

_LINK = re.compile(r"https?://[^\s/.]+\.\S+|@?[\w.-]{2,64}")
_CONDITIONAL = (
    # (when this parameter, has this value, then this one is needed)
    ("type_of_traffic", "1", "google_keyword"),
    ("type_of_traffic", "2", "referring_url"),
)
_TOGETHER = (("runs", "interval"), ("interval", "runs"))
_RANGES = {
    "runs": (1, 1_000),
    "interval": (1, 100_000),
    "delay": (0, 600),
    "posts": (0, 10_000),
    "old_posts": (0, 1_000),
    "device": (1, 5),
    "type_of_traffic": (1, 3),
    "answer_number": (1, 100),
}


def accept_order(panel: PanelState, params: Mapping[str, str]) -> Order:
    """Return the accepted order, charged and written; raises Refusal in the panel's words and changes nothing."""
    service = _find_service(panel, params)
    kind = ORDER_TYPES[service.type]
    given = {name: value for name, value in params.items() if value.strip()}
    _check_parameters(panel, kind, given)
    quantity = _measure(panel, service, kind, given)
    charge = _price(panel, service, kind, quantity)
    _check_funds(panel, service, given, charge)
    if panel.one_order_per_link and has_open_order(panel, given.get("link", "")):
        raise refuse(panel, Text.link_in_use)
    order = make_order(
        panel,
        service,
        link=given.get("link", ""),
        quantity=quantity,
        charge=charge,
        parameters={name: value for name, value in given.items() if name in KNOWN_PARAMETERS},
    )
    if charge:
        panel.books.move("charge", f"order:{order.id}", -charge, at=panel.clock.real())
    return order


def make_order(
    panel: PanelState,
    service: Service,
    *,
    link: str,
    quantity: int,
    charge: Decimal,
    parameters: Mapping[str, str],
    since: float | None = None,
    parent: int | None = None,
) -> Order:
    """Return an order with the next number of the sequence, written and put on the agenda; moves no money."""
    number = panel.books.take_id("order")
    order = Order(
        id=number,
        service=service.id,
        type=service.type,
        link=link,
        quantity=quantity,
        charge=charge,
        parameters=dict(parameters),
        accepted_at=panel.clock.real(),
        since=panel.clock.simulated() if since is None else since,
        plan=make_plan(
            seed=f"{panel.slug}:{number}",
            service=service,
            quantity=max(quantity, 1),
            link=link,
            fates=panel.fates,
            overdelivers=panel.document.overdelivers,
        ),
        parent=parent,
    )
    panel.books.keep_order(order)
    panel.agenda.enter_order(order)
    panel.let_others_order("order", number)
    return order


def price_of(panel: PanelState, service: Service, quantity: int) -> Decimal:
    """Return the charge for a quantity at the rate of 1,000, in the panel's smallest unit."""
    return (service.rate * quantity / 1000).quantize(panel.document.unit)


def _find_service(panel: PanelState, params: Mapping[str, str]) -> Service:
    number = params.get("service", "").strip()
    if not number:
        raise refuse(panel, Text.missing, name="service")
    service = panel.services.get(int(number)) if whole_number(number) else None
    if service is None:
        raise refuse(panel, Text.bad_service)
    return service


def _check_parameters(panel: PanelState, kind: OrderType, given: Mapping[str, str]) -> None:
    allowed = {*kind.required, *kind.optional}
    if kind.billing == Billing.lines:
        allowed.add("quantity")  # some panels ask for it as well, so clients may send it to all
    if not panel.document.dripfeed:
        allowed -= {"runs", "interval"}
    for name in kind.required:
        if name not in given:
            raise refuse(panel, Text.missing, name=name)
    for name, value, needed in _CONDITIONAL:
        if given.get(name) == value and needed not in given:
            raise refuse(panel, Text.missing, name=needed)
    for name, needed in _TOGETHER:
        if name in given and needed not in given:
            raise refuse(panel, Text.missing, name=needed)
    for name in sorted(given):
        if name in KNOWN_PARAMETERS and name not in allowed:
            raise refuse(panel, Text.unwanted, name=name)
        if name in _RANGES and not _in_range(given[name], *_RANGES[name]):
            raise refuse(panel, Text.unwanted, name=name)
    if "link" in given and not _LINK.fullmatch(given["link"].strip()):
        raise refuse(panel, Text.bad_link)
    if "expiry" in given and expiry_of(given["expiry"]) is None:
        raise refuse(panel, Text.unwanted, name="expiry")


def _measure(panel: PanelState, service: Service, kind: OrderType, given: Mapping[str, str]) -> int:
    if kind.billing == Billing.one:
        return 1
    if kind.billing == Billing.per_post:
        least = _quantity(panel, service, given["min"])
        most = _quantity(panel, service, given["max"])
        if least > most:
            raise refuse(panel, Text.unwanted, name="max")
        return 0
    if kind.billing == Billing.lines:
        return _quantity(panel, service, str(count_lines(given[kind.counted])))
    return _quantity(panel, service, given["quantity"]) * int(given.get("runs", "1"))


def _quantity(panel: PanelState, service: Service, text: str) -> int:
    if not whole_number(text):
        raise refuse(panel, Text.bad_quantity)
    quantity = int(text)
    if quantity < service.minimum:
        raise refuse(panel, Text.below_minimum, limit=service.minimum)
    if quantity > service.maximum:
        raise refuse(panel, Text.above_maximum, limit=service.maximum)
    return quantity


def _price(panel: PanelState, service: Service, kind: OrderType, quantity: int) -> Decimal:
    return service.rate if kind.billing == Billing.one else price_of(panel, service, quantity)


def _check_funds(panel: PanelState, service: Service, given: Mapping[str, str], charge: Decimal) -> None:
    # A subscription is charged post by post, but the first one must be affordable.
    needed = charge or price_of(panel, service, int(given.get("max", "0")))
    if panel.books.balance < needed:
        raise refuse(panel, Text.no_funds)


def _in_range(text: str, least: int, most: int) -> bool:
    return whole_number(text) and least <= int(text) <= most
