"""The four kinds of paid call: one entry each, and the engine in :mod:`orders.submission.services` does the rest.

An entry says which rows it is about, which action sends them, how many fit in one request, what
goes on the wire, and how the client's answer becomes one outcome per row.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Cancellation, Order, PaidCall, ProductOrder, Refill
from orders.placement.price_growth import growth_of
from panelhub.ui.formatting import plain_money
from providers.client.replies.scalars import read_id
from providers.client.types import RefillAccepted, RowError
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from providers.client.client import PanelClient
    from providers.client.types import CancelAccepted, Placed
    from providers.dialects import Dialect
    from providers.models import Provider

    # One answer per row: accepted (with an id or None), refused in the provider's words, or
    # absent from the mapping when the provider did not answer for that row.
    Answers = Mapping[int, "Accepted | RowError"]


HELD_SERVICE: Final = "refused"
"""`Service.Hold.REFUSED`: the orders of the service are refused, all in the same words."""
NEVER_PARAMETERS = frozenset({"key", "action", "service"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it; ``external_id`` is ``None`` when it gave no id."""

    external_id: str | None
    word: str = ""


@dataclass(frozen=True, slots=True)
class CallType:
    """One kind of paid call.

    ``turn`` is the order in which rows are sent; queued rows outside ``sendable`` wait.

    ``provider_path`` leads from a row to its provider, ``subject`` is its foreign key in an
    ``Attempt``. ``masked`` names wire parameters that are never stored.
    """

    slug: str
    model: type[Any]  # a PaidCall with a status of its own
    machine: statuses.Machine
    provider_path: str
    subject: str
    related: tuple[str, ...]
    pick_action: Callable[[Dialect, int], Action]
    batch_limit: Callable[[Dialect], int]
    impossible: Callable[[Any, Dialect], str]
    payload: Callable[[Any], dict[str, str]]
    send: Callable[[PanelClient, Sequence[Any], Action], Answers]
    masked: frozenset[str] = frozenset()
    find_price_rise: Callable[[Any, Provider], str] = lambda row, provider: ""
    turn: tuple[Any, ...] = ("id",)
    sendable: Q = field(default_factory=Q)

    def stored_payload(self, row: Any) -> tuple[dict[str, str], str]:
        """Return wire parameters as they may be stored, and the hash of the whole."""
        whole = self.payload(row)
        digest = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
        return {name: "•••" if name in self.masked else value for name, value in whole.items()}, digest


def order_payload(order: Order) -> dict[str, str]:
    """Return wire parameters of an order: service, link and quantity where it has them, then the rest."""
    payload = {"service": order.service.external_id if order.service else ""}
    if order.link:
        payload["link"] = order.link
    if order.quantity is not None:
        payload["quantity"] = str(order.quantity)
    for name, value in order.parameters.items():
        # What was left open is not sent: a panel would take "None" for a value.
        if name not in NEVER_PARAMETERS and value is not None:
            payload.setdefault(str(name), str(value))
    return payload


def _order_impossible(order: Order, dialect: Dialect) -> str:
    if order.service is None:
        return _("The order has no service.")
    if order.service.provider_id != order.provider_id:
        return _("The service belongs to another provider.")
    if not isinstance(order.parameters, dict) or any(
        isinstance(value, list | dict | bool) for value in order.parameters.values()
    ):
        return _("The order’s parameters aren’t plain text.")
    return "" if dialect.can(Action.add) else dialect.why_not(Action.add)


def _order_price_rise(order: Order, provider: Provider) -> str:
    """Return why an order has to wait for a person: its rate rose beyond what the account takes over by itself."""
    growth = growth_of(order)
    if growth <= 1 or order.service is None or order.rate is None:
        return ""
    if (growth - 1) * 100 <= provider.price_jump_percent:
        return ""
    return _("The rate was %(before)s when ordered and is now %(after)s.") % {
        # With decimals always: that is how an amount is known, and hidden from people who see no costs.
        "before": plain_money(order.rate),
        "after": plain_money(order.service.rate),
    }


def _product_price_rise(order: ProductOrder, provider: Provider) -> str:
    """Return the same for a product, by what its pieces cost together."""
    growth = growth_of(order)
    if growth <= 1 or order.product is None or order.expected_charge is None:
        return ""
    if (growth - 1) * 100 <= provider.price_jump_percent:
        return ""
    return _("It cost %(before)s when ordered and now costs %(after)s.") % {
        "before": plain_money(order.expected_charge),
        "after": plain_money(order.product.rate * order.quantity),
    }


def _send_order(client: PanelClient, rows: Sequence[Order], action: Action) -> Answers:
    (order,) = rows
    placed: Placed = client.add(order_payload(order))
    return {order.pk: Accepted(placed.order)}


def product_payload(order: ProductOrder) -> dict[str, str]:
    """Return wire parameters of a product order (smmvna.com API v2 document, ``add_product_order``)."""
    payload = {"product": order.product.external_id if order.product else "", "quantity": str(order.quantity)}
    if order.require:
        payload["require"] = order.require
    return payload


def _product_impossible(order: ProductOrder, dialect: Dialect) -> str:
    if order.product is None:
        return _("The order has no product.")
    return "" if dialect.can(Action.add_product_order) else dialect.why_not(Action.add_product_order)


def _send_product_order(client: PanelClient, rows: Sequence[ProductOrder], action: Action) -> Answers:
    (order,) = rows
    payload = product_payload(order)
    placed = client.add_product_order(payload["product"], order.quantity, order.require)
    return {order.pk: Accepted(placed.order)}


def _after_sale_impossible(action: Action) -> Callable[[Any, Dialect], str]:
    def impossible(row: Refill | Cancellation, dialect: Dialect) -> str:
        if not row.order.external_id:
            return _("The order has no provider ID.")
        if read_id(row.order.external_id) != row.order.external_id:
            return _("The order’s ID can’t be sent.")
        return "" if dialect.can(action) else dialect.why_not(action)

    return impossible


def _refill_action(dialect: Dialect, rows: int) -> Action:
    return Action.multi_refill if rows > 1 else Action.refill


def _send_refills(client: PanelClient, rows: Sequence[Refill], action: Action) -> Answers:
    if action is Action.refill:
        (row,) = rows
        accepted: RefillAccepted = client.refill(str(row.order.external_id))
        return {row.pk: Accepted(accepted.refill)}
    answers = client.refills([str(row.order.external_id) for row in rows])
    return _by_row(rows, answers, lambda answer: answer.refill)


def _send_cancellations(client: PanelClient, rows: Sequence[Cancellation], action: Action) -> Answers:
    answers = client.cancel([str(row.order.external_id) for row in rows])
    return _by_row(rows, answers, lambda answer: answer.cancel)


def _by_row(
    rows: Sequence[Refill | Cancellation],
    answers: Mapping[str, RefillAccepted | CancelAccepted | RowError],
    id_of: Callable[[Any], str | None],
) -> Answers:
    found: dict[int, Accepted | RowError] = {}
    for row in rows:
        answer = answers.get(str(row.order.external_id))
        if answer is not None:
            found[row.pk] = answer if isinstance(answer, RowError) else Accepted(id_of(answer))
    return found


ORDERS = CallType(
    slug="order",
    model=Order,
    machine=statuses.ORDER,
    provider_path="provider",
    subject="order",
    related=("service",),
    pick_action=lambda dialect, rows: Action.add,
    batch_limit=lambda dialect: 1,
    impossible=_order_impossible,
    payload=order_payload,
    send=_send_order,
    find_price_rise=_order_price_rise,
    # While a service is held because its orders are refused, those that were not sent wait.
    sendable=Q(service__isnull=True) | ~Q(service__hold_reason=HELD_SERVICE),
    # What someone ordered just now does not wait behind ten thousand lines of a mass order.
    turn=(F("mass_order_id").asc(nulls_first=True), "id"),
)
REFILLS = CallType(
    slug="refill",
    model=Refill,
    machine=statuses.REFILL,
    provider_path="order__provider",
    subject="refill",
    related=("order",),
    pick_action=_refill_action,
    batch_limit=lambda dialect: dialect.limit(Action.multi_refill) if dialect.can(Action.multi_refill) else 1,
    impossible=_after_sale_impossible(Action.refill),
    payload=lambda row: {"order": str(row.order.external_id)},
    send=_send_refills,
)
CANCELLATIONS = CallType(
    slug="cancellation",
    model=Cancellation,
    machine=statuses.CANCELLATION,
    provider_path="order__provider",
    subject="cancellation",
    related=("order",),
    pick_action=lambda dialect, rows: Action.cancel,
    batch_limit=lambda dialect: dialect.limit(Action.cancel) if dialect.can(Action.cancel) else 1,
    impossible=_after_sale_impossible(Action.cancel),
    payload=lambda row: {"order": str(row.order.external_id)},
    send=_send_cancellations,
)
PRODUCT_ORDERS = CallType(
    slug="product_order",
    model=ProductOrder,
    machine=statuses.PRODUCT_ORDER,
    provider_path="provider",
    subject="product_order",
    related=("product",),
    pick_action=lambda dialect, rows: Action.add_product_order,
    batch_limit=lambda dialect: 1,
    impossible=_product_impossible,
    payload=product_payload,
    send=_send_product_order,
    masked=frozenset({"require"}),
    find_price_rise=_product_price_rise,
)
CALL_TYPES = (ORDERS, PRODUCT_ORDERS, CANCELLATIONS, REFILLS)


def call_type_of(row: PaidCall) -> CallType:
    """Return the kind of paid call that ``row`` is."""
    return next(kind for kind in CALL_TYPES if isinstance(row, kind.model))


def provider_of(row: Any) -> Provider:
    """Return the provider that ``row`` was, or will be, sent to."""
    provider: Provider = row.order.provider if hasattr(row, "order_id") else row.provider
    return provider


def home_of(row: Any) -> str:
    """Return the address of the page a row belongs to: its own, or its order's."""
    if isinstance(row, Order):
        return reverse("orders:detail", args=[row.pk])
    if isinstance(row, ProductOrder):
        return reverse("orders:product_detail", args=[row.pk])
    return reverse("orders:detail", args=[row.order_id])


def title_of(row: Any) -> str:
    """Return a row as a heading."""
    if isinstance(row, Order):
        return _("Order #%(pk)s") % {"pk": row.pk}
    if isinstance(row, ProductOrder):
        return _("Product order #%(pk)s") % {"pk": row.pk}
    name = _("Refill of order #%(pk)s") if call_type_of(row).slug == "refill" else _("Cancel of order #%(pk)s")
    return name % {"pk": row.order_id}
