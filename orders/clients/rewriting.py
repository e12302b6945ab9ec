"""Rewrite the orders of clients whose name changed or who were anonymised, in steps that can be run again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet

from orders.clients.backfill import STEP, rewrite_labels
from orders.models import Attempt, Chain, Client, MassLine, MassOrder, Order, OrderEvent, ProductOrder, Schedule

LABELLED: Final = (Order, ProductOrder, MassOrder, Schedule, Chain)
_OF_ORDER: Final[Mapping[str, Any]] = {"link": "", "target_key": None, "parameters": {}, "note": ""}
_OF_PRODUCT_ORDER: Final[Mapping[str, Any]] = {"note": "", "require": "", "goods": "", "result": ""}
_OF_LINE: Final[Mapping[str, Any]] = {"text": "", "link": "", "parameters": {}}


def rewrite_stale() -> dict[str, int]:
    """Rewrite what is due; returns figures. What is not finished when a worker ends is taken up by the next."""
    figures = {"clients": 0, "rows": 0}
    for client in Client.objects.filter(is_stale=True).order_by("pk"):
        figures["clients"] += 1
        if client.anonymised_at is not None:
            figures["rows"] += _forget(client) + _forget_plans(client)
        # Last, since it removes the mark.
        figures["rows"] += rewrite_labels(client, *LABELLED)
    return figures


def _forget_plans(client: Client) -> int:
    """Remove the same from schedules and chains, all of which have ended."""
    plans = Schedule.objects.filter(client=client).update(fields={}, note="")
    return plans + Chain.objects.filter(client=client).update(link="", target_key=None, parameters={}, note="")


def _forget(client: Client) -> int:
    """Remove from the rows of an anonymised client what says who they are; returns how many rows were written."""
    written = 0
    orders = Order.objects.filter(client=client)
    for keys in _steps(orders):
        written += Order.objects.filter(pk__in=keys).update(**_OF_ORDER)
        _forget_history(order__in=keys)
        Attempt.objects.filter(refill__order__in=keys).update(payload={}, excerpt="")
        Attempt.objects.filter(cancellation__order__in=keys).update(payload={}, excerpt="")
    for keys in _steps(ProductOrder.objects.filter(client=client)):
        written += ProductOrder.objects.filter(pk__in=keys).update(**_OF_PRODUCT_ORDER, goods_count=0)
        _forget_history(product_order__in=keys)
    batches = MassOrder.objects.filter(client=client)
    batches.update(name="")
    for keys in _steps(MassLine.objects.filter(mass_order__in=batches.values("pk"))):
        written += MassLine.objects.filter(pk__in=keys).update(**_OF_LINE)
    return written


def _forget_history(**rows: Any) -> None:
    Attempt.objects.filter(**rows).update(payload={}, excerpt="")
    OrderEvent.objects.filter(kind=OrderEvent.Kind.NOTE, **rows).update(words="")


def _steps(rows: QuerySet[Any]) -> Any:
    """Yield the keys of rows, some at a time."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:STEP]):
        yield keys
        last = keys[-1]
