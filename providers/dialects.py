"""What each panel's document says it can do: data only, no code that talks to anybody.

How to add a panel
------------------
1. Read its document, not another client's source. Copy the entry in `DIALECTS` that is nearest to it and change what
   the document says differently. One entry is all that is needed: forms, the capability page, the client and the
   sandbox's tests read this table.
2. `actions` holds what the document offers. An action that is left out is never called, and whoever asks for it is
   told why: by the sentence in `missing` if there is one, else by a plain "its document has no ... action".
   Leave out an action whose documented reply cannot be told apart (`smmvna`'s multiple refill answers many orders with
   one id), and say so in `missing`.
3. `limit` is the number of ids the document allows in one call. Where it states none, keep `BATCH` and set
   `limit_stated=False`.
4. `documented_add` lists the parameters of `add` that the document names; None when it names none (then the order
   types of the field decide). `reports_currency` is False when a status carries no currency: it then comes from the
   balance.
5. Put its example replies, as printed, broken JSON included, into `tests/providers/wire/data/reply_cases.jsonl`.
   The readers are shared by all dialects: a new reply shape is a new case there first, and a change of a reader only
   if the case fails.

What differs from account to account of one panel (a wire name, a smaller batch, an action that is switched off there)
is no new dialect: it is an override on the provider, checked by `resolve`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

BATCH: Final = 100
"""Ids in one call, where a document states a number: all that state one say 100."""


class Action(StrEnum):
    """What can be asked of a panel. The `multi_` ones are the same question for several ids at once."""

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
    cannot be done. `error_words` are the account's own readings of error texts, see `resolve`.
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

    def __post_init__(self) -> None:
        for name in ("actions", "missing", "error_words"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def can(self, action: Action) -> bool:
        """Whether the action may be asked of this panel."""
        return action in self.actions

    def limit(self, action: Action) -> int:
        """How many ids go into one call. Raises LookupError with a sentence when the action is not offered."""
        return self._spec(action).limit

    def wire_name(self, action: Action) -> str:
        """The value of the `action` parameter. Raises LookupError with a sentence when the action is not offered."""
        return self._spec(action).name

    def ids_parameter(self, action: Action) -> str:
        """The parameter that carries the ids. Raises LookupError with a sentence when the action is not offered."""
        return self._spec(action).ids_parameter

    def why_not(self, action: Action) -> str:
        """Why the action is not offered, as a sentence; "" when it is."""
        if self.can(action):
            return ""
        return self.missing.get(action) or f"The {self.document} has no {action.label} action."

    def _spec(self, action: Action) -> ActionSpec:
        if (spec := self.actions.get(action)) is None:
            raise LookupError(self.why_not(action))
        return spec


def capabilities(dialect: Dialect) -> list[Capability]:
    """Every action of the protocol with what this panel does of it, in the order of `Action`, for a matrix page."""
    return [Capability(action, action.label, dialect.can(action), _describe(dialect, action)) for action in Action]


def _describe(dialect: Dialect, action: Action) -> str:
    if (spec := dialect.actions.get(action)) is None:
        return dialect.why_not(action)
    if spec.limit == 1:
        return f"action “{spec.name}”"
    stated = "up to" if spec.limit_stated else "no limit stated, we keep to"
    return f"action “{spec.name}”, {stated} {spec.limit} ids a call"


# --- The dialects -----------------------------------------------------------------------------------------------------


def _many(name: str, ids_parameter: str, *other_names: str, stated: bool = True) -> ActionSpec:
    return ActionSpec(name=name, ids_parameter=ids_parameter, limit=BATCH, limit_stated=stated, other_names=other_names)


_SINGLE: Final[dict[Action, ActionSpec]] = {
    Action.services: ActionSpec(name="services"),
    Action.add: ActionSpec(name="add"),
    Action.status: ActionSpec(name="status", ids_parameter="order"),
    Action.refill: ActionSpec(name="refill", ids_parameter="order"),
    Action.refill_status: ActionSpec(name="refill_status", ids_parameter="refill"),
    Action.balance: ActionSpec(name="balance"),
}

_FULL: Final[dict[Action, ActionSpec]] = {
    **_SINGLE,
    Action.multi_status: _many("status", "orders", "multi_status", "statuses", "multi-status", "orders"),
    Action.multi_refill: _many("refill", "orders", "multi_refill"),
    Action.multi_refill_status: _many("refill_status", "refills", "multi_refill_status"),
    Action.cancel: _many("cancel", "orders"),
}

_PRODUCTS: Final[dict[Action, ActionSpec]] = {
    Action.products: ActionSpec(name="products"),
    Action.add_product_order: ActionSpec(name="add_product_order"),
    Action.product_order_status: ActionSpec(name="product_order_status", ids_parameter="order"),
    Action.multi_product_order_status: _many("product_order_status", "orders"),
    Action.result_product: ActionSpec(name="result_product", ids_parameter="order"),
}

_DRIP_FEED: Final = frozenset({"service", "link", "quantity", "runs", "interval"})

_ALL: Final = (
    # Its headings print multi_status, multi_refill and multi_refill_status, its parameter tables status, refill and
    # refill_status. The tables are what the kindred panels take; the headings' names are a per-account override.
    Dialect(
        slug="servsmm",
        title="servsmm.com",
        default_url="https://servsmm.com/api/v2",
        document="servsmm.com API v2 document",
        actions=_FULL,
        requests_per_minute=300,
    ),
    Dialect(
        slug="smmplus",
        title="smm.plus",
        default_url="https://smm.plus/api/v2",
        document="smm.plus API document",
        actions=_FULL,
        documented_add=_DRIP_FEED,
    ),
    Dialect(
        slug="smpanelim",
        title="smpanelim.net",
        default_url="https://smpanelim.net/api/v2",
        document="smpanelim.net API document",
        actions={**_SINGLE, Action.multi_status: _many("status", "orders", stated=False)},
        documented_add=_DRIP_FEED,
        missing={
            Action.multi_refill: "The smpanelim.net API document has no multiple refill: refills go one by one.",
            Action.multi_refill_status: (
                "The smpanelim.net API document has no multiple refill status: refills are asked about one by one."
            ),
        },
    ),
    Dialect(
        slug="smmprovider",
        title="smmprovider.co",
        default_url="https://smmprovider.co/api/v2",
        document="smmprovider.co API document",
        actions=_FULL,
    ),
    Dialect(
        slug="smmvna",
        title="smmvna.com",
        default_url="https://smmvna.com/api/v2",
        document="smmvna.com API document",
        actions={
            **_SINGLE,
            Action.multi_status: _FULL[Action.multi_status],
            Action.multi_refill_status: _FULL[Action.multi_refill_status],
            **_PRODUCTS,
        },
        documented_add=frozenset({"service", "link", "quantity"}),
        reports_currency=False,
        missing={
            Action.multi_refill: (
                "smmvna.com answers a multiple refill with one id for many orders, which cannot be told apart: "
                "refills go one by one."
            ),
        },
    ),
    Dialect(
        slug="standard",
        title="Standard API v2",
        default_url="",
        document="standard API v2",
        actions=_FULL,
    ),
)

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType({dialect.slug: dialect for dialect in _ALL})


# --- An account's overrides -------------------------------------------------------------------------------------------

MEANINGS: Final = frozenset({"bad_key", "account_off", "no_funds", "maintenance", "rate_limit", "refused", "unknown"})
"""What an account may say that an error text means there."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_ID_PARAMETERS: Final = frozenset({"order", "orders", "refill", "refills"})
_ONE_FAMILY: Final = (
    frozenset({Action.status, Action.multi_status}),
    frozenset({Action.refill, Action.multi_refill}),
    frozenset({Action.refill_status, Action.multi_refill_status}),
    frozenset({Action.product_order_status, Action.multi_product_order_status}),
)


def resolve(slug: str, overrides: Mapping[str, Any] | None = None) -> Dialect:
    """The dialect of one account: the document's, changed by what is known of that account.

    `overrides` may hold
      "actions": {action: {"name": wire name, "ids_parameter": ..., "limit": ids a call}},
      "limits":  {action: ids a call},
      "without": [action, ...] not to be called there,
      "errors":  {text: meaning} with a meaning of `MEANINGS`; the text is looked for anywhere in an error.
    An action the dialect lacks cannot be added: use the `standard` dialect for a panel that does more than its
    document. Raises ValueError with a sentence a form can show.
    """
    if (dialect := DIALECTS.get(slug)) is None:
        raise ValueError(f"There is no dialect called “{slug}”.")
    given = _mapping({} if overrides is None else overrides, "The overrides")
    if unknown := sorted(set(given) - {"actions", "limits", "without", "errors"}):
        raise ValueError(f"Overrides know no “{unknown[0]}”.")
    actions = dict(dialect.actions)
    for key, change in _mapping(given.get("actions", {}), "“actions”").items():
        action = _action(dialect, key)
        actions[action] = _change(action, actions[action], _mapping(change, f"The override of {action}"))
    for key, limit in _mapping(given.get("limits", {}), "“limits”").items():
        action = _action(dialect, key)
        actions[action] = _change(action, actions[action], {"limit": limit})
    missing = dict(dialect.missing)
    for key in _sequence(given.get("without", []), "“without”"):
        action = _action(dialect, key)
        actions.pop(action, None)
        missing[action] = f"The {action.label} action is switched off for this account."
    return replace(
        dialect,
        actions=actions,
        missing=missing,
        error_words=_errors(given.get("errors", {})),
    )


def _change(action: Action, spec: ActionSpec, change: Mapping[str, Any]) -> ActionSpec:
    if unknown := sorted(set(change) - {"name", "ids_parameter", "limit"}):
        raise ValueError(f"An action's override knows no “{unknown[0]}”.")
    name = change.get("name", spec.name)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no action name: letters, digits, “_” and “-” only.")
    if (other := _owner(name)) and not _same_family(action, other):
        raise ValueError(f"“{name}” is the name of another action ({other.label}).")
    ids_parameter = change.get("ids_parameter", spec.ids_parameter)
    if ids_parameter != spec.ids_parameter and not (spec.ids_parameter and ids_parameter in _ID_PARAMETERS):
        raise ValueError(f"{ids_parameter!r} is no parameter for the ids of {action}.")
    limit = change.get("limit", spec.limit)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= spec.limit:
        raise ValueError(f"The limit of {action} is a whole number from 1 to {spec.limit}.")
    return replace(spec, name=name, ids_parameter=ids_parameter, limit=limit)


def _owner(name: str) -> Action | None:
    # A read that were given the name of a paid action would buy: no name may serve two purposes.
    return next((action for action in Action if action.value == name), None)


def _same_family(one: Action, other: Action) -> bool:
    return one is other or any(one in family and other in family for family in _ONE_FAMILY)


def _action(dialect: Dialect, key: object) -> Action:
    try:
        action = Action(str(key))
    except ValueError:
        raise ValueError(f"There is no action called “{key}”.") from None
    if action not in dialect.actions:
        raise ValueError(f"{dialect.why_not(action)} It cannot be changed by an override.")
    return action


def _errors(given: object) -> dict[str, str]:
    words: dict[str, str] = {}
    for text, meaning in _mapping(given, "“errors”").items():
        if meaning not in MEANINGS:
            raise ValueError(f"An error means one of: {', '.join(sorted(MEANINGS))}.")
        if len(text.strip()) < 4:
            raise ValueError("An error text has at least four characters.")
        words[text] = meaning
    return words


def _mapping(given: object, what: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise ValueError(f"{what} must be an object with names.")
    return given


def _sequence(given: object, what: str) -> list[Any]:
    if not isinstance(given, list | tuple):
        raise ValueError(f"{what} must be a list.")
    return list(given)
