"""Faults of an account's money: what the balance shows, and what moves it besides the orders of its owner.

They are met by looks at an account (`balance`, `status`), so that money can move at any moment round a paid call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from providers.sandbox.books.records import Fate, Order
from providers.sandbox.faults.faults import Fault
from providers.sandbox.faults.rules import Params, Rule
from providers.sandbox.shop.progress import CANCELING_TAKES

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState

Bend = Callable[[Any, "PanelState", Params, Rule], Any]

TOP_UP = Decimal(25)
_ROUNDED = Decimal("0.01")
_ELSEWHERE = "elsewhere"


def _is_balance(value: Any) -> bool:
    return isinstance(value, dict) and "balance" in value


def _round(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    if not _is_balance(value):
        return value
    return {**value, "balance": str(Decimal(str(value["balance"])).quantize(_ROUNDED))}


def _lag(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    """Show the balance without what was bought within `rule.seconds` of the panel's own time."""
    if not _is_balance(value):
        return value
    since = panel.clock.simulated() - rule.seconds
    late = sum((order.charge for order in panel.books.orders.values() if order.since > since), Decimal(0))
    late += sum((order.charge for order in panel.books.product_orders.values() if order.since > since), Decimal(0))
    return {**value, "balance": str(Decimal(str(value["balance"])) + late)}


def _move(kind: str, panel: PanelState, reference: str, amount: Decimal) -> None:
    panel.books.move(kind, reference, amount, at=panel.clock.real())


def _shown(value: Any, panel: PanelState, moved: Decimal) -> Any:
    """Return a balance that was worked out before the money moved as it is now."""
    return {**value, "balance": str(Decimal(str(value["balance"])) + moved)} if _is_balance(value) else value


def _top_up(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    _move("adjustment", panel, "top-up", TOP_UP)
    return _shown(value, panel, TOP_UP)


def _use_elsewhere(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    """Let the other user buy for as much as the newest order here, and get it back the next time."""
    owed = panel.elsewhere
    newest = next(reversed(panel.books.orders.values()), None)
    amount = owed or (-newest.charge if newest is not None and newest.charge else -TOP_UP)
    panel.elsewhere = Decimal(0) if owed else -amount
    _move("adjustment", panel, _ELSEWHERE, amount)
    return _shown(value, panel, amount)


def _refund_same(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    """Cancel an earlier order that cost as much as the newest, with all of its charge given back."""
    books = panel.books
    bought = [order for order in books.orders.values() if _is_plain(order)]
    alike = [order for order in bought[:-1] if order.charge == bought[-1].charge and order.cancel_asked is None]
    found = next((order for order in reversed(alike) if f"order:{order.id}" not in books.refunded), None)
    if found is None:
        return value
    ended = panel.clock.simulated() - CANCELING_TAKES - 1
    books.keep_order(replace(found, plan=replace(found.plan, fate=Fate.canceled), cancel_asked=ended))
    _move("refund", panel, f"order:{found.id}", found.charge)
    return _shown(value, panel, found.charge)


def _is_plain(order: Order) -> bool:
    return order.parent is None and not order.is_parent and order.charge > 0


ACCOUNT_BENDS: Mapping[Fault, Bend] = {
    Fault.balance_rounded: _round,
    Fault.balance_lags: _lag,
    Fault.hidden_top_up: _top_up,
    Fault.second_user: _use_elsewhere,
    Fault.refund_of_same_amount: _refund_same,
}
