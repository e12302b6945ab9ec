"""The "API v2" protocol of the field: which actions a panel may have, and which ones one panel offers.

The panels themselves are in `dialects`, what an account may change in `overrides`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

BATCH: Final = 100
"""Ids in one call, where a document states a number: all that state one say 100."""


STATES: Final = frozenset(
    {
        "pending",
        "processing",
        "in_progress",
        "completed",
        "partial",
        "canceled",
        "refunded",
        "failed",
        "rejected",
        "error",
    }
)
"""The states an account's own word may be mapped to; `rejected` and `error` are refills' alone."""


class Action(StrEnum):
    """An action of a panel. The `multi_` ones are the same request for several ids at once."""

    services = "services"
    add = "add"
    status = "status"
    multi_status = "multi_status"
    refill = "refill"
    multi_refill = "multi_refill"
    refill_status = "refill_status"
    multi_refill_status = "multi_refill_status"
    cancel = "cancel"
    balance = "balance"
    products = "products"
    add_product_order = "add_product_order"
    product_order_status = "product_order_status"
    multi_product_order_status = "multi_product_order_status"
    result_product = "result_product"

    @property
    def label(self) -> str:
        """The action in plain words, for a page."""
        return LABELS[self]

    @property
    def is_paid(self) -> bool:
        """Whether the call changes something at the panel and so must never be repeated by itself."""
        return self in PAID


LABELS: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.services: "service list",
        Action.add: "new order",
        Action.status: "order status",
        Action.multi_status: "multiple order status",
        Action.refill: "refill",
        Action.multi_refill: "multiple refill",
        Action.refill_status: "refill status",
        Action.multi_refill_status: "multiple refill status",
        Action.cancel: "cancel",
        Action.balance: "balance",
        Action.products: "product list",
        Action.add_product_order: "new product order",
        Action.product_order_status: "product order status",
        Action.multi_product_order_status: "multiple product order status",
        Action.result_product: "delivered product",
    }
)

PAID: Final = frozenset({Action.add, Action.refill, Action.multi_refill, Action.cancel, Action.add_product_order})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """How one action is written on the wire.

    `name` is the value of `action`; `other_names` are spellings the same document or kindred panels use, offered when
    an account is set up. `ids_parameter` carries the id, or the ids joined by a comma; "" when the action has none.
    `limit` is the number of ids in one call.
    """

    name: str
    ids_parameter: str = ""
    limit: int = 1
    limit_stated: bool = True
    other_names: tuple[str, ...] = ()


class Capability(NamedTuple):
    """One line of the capability page: what, whether, and how or why not."""

    action: Action
    label: str
    can: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One panel's way with the protocol, as its document gives it and an account's overrides leave it.

    `document` names the source of it all, without article ("smm.plus API document"). An action that is not in `actions`
    cannot be done. `error_words`, `state_words` and `type_words` are the account's own readings, see `resolve`.
    """

    slug: str
    title: str
    default_url: str
    document: str
    actions: Mapping[Action, ActionSpec]
    requests_per_minute: int = 60
    documented_add: frozenset[str] | None = None
    reports_currency: bool = True
    missing: Mapping[Action, str] = field(default_factory=dict)
    error_words: Mapping[str, str] = field(default_factory=dict)
    state_words: Mapping[str, str] = field(default_factory=dict)
    type_words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("actions", "missing", "error_words", "state_words", "type_words"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def describes_dripfeed(self) -> bool:
        """Whether the document describes drip-feed orders (runs and interval)."""
        return self.documented_add is not None and "runs" in self.documented_add

    def can(self, action: Action) -> bool:
        """Return whether this panel has the action."""
        return action in self.actions

    def limit(self, action: Action) -> int:
        """Return how many ids go into one call. Raises LookupError with a sentence when the action is not offered."""
        return self._spec(action).limit

    def wire_name(self, action: Action) -> str:
        """Return the value of the `action` parameter. Raises LookupError with a sentence when the action is not
        offered.
        """
        return self._spec(action).name

    def ids_parameter(self, action: Action) -> str:
        """Return the parameter that carries the ids. Raises LookupError with a sentence when the action is not
        offered.
        """
        return self._spec(action).ids_parameter

    def why_not(self, action: Action) -> str:
        """Return why the action is not offered, as a sentence; "" when it is."""
        if self.can(action):
            return ""
        return self.missing.get(action) or f"The {self.document} has no {action.label} action."

    def _spec(self, action: Action) -> ActionSpec:
        if (spec := self.actions.get(action)) is None:
            raise LookupError(self.why_not(action))
        return spec


def capabilities(dialect: Dialect) -> list[Capability]:
    """Return every action of the protocol with what this panel does of it, in the order of `Action`,
    for a matrix page.
    """
    return [Capability(action, action.label, dialect.can(action), _describe(dialect, action)) for action in Action]


def _describe(dialect: Dialect, action: Action) -> str:
    if (spec := dialect.actions.get(action)) is None:
        return dialect.why_not(action)
    if spec.limit == 1:
        return f"action “{spec.name}”"
    stated = "up to" if spec.limit_stated else "no limit stated, we keep to"
    return f"action “{spec.name}”, {stated} {spec.limit} ids a call"
