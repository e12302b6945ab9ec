"""Move the unsent orders of mass orders from one state to another, in one statement each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from django.db import connection

from orders import statuses
from orders.mass.validation import chunks
from orders.models import Order, OrderEvent
from panelhub.db.bulk import insert_rows

PAUSED_WITH_BATCH: Final = "mass_pause"


def hold_orders(batch_ids: Collection[int], *, by: Any = None) -> int:
    """Hold the queued orders of paused batches; returns how many there were."""
    if not batch_ids:
        return 0
    return len(move_orders(batch_ids, before=statuses.QUEUED, after=statuses.HELD, held_for=PAUSED_WITH_BATCH, by=by))


def move_orders(
    batch_ids: Collection[int],
    *,
    before: str,
    after: str,
    by: Any,
    held_for: str = "",
    only_held_for: str = "",
    not_held_for: str = "",
) -> list[tuple[int, int]]:
    """Move the orders of batches that still are in ``before``, in one statement; key and provider of each.

    An order that a worker claimed meanwhile is not in that state any more, and stays with it.
    """
    quote = connection.ops.quote_name
    marks = ", ".join(["%s"] * len(batch_ids))
    condition, parameters = ("AND held_for = %s", [only_held_for]) if only_held_for else ("", [])
    if not_held_for:
        condition, parameters = f"{condition} AND held_for <> %s", [*parameters, not_held_for]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(Order._meta.db_table)} SET status = %s, held_for = %s "  # noqa: S608 - a table's own name
            f"WHERE mass_order_id IN ({marks}) AND status = %s {condition} RETURNING id, provider_id",
            [after, held_for, *batch_ids, before, *parameters],
        )
        moved = [(int(pk), int(provider_id)) for pk, provider_id in cursor.fetchall()]
    for part in chunks(moved):
        _write_events([pk for pk, _provider_id in part], before=before, after=after, by=by)
    return moved


def _write_events(orders: Iterable[int], *, before: str, after: str, by: Any) -> None:
    insert_rows(
        OrderEvent,
        ["order"],
        [(pk,) for pk in orders],
        kind=OrderEvent.Kind.STATE,
        before=before,
        after=after,
        actor=by.pk if by is not None else None,
    )
