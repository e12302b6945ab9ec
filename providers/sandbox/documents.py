"""What each panel's own API document states, as data: actions, parameters, limits, shapes and texts.

This is a second, independent reading of the documents, made for the panel's side of the wire. It shares
nothing with the client's reading, so that a mistake in one is caught by the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

# (action, the parameter that sets the call apart from its siblings) -> name of the operation in `actions`
Routes = Mapping[tuple[str, str], str]


class Text(StrEnum):
    """Occasions on which a panel refuses."""

    bad_key = "bad_key"
    bad_action = "bad_action"
    bad_request = "bad_request"
    missing = "missing"
    unwanted = "unwanted"
    bad_service = "bad_service"
    bad_link = "bad_link"
    link_in_use = "link_in_use"
    bad_quantity = "bad_quantity"
    below_minimum = "below_minimum"
    above_maximum = "above_maximum"
    no_funds = "no_funds"
    bad_order = "bad_order"
    too_many = "too_many"
    refill_disabled = "refill_disabled"
    refill_refused = "refill_refused"
    refill_running = "refill_running"
    bad_refill = "bad_refill"
    cancel_disabled = "cancel_disabled"
    cancel_late = "cancel_late"
    cancel_running = "cancel_running"
    bad_product = "bad_product"
    out_of_stock = "out_of_stock"
    not_delivered = "not_delivered"
    rate_limited = "rate_limited"


_TEXTS: Mapping[Text, str] = {
    Text.bad_key: "Invalid API key",
    Text.bad_action: "Incorrect action",
    Text.bad_request: "Incorrect request",
    Text.missing: "Missing required parameter: {name}",
    Text.unwanted: "Incorrect parameter: {name}",
    Text.bad_service: "Incorrect service ID",
    Text.bad_link: "Bad link",
    Text.link_in_use: "You have active order with this link. Please wait until order being completed.",
    Text.bad_quantity: "Incorrect quantity",
    Text.below_minimum: "Quantity less than minimal {limit}",
    Text.above_maximum: "Quantity more than maximum {limit}",
    Text.no_funds: "Not enough funds on balance",
    Text.bad_order: "Incorrect order ID",
    Text.too_many: "Maximum {limit} IDs",
    Text.refill_disabled: "Refill is disabled for this service",
    Text.refill_refused: "Order not eligible for refill.",
    Text.refill_running: "The refill task is not completed for this order",
    Text.bad_refill: "Refill not found",
    Text.cancel_disabled: "Cancellation via API is not supported. Contact support.",
    Text.cancel_late: "Order already completed",
    Text.cancel_running: "Order is already being canceled",
    Text.bad_product: "Incorrect product ID",
    Text.out_of_stock: "Out of stock",
    Text.not_delivered: "Order is not completed",
    Text.rate_limited: "Rate limit exceeded",
}

_PLAIN: Routes = {
    ("services", ""): "services",
    ("add", ""): "add",
    ("status", "order"): "status",
    ("status", "orders"): "statuses",
    ("refill", "order"): "refill",
    ("refill_status", "refill"): "refill_status",
    ("balance", ""): "balance",
}

_FULL: Routes = {
    **_PLAIN,
    ("refill", "orders"): "refills",
    ("refill_status", "refills"): "refill_statuses",
    ("cancel", "orders"): "cancels",
}

# servsmm's method headings print these action names where its parameter tables print the plain ones.
_HEADED: Routes = {
    **{route: name for route, name in _FULL.items() if route[1] not in {"orders", "refills"}},
    ("multi_status", "orders"): "statuses",
    ("multi_refill", "orders"): "refills",
    ("multi_refill_status", "refills"): "refill_statuses",
    ("cancel", "orders"): "cancels",
}

_SMMVNA: Routes = {
    **_PLAIN,
    ("refill", "orders"): "refills_lumped",
    ("refill_status", "refills"): "refill_statuses",
    ("products", ""): "products",
    ("add_product_order", ""): "add_product_order",
    ("product_order_status", "order"): "product_status",
    ("product_order_status", "orders"): "product_statuses",
    ("result_product", "order"): "product_result",
}


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One panel as its document draws it, and the few things a document leaves to the panel."""

    slug: str
    title: str
    routes: Routes
    batch_limit: int | None = 100
    flags: tuple[str, ...] = ("refill", "cancel")
    status_currency: bool = True
    dripfeed: bool = True
    cancel_ids: bool = False  # the documents show `"cancel": 1`, a flag
    requests_per_minute: int | None = None
    texts: Mapping[Text, str] = field(default_factory=lambda: _TEXTS)
    variants: Mapping[str, Routes] = field(default_factory=lambda: MappingProxyType({}))
    # below: no document says, so the sandbox decides
    language: str = "en"
    currency: str = "USD"
    per_dollar: Decimal = Decimal(1)
    price_level: Decimal = Decimal(1)
    decimals: int = 5
    opening_balance: Decimal = Decimal("1000")
    first_order: int = 23_501
    overdelivers: bool = False

    def text(self, occasion: Text, **values: object) -> str:
        """Return the panel's words for a refusal."""
        return self.texts[occasion].format(**values)

    def routes_of(self, variant: str) -> Routes:
        """Return the calls of one of the readings of a document that contradicts itself; "table" is every document's
        own.
        """
        if variant == "table":
            return self.routes
        if variant not in self.variants:
            raise ValueError(f"The document of {self.title} has no variant {variant!r}.")
        return self.variants[variant]

    @property
    def unit(self) -> Decimal:
        """The smallest amount of money the panel writes."""
        return Decimal(1).scaleb(-self.decimals)


_ALL = (
    Document(
        slug="servsmm",
        title="servsmm.com",
        routes=_FULL,
        requests_per_minute=300,
        variants=MappingProxyType({"table": _FULL, "heading": _HEADED}),
        language="th",
        opening_balance=Decimal("1084.29170"),
        first_order=2_350_101,
    ),
    Document(
        slug="smmplus",
        title="smm.plus",
        routes=_FULL,
        language="th",
        price_level=Decimal("1.08"),
        opening_balance=Decimal("640.5"),
        first_order=88_120,
    ),
    Document(
        slug="smpanelim",
        title="smpanelim.net",
        routes=_PLAIN,
        batch_limit=None,
        flags=("refill",),
        language="tr",
        currency="TRY",
        per_dollar=Decimal("41.5"),
        price_level=Decimal("0.93"),
        decimals=4,
        opening_balance=Decimal("38250.75"),
        first_order=412_007,
    ),
    Document(
        slug="smmprovider",
        title="smmprovider.co",
        routes=_FULL,
        price_level=Decimal("0.9"),
        opening_balance=Decimal("902.84292"),
        first_order=7_700_431,
    ),
    Document(
        slug="smmvna",
        title="smmvna.com",
        routes=_SMMVNA,
        flags=("refill",),
        status_currency=False,
        dripfeed=False,
        texts={**_TEXTS, Text.bad_refill: "Incorrect refill ID"},
        language="vi",
        price_level=Decimal("1.15"),
        decimals=4,
        opening_balance=Decimal("468.6868"),
        first_order=99_999,
        overdelivers=True,
    ),
    Document(
        slug="standard",
        title="a panel of the standard dialect",
        routes=_FULL,
        cancel_ids=True,
        decimals=8,
        price_level=Decimal("1.02"),
    ),
)

DOCUMENTS: Mapping[str, Document] = MappingProxyType({document.slug: document for document in _ALL})
