"""Order history: timeline, calls, refills and cancels of one order, read in one statement.

Orders and orders of products alike; the latter have no refills or cancels.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import F, FloatField, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from orders.models import Attempt, Cancellation, OrderEvent, Refill
from panelhub.db.prepared import Prepared, as_moment

MOST: Final = 300
EVENT, TRY, REFILL, CANCEL = "event", "try", "refill", "cancel"


class Trace(NamedTuple):
    """One line, whatever table it is from.

    ``state`` is an event's new state, a try's outcome, a request's state; ``word`` an event's kind,
    a try's action, the provider's own word for a request; ``text`` what was said or what went wrong.
    """

    table: str
    at: datetime
    pk: int
    state: str
    external_id: str
    word: str
    text: str
    http_status: int | None
    seconds: float | None
    excerpt: str
    late_id: str
    by: str


def read_traces(order_pk: int) -> list[Trace]:
    """Return everything about one order, newest first."""
    return _read(_TRACES, order_pk)


def read_product_traces(order_pk: int) -> list[Trace]:
    """Return everything about one order of a product, newest first."""
    return _read(_PRODUCT_TRACES, order_pk)


def _read(prepared: Prepared, key: int) -> list[Trace]:
    rows = (Trace._make(row) for row in prepared.rows_for(key))
    return [row._replace(at=as_moment(row.at), by=row.by or "") for row in rows]


def _empty(name: str) -> dict[str, Any]:
    return {name: Value("", output_field=TextField())}


_NO_CALL: Final[dict[str, Any]] = {
    "x_http": Value(None, output_field=IntegerField()),
    "x_seconds": Value(None, output_field=FloatField()),
    **_empty("x_excerpt"),
    **_empty("x_late"),
}


def _tries(mine: Q) -> QuerySet[Any, Any]:
    return (
        Attempt.objects.filter(mine)
        .order_by()
        .annotate(x_table=Value(TRY), x_by=F("by__username"))
        .values_list(
            "x_table", "started_at", "pk", "outcome", "seen_id", "action", "detail", "http_status", "seconds",
            "excerpt", "late_id", "x_by",
        )
    )  # fmt: skip


def _events(mine: Q) -> QuerySet[Any, Any]:
    return (
        OrderEvent.objects.filter(mine)
        .order_by()
        .annotate(x_table=Value(EVENT), **_empty("x_id"), **_NO_CALL, x_by=F("actor__username"))
        .values_list("x_table", "at", "pk", "after", "x_id", "kind", "words", *_NO_CALL, "x_by")
    )


def _traces_of(order_pk: int) -> QuerySet[Any, Any]:
    tries = _tries(Q(order=order_pk) | Q(refill__order=order_pk) | Q(cancellation__order=order_pk))
    requests = [
        model.objects.filter(order=order_pk)
        .order_by()
        .annotate(
            x_table=Value(table), x_id=Coalesce("external_id", Value("")), **_NO_CALL, x_by=F("created_by__username")
        )
        .values_list("x_table", "created_at", "pk", "status", "x_id", "provider_status", "error", *_NO_CALL, "x_by")
        for table, model in ((REFILL, Refill), (CANCEL, Cancellation))
    ]
    return tries.union(_events(Q(order=order_pk)), *requests, all=True).order_by("-started_at", "-pk")[:MOST]


def _product_traces_of(order_pk: int) -> QuerySet[Any, Any]:
    mine = Q(product_order=order_pk)
    return _tries(mine).union(_events(mine), all=True).order_by("-started_at", "-pk")[:MOST]


_TRACES: Final = Prepared(_traces_of)
_PRODUCT_TRACES: Final = Prepared(_product_traces_of)
