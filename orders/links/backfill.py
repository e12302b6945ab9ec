"""Gives the orders from before their keys, in small steps: no statement holds more than its rows for long."""

from __future__ import annotations

from typing import Any, Final

from orders.links.reader import key_of
from panelhub.db.bulk import update_rows

STEP: Final = 2_000


def fill_link_keys(model: Any, *, every: bool = False) -> int:
    """Write the keys of orders (rows of ``model``) that have none, or of all of them; returns how many were written.

    It can be stopped and run again, and be run while orders are made.
    """
    condition, written, last = "" if every else "t.target_key IS NULL", 0, 0
    rows = model.objects.exclude(link="").order_by("pk")
    rows = rows if every else rows.filter(target_key=None)
    while found := list(rows.filter(pk__gt=last).values_list("pk", "link")[:STEP]):
        keys = [(pk, key_of(link)) for pk, link in found]
        written += len(update_rows(model, ["target_key"], keys, only_if=condition))
        last = found[-1][0]
    return written
