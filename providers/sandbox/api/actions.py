"""Answers the documented calls: one function an operation, from parameters to the JSON value a panel writes.

The types of the JSON values are the documents': numbers in `services[].service`, `add` and the rows of lists;
strings in money, counts and the single refill; numbers throughout smmvna's products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from providers.sandbox.api.replies import Refusal, refuse, whole_number
from providers.sandbox.books.records import ProductOrder, Service
from providers.sandbox.documents import Text
from providers.sandbox.shop import aftercare
from providers.sandbox.shop.orders import accept_order
from providers.sandbox.shop.progress import Status, progress_of, subscription_status

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState

Params = Mapping[str, str]
Answer = Callable[["PanelState", Params], Any]


def answer(panel: PanelState, params: Params) -> Any:
    """Return the JSON value for a request with a good key; raises Refusal."""
    action = params.get("action", "").strip()
    known = {parameter: name for (act, parameter), name in panel.routes.items() if act == action}
    if not known:
        raise refuse(panel, Text.bad_action)
    if "" in known:
        return ANSWERS[known[""]](panel, params)
    given = [parameter for parameter in known if params.get(parameter, "").strip()]
    if not given:
        raise refuse(panel, Text.missing, name=next(iter(known)))
    if len(given) > 1:
        raise refuse(panel, Text.bad_request)
    return ANSWERS[known[given[0]]](panel, params)


def _services(panel: PanelState, params: Params) -> list[dict[str, object]]:
    return [service_row(panel, service) for service in panel.services.values()]


def service_row(panel: PanelState, service: Service) -> dict[str, object]:
    """Return a catalogue row; which of the flags it has is up to the document."""
    flags = {"refill": service.refill, "cancel": service.cancel}
    return {
        "service": service.id,
        "name": service.name,
        "type": service.type,
        "category": service.category,
        "rate": write_money(service.rate),
        "min": str(service.minimum),
        "max": str(service.maximum),
        **{name: flags[name] for name in panel.document.flags},
    }


def _add(panel: PanelState, params: Params) -> dict[str, object]:
    order = accept_order(panel, params)
    panel.note_accepted(order.id)
    return {"order": order.id}


def _status(panel: PanelState, params: Params) -> dict[str, object]:
    return _status_of(panel, params["order"].strip())


def _statuses(panel: PanelState, params: Params) -> dict[str, object]:
    return {number: _row_or_error(panel, number, _status_of) for number in _split_ids(panel, params["orders"])}


def _status_of(panel: PanelState, number: str) -> dict[str, object]:
    order = aftercare.find_order(panel, number)
    if order.is_subscription:
        posts = panel.books.children[order.id]
        return {
            "status": subscription_status(panel, order),
            "expiry": order.parameters.get("expiry"),
            "posts": str(len(posts)),
            "orders": [str(number) for number in posts],
        }
    progress = progress_of(panel, order)
    row: dict[str, object] = {
        "charge": write_money(progress.kept),
        "start_count": str(progress.start_count),
        "status": progress.status,
        "remains": str(progress.remains),
    }
    if panel.document.status_currency:
        row["currency"] = panel.document.currency
    if order.runs:
        row["runs"] = str(order.runs)
        row["orders"] = [str(number) for number in panel.books.children[order.id]]
    return row


def _refill(panel: PanelState, params: Params) -> dict[str, object]:
    return {"refill": str(aftercare.accept_refill(panel, params["order"].strip()))}


def _refills(panel: PanelState, params: Params) -> list[dict[str, object]]:
    return [
        {
            "order": _as_number(number),
            "refill": _row_or_error(panel, number, aftercare.accept_refill),
        }
        for number in _split_ids(panel, params["orders"])
    ]


def _refills_lumped(panel: PanelState, params: Params) -> dict[str, object]:
    """smmvna answers one refill number for many orders: those it can refill are, the others are not mentioned."""
    first: str | None = None
    refusals: list[Refusal] = []
    for number in _split_ids(panel, params["orders"]):
        try:
            refill_id = aftercare.accept_refill(panel, number)
        except Refusal as refusal:
            refusals.append(refusal)
        else:
            first = first or str(refill_id)
    if first is None:
        raise refusals[0]
    return {"refill": first}


def _refill_status(panel: PanelState, params: Params) -> dict[str, object]:
    return {"status": aftercare.refill_word(panel, params["refill"].strip())}


def _refill_statuses(panel: PanelState, params: Params) -> list[dict[str, object]]:
    return [
        {
            "refill": _as_number(number),
            "status": _row_or_error(panel, number, aftercare.refill_word),
        }
        for number in _split_ids(panel, params["refills"])
    ]


def _cancels(panel: PanelState, params: Params) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {
            "order": _as_number(number),
            "cancel": _row_or_error(panel, number, aftercare.accept_cancel),
        }
        for number in _split_ids(panel, params["orders"])
    ]
    # The documents list the refused order 9 before the accepted order 2: not the order of the request.
    return sorted(rows, key=lambda row: not isinstance(row["cancel"], dict))


def _balance(panel: PanelState, params: Params) -> dict[str, object]:
    return {"balance": write_money(panel.books.balance), "currency": panel.document.currency}


def _products(panel: PanelState, params: Params) -> list[dict[str, object]]:
    rows = []
    for product in panel.shop.products.values():
        row: dict[str, object] = {"product": product.id, "name": product.name}
        if product.require:
            row["require"] = product.require
        row |= {
            "rate": as_json_number(product.rate),
            "min": product.minimum,
            "max": product.maximum,
            "category": product.category,
            "status": "In stock" if product.is_available else "Out of stock",
        }
        if product.inventory is not None:
            row["inventory"] = product.inventory
        rows.append({**row, "type": product.type})
    return rows


def _add_product_order(panel: PanelState, params: Params) -> dict[str, object]:
    order = panel.shop.accept(params)
    panel.note_accepted(order.id)
    return {"order": order.id}


def _product_status(panel: PanelState, params: Params) -> dict[str, object]:
    return _product_status_of(panel, params["order"].strip())


def _product_statuses(panel: PanelState, params: Params) -> dict[str, object]:
    return {number: _row_or_error(panel, number, _product_status_of) for number in _split_ids(panel, params["orders"])}


def _product_status_of(panel: PanelState, number: str) -> dict[str, object]:
    order = _find_product_order(panel, number)
    status = panel.shop.status_of(order, panel.clock.simulated())
    granted = order.quantity if order.granted is None else order.granted
    row: dict[str, object] = {
        "charge": as_json_number(panel.shop.price(order.charge, order.quantity, granted)),
        "status": status,
    }
    if status == Status.partial:
        row["remains"] = order.quantity - granted
    if status == Status.canceled:
        return {**row, "note": "Out of stock"}
    return {**row, "result": panel.shop.result_id(order)} if order.granted else row


def _product_result(panel: PanelState, params: Params) -> dict[str, object]:
    order = _find_product_order(panel, params["order"].strip())
    if not order.granted:
        raise refuse(panel, Text.not_delivered)
    return {"result": panel.shop.goods_of(order)}


def _find_product_order(panel: PanelState, number: str) -> ProductOrder:
    order = panel.books.product_orders.get(int(number)) if whole_number(number) else None
    if order is None:
        raise refuse(panel, Text.bad_order)
    return order


def _split_ids(panel: PanelState, text: str) -> list[str]:
    ids = text.split(",")
    limit = panel.document.batch_limit
    if limit is not None and len(ids) > limit:
        raise refuse(panel, Text.too_many, limit=limit)
    return ids


def _row_or_error(panel: PanelState, number: str, make_row: Callable[[PanelState, str], object]) -> object:
    """Return one row of a batch; in a batch a refusal is a row like any other."""
    try:
        return make_row(panel, number)
    except Refusal as refusal:
        return {"error": refusal.text}


def _as_number(number: str) -> int | str:
    return int(number) if whole_number(number) else number


def write_money(amount: Decimal) -> str:
    """Return money as the documents write it: plain digits, no trailing zeros after the point."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_json_number(amount: Decimal) -> int | float:
    """Return money as a JSON number, as smmvna's products have it; exact for the few digits a price has."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


ANSWERS: Mapping[str, Answer] = {
    "services": _services,
    "add": _add,
    "status": _status,
    "statuses": _statuses,
    "refill": _refill,
    "refills": _refills,
    "refills_lumped": _refills_lumped,
    "refill_status": _refill_status,
    "refill_statuses": _refill_statuses,
    "cancels": _cancels,
    "balance": _balance,
    "products": _products,
    "add_product_order": _add_product_order,
    "product_status": _product_status,
    "product_statuses": _product_statuses,
    "product_result": _product_result,
}
