"""Faults in what a panel says: each takes the JSON value it would have answered and gives another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from math import nan
from typing import TYPE_CHECKING, Any

from providers.sandbox.faults.accounts import ACCOUNT_BENDS
from providers.sandbox.faults.faults import Fault
from providers.sandbox.faults.rules import Params, Rule
from providers.sandbox.shop.progress import FINAL, Status

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState

Bend = Callable[[Any, "PanelState", Params, Rule], Any]
Row = dict[str, Any]

UNKNOWN_ERROR = "Unknown error, please try again later"
MADE = "Order placed at provider but local save failed"
UNLISTED = "Please speak to the desk"
_ID_KEYS = ("refill", "cancel", "order")
_FIGURES = ("order", "refill", "cancel", "charge", "start_count", "remains", "balance", "rate", "status")
_HUGE = 100_000
_PAGE = 500


def bend_value(value: Any, *, panel: PanelState, params: Params, rule: Rule) -> Any:
    """Return the value after the fault, or as it was when the fault is not about values."""
    bend = _BENDS.get(rule.fault)
    return value if bend is None else bend(value, panel, params, rule)


def _rows(value: Any) -> list[Row]:
    """Return the rows of a batch, a list or a single answer, to be changed in place; refusals left out."""
    found = value if isinstance(value, list) else list(value.values()) if _is_keyed(value) else [value]
    return [row for row in found if isinstance(row, dict) and "error" not in row]


def _is_keyed(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(row, dict) for row in value.values())


def change_ids(change: Callable[[Any], Any]) -> Bend:
    """Return a fault that puts something else where the id of what was bought stands; refusals stay."""

    def bend(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
        for row in _rows(value):
            name = next((name for name in _ID_KEYS if name in row), None)
            if name is not None and not isinstance(row[name], dict):
                row[name] = change(row[name])
        return value

    return bend


def change_rows(change: Callable[[Row], None]) -> Bend:
    """Return a fault that changes every row in place; refusals stay."""

    def bend(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
        for row in _rows(value):
            change(row)
        return value

    return bend


def replace_value(replacement: Callable[[Any], Any]) -> Bend:
    """Return a fault that looks at nothing but the value."""

    def bend(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
        return replacement(value)

    return bend


def _is_refusal(value: Any) -> bool:
    return isinstance(value, dict) and "error" in value


def _beside_error(value: Any) -> Any:
    if isinstance(value, list):
        return [{**row, "error": UNKNOWN_ERROR} for row in value]
    return value if _is_refusal(value) else {**value, "error": UNKNOWN_ERROR}


def _same_id(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    kind = panel.books.orders if params["action"] == "add" else panel.books.product_orders
    earlier = [number for number, order in kind.items() if getattr(order, "parent", None) is None]
    return value if _is_refusal(value) or len(earlier) < 2 else {"order": earlier[-2]}


def _leave_out(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    if _is_keyed(value):
        kept = [number for number in value if number not in rule.ids] if rule.ids else list(value)[::2]
        return {number: value[number] for number in kept}
    if not isinstance(value, list):
        return value
    if not rule.ids:
        return value[::2]
    return [row for row in value if str(row.get("order", row.get("refill"))) not in rule.ids]


def _add_rows(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    stranger = max(panel.books.orders, default=1) + 7
    if _is_keyed(value):
        row = next(iter(_rows(value)), {"error": "Incorrect order ID"})
        return {**value, str(stranger): row}
    if isinstance(value, list) and value:
        key = "order" if "order" in value[0] else "refill"
        return [*value, {**value[-1], key: stranger}]
    return value


def _wrong_container(value: Any) -> Any:
    if isinstance(value, list):
        return {str(index): row for index, row in enumerate(value)}
    return list(value.values()) if _is_keyed(value) else [value]


def _go_back(row: Row) -> None:
    if row.get("status") in FINAL:
        row["status"] = Status.in_progress


def _triple_charge(row: Row) -> None:
    if "charge" in row:
        tripled = Decimal(str(row["charge"])) * 3
        row["charge"] = str(tripled) if isinstance(row["charge"], str) else float(tripled)


def _every_figure(figure: Any) -> Callable[[Row], None]:
    def change(row: Row) -> None:
        for name in _FIGURES:
            if name in row:
                row[name] = figure

    return change


def _set(name: str, figure: Any) -> Callable[[Row], None]:
    def change(row: Row) -> None:
        if name in row:
            row[name] = figure

    return change


def _renumber(rows: list[Row]) -> list[Row]:
    return [{**row, "service": row["service"] + 1_000_000} for row in rows]


def _multiply_rows(rows: list[Row], count: int) -> list[Row]:
    return [
        {**rows[index % len(rows)], "service": rows[index % len(rows)]["service"] + index // len(rows) * 10_000}
        for index in range(count)
    ]


def _raise_prices(row: Row) -> None:
    row["rate"] = str(Decimal(row["rate"]) * 10)


def _page(value: Any, panel: PanelState, params: Params, rule: Rule) -> Any:
    offset = params.get("offset", "0")
    start = int(offset) if offset.isdigit() else 0
    return _multiply_rows(value, len(value) * 5)[start : start + _PAGE] if isinstance(value, list) else value


_BENDS: Mapping[Fault, Bend] = {
    Fault.id_as_string: change_ids(str),
    Fault.id_nested: change_ids(lambda number: {"order_id": number}),
    Fault.id_in_list: change_ids(lambda number: [number]),
    Fault.id_null: change_ids(lambda number: None),
    Fault.id_zero: change_ids(lambda number: 0),
    Fault.id_negative: change_ids(lambda number: -1),
    Fault.id_beside_error: replace_value(_beside_error),
    Fault.no_id_no_error: replace_value(lambda value: value if _is_refusal(value) else {}),
    Fault.unknown_error_after_accept: replace_value(
        lambda value: value if _is_refusal(value) else {"error": UNKNOWN_ERROR}
    ),
    Fault.made_after_accept: replace_value(lambda value: value if _is_refusal(value) else {"error": MADE}),
    Fault.unlisted_after_accept: replace_value(lambda value: value if _is_refusal(value) else {"error": UNLISTED}),
    Fault.same_id_twice: _same_id,
    Fault.null_body: replace_value(lambda value: None),
    Fault.huge_number: change_rows(_every_figure("#huge#")),  # the body is patched, Python writes no such number
    Fault.not_a_number: change_rows(_every_figure(nan)),
    Fault.missing_ids: _leave_out,
    Fault.extra_ids: _add_rows,
    Fault.wrong_container: replace_value(_wrong_container),
    Fault.unknown_word: change_rows(_set("status", "On hold")),
    Fault.status_goes_back: change_rows(_go_back),
    Fault.charge_changes: change_rows(_triple_charge),
    Fault.charge_not_a_number: change_rows(_set("charge", "NaN")),
    Fault.negative_balance: change_rows(_set("balance", "-12.5")),
    Fault.catalogue_empty: replace_value(lambda rows: [] if isinstance(rows, list) else rows),
    Fault.catalogue_halved: replace_value(lambda rows: rows[::2] if isinstance(rows, list) else rows),
    Fault.catalogue_doubled: replace_value(
        lambda rows: _multiply_rows(rows, len(rows) * 2) if isinstance(rows, list) else rows
    ),
    Fault.catalogue_renumbered: replace_value(lambda rows: _renumber(rows) if isinstance(rows, list) else rows),
    Fault.catalogue_huge: replace_value(lambda rows: _multiply_rows(rows, _HUGE) if isinstance(rows, list) else rows),
    Fault.catalogue_price_jump: change_rows(_raise_prices),
    Fault.catalogue_paged: _page,
    **ACCOUNT_BENDS,
}
