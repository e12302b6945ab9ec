"""Every action of the API: the endpoint, the documentation page and the OpenAPI description read this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from orders.api import handlers as api_handlers
from orders.api import order_handlers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orders.api.request import Call


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of an action."""

    name: str
    about: Any
    required: bool = True
    example: str = ""


@dataclass(frozen=True, slots=True)
class ApiAction:
    """One action: its name, other names it answers to, what it takes, and an example of its answer.

    ``changes`` is set where a call does something for real, ``open_fields`` where more parameters
    are taken than are listed.
    """

    name: str
    title: Any
    run: Callable[[Call], Any]
    permission: str
    fields: tuple[Field, ...] = ()
    answer: Any = None
    other_names: tuple[str, ...] = ()
    changes: bool = False
    open_fields: bool = False

    @property
    def slug(self) -> str:
        """A name that no other entry has: an action that takes one id or many is two entries."""
        return self.other_names[0] if self.other_names else self.name


_ORDERS = Field("orders", _("Order IDs, separated by commas, up to 100"), example="1,10,100")
_ORDER = Field("order", _("Order id"), example="1")
_STATUS = {"charge": "0.27819", "start_count": "3572", "status": "Partial", "remains": "157", "currency": "USD"}

ACTIONS: Final[tuple[ApiAction, ...]] = (
    ApiAction(
        "services",
        _("Service list"),
        api_handlers.list_services,
        "providers.view_service",
        answer=[
            {
                "service": 1,
                "name": "Followers",
                "type": "Default",
                "category": "First Category",
                "rate": "0.9",
                "min": "50",
                "max": "10000",
                "refill": True,
                "cancel": True,
                "dripfeed": False,
            }
        ],
    ),
    ApiAction(
        "add",
        _("Add order"),
        order_handlers.add,
        "orders.add_order",
        (
            Field("service", _("Service id"), example="1"),
            Field("link", _("Link"), required=False, example="https://example.com/page"),
            Field("quantity", _("Quantity"), required=False, example="100"),
            Field("runs", _("Runs to deliver"), required=False),
            Field("interval", _("Interval in minutes"), required=False),
            Field(
                "comments", _("Comments, one a line; other parameters as the service's type needs them"), required=False
            ),
            Field("idempotency_key", _("The same key returns the same order"), required=False),
        ),
        answer={"order": 23501},
        changes=True,
        open_fields=True,
    ),
    ApiAction("status", _("Order status"), api_handlers.status, "orders.view_order", (_ORDER,), answer=_STATUS),
    ApiAction(
        "status",
        _("Multiple orders status"),
        api_handlers.status,
        "orders.view_order",
        (_ORDERS,),
        answer={"1": _STATUS, "10": {"error": "Incorrect order ID"}},
        other_names=("multi_status",),
    ),
    ApiAction(
        "refill",
        _("Create refill"),
        api_handlers.refill,
        "orders.aftercare_order",
        (_ORDER,),
        answer={"refill": "1"},
        changes=True,
    ),
    ApiAction(
        "refill",
        _("Create multiple refill"),
        api_handlers.refill,
        "orders.aftercare_order",
        (_ORDERS,),
        answer=[{"order": 1, "refill": 1}, {"order": 3, "refill": {"error": "Incorrect order ID"}}],
        other_names=("multi_refill",),
        changes=True,
    ),
    ApiAction(
        "refill_status",
        _("Get refill status"),
        api_handlers.refill_status,
        "orders.view_refill",
        (Field("refill", _("Refill id"), example="1"),),
        answer={"status": "Completed"},
    ),
    ApiAction(
        "refill_status",
        _("Get multiple refill status"),
        api_handlers.refill_status,
        "orders.view_refill",
        (Field("refills", _("Refill IDs, separated by commas, up to 100"), example="1,2,3"),),
        answer=[{"refill": 1, "status": "Completed"}, {"refill": 3, "status": {"error": "Refill not found"}}],
        other_names=("multi_refill_status",),
    ),
    ApiAction(
        "cancel",
        _("Create cancel"),
        api_handlers.cancel,
        "orders.aftercare_order",
        (_ORDERS,),
        answer=[{"order": 9, "cancel": {"error": "Incorrect order ID"}}, {"order": 2, "cancel": 1}],
        changes=True,
    ),
    ApiAction(
        "balance", _("User balance"), api_handlers.balance, "", answer={"balance": "100.84292", "currency": "USD"}
    ),
    ApiAction(
        "products",
        _("Product list"),
        api_handlers.list_products,
        "providers.view_product",
        answer=[
            {
                "product": 1,
                "name": "Premium, one month",
                "require": "Your account",
                "rate": 2.5,
                "min": 1,
                "max": 10,
                "category": "Premium",
                "status": "In stock",
                "type": "Auto",
                "inventory": 40,
            }
        ],
    ),
    ApiAction(
        "add_product_order",
        _("Add product order"),
        order_handlers.add_product_order,
        "orders.add_productorder",
        (
            Field("product", _("Product id"), example="1"),
            Field("quantity", _("Quantity"), example="1"),
            Field("require", _("Information needed to process the order"), required=False),
            Field("idempotency_key", _("The same key returns the same order"), required=False),
        ),
        answer={"order": 99999},
        changes=True,
    ),
    ApiAction(
        "product_order_status",
        _("Product order status"),
        api_handlers.product_order_status,
        "orders.view_productorder",
        (Field("order", _("Product order id"), example="1"),),
        answer={"charge": 7.5, "status": "Completed", "result": "c85c1d1a-9ef3-4d01-8c58-3dfaf3bbc78e"},
    ),
    ApiAction(
        "product_order_status",
        _("Multiple product orders status"),
        api_handlers.product_order_status,
        "orders.view_productorder",
        (Field("orders", _("Product order IDs, separated by commas, up to 100"), example="1,2"),),
        answer={"1": {"charge": 6.0, "status": "Partial", "remains": 3}, "2": {"error": "Incorrect order ID"}},
        other_names=("multi_product_order_status",),
    ),
    ApiAction(
        "result_product",
        _("Delivered product"),
        api_handlers.result_product,
        "orders.view_goods",
        (Field("order", _("Product order id"), example="1"),),
        answer={"result": ["abc@example.com | 2 | 3"]},
    ),
)

BY_NAME: Final[Mapping[str, ApiAction]] = {
    name: action for action in ACTIONS for name in (action.name, *action.other_names)
}
