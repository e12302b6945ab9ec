"""Gives the orders from before their keys, in small steps: no statement holds more than its rows for long."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q
from django.db.models.functions import Length

from orders.links.reader import KEY_SIZE, key_of
from panelhub.db.bulk import update_rows

STEP: Final = 2_000
# The version before, which may go on writing while this one is brought in, keeps another kind of key.
_LACKING: Final = f"t.link_key IS NULL OR LENGTH(t.link_key) <> {KEY_SIZE}"


def fill_link_keys(model: Any, *, every: bool = False) -> int:
    """Write the keys of orders (rows of ``model``) that lack one, or of all of them; returns how many were written.

    It can be stopped and run again, and be run while orders are made.
    """
    written, last = 0, 0
    rows = model.objects.exclude(link="").order_by("pk")
    if not every:
        rows = rows.annotate(size=Length("link_key")).filter(Q(link_key=None) | ~Q(size=KEY_SIZE))
    while found := list(rows.filter(pk__gt=last).values_list("pk", "link")[:STEP]):
        keys = [(pk, key_of(link)) for pk, link in found]
        written += len(update_rows(model, ["link_key"], keys, only_if="" if every else _LACKING))
        last = found[-1][0]
    return written
