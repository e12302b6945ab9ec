"""What each panel's document says it can do: data only, no code that talks to anybody.

How to add a panel
------------------
1. Read its document, not another client's source. Copy the entry in `DIALECTS` that is nearest to it and change what
   the document says differently. One entry is all that is needed: forms, the capability page, the client and the
   sandbox's tests read this table.
2. `actions` holds what the document offers. An action that is left out is never called, and whoever asks for it is
   refused in words: by the sentence in `missing` if there is one, else by a plain "its document has no ... action".
   Leave out an action whose documented reply cannot be matched (`smmvna`'s multiple refill answers many orders with
   one id), and say so in `missing`.
3. `limit` is the number of ids the document allows in one call. Where it states none, keep `BATCH` and set
   `limit_stated=False`.
4. `documented_add` lists the parameters of `add` that the document names; None when it names none (then the order
   types of the field decide). `reports_currency` is False when a status carries no currency: it then comes from the
   balance.
5. Put its example replies, as printed, broken JSON included, into `tests/providers/client/data/reply_cases.jsonl`.
   The readers are shared by all dialects: a new reply shape is a new case there first, and a change of a reader only
   if the case fails.

What differs from account to account of one panel (a wire name, a smaller batch, an action that is switched off there)
is no new dialect: it is an override on the provider, checked by `resolve`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from providers.dialects.protocol import BATCH, Action, ActionSpec, Dialect


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
