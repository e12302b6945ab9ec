"""Everything the hub holds about one client as a JSON file: for the client, or before they are anonymised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from orders.models import Client, MassOrder, ProductOrder
from orders.permissions import orders_for, product_orders_for
from panelhub.redaction import hide_amounts

CHUNK: Final = 2_000
_CLIENT: Final = ("name", "notes", "markup", "manager__username", "created_at")
_SHARED: Final = (
    *("pk", "created_at", "created_by__username", "provider__name", "external_id", "quantity", "status"),
    *("provider_status", "remains", "placed_at", "finished_at", "error", "note"),
)
_ORDER: Final = (*_SHARED, "service__external_id", "service__name", "link", "parameters", "start_count")
_PRODUCT_ORDER: Final = (*_SHARED, "product__external_id", "product__name", "goods_count")
_COSTS: Final = ("expected_charge", "charge", "currency", "markup")
_WORDS: Final = ("provider_status", "error")


def write_client(client: Client, user: Any) -> Iterator[str]:
    """Yield the file piece by piece, as its reader may see it; read while it is sent.

    What a buyer handed over and what was delivered leave the hub in no file.
    """
    sees_cost = user.has_perm("orders.view_cost")
    kept = [name for name in _CLIENT if sees_cost or name != "markup"]
    details = Client.objects.filter(pk=client.pk).values(*kept).first() or {}
    yield '{"client": ' + _dump(details)
    parts: dict[str, QuerySet[Any]] = {}
    if user.has_perm("orders.view_order"):
        parts["orders"] = orders_for(user).filter(client=client).order_by("pk")
    if user.has_perm("orders.view_productorder"):
        parts["product_orders"] = product_orders_for(user).filter(client=client).order_by("pk")
    for name, rows in parts.items():
        columns = _PRODUCT_ORDER if rows.model is ProductOrder else _ORDER
        yield f', "{name}": ['
        yield from _write_rows(rows.values(*columns, *(_COSTS if sees_cost else ())), sees_cost=sees_cost)
        yield "]"
    if user.has_perm("orders.view_massorder"):
        batches = MassOrder.objects.filter(client=client).order_by("pk").values("pk", "created_at", "name", "total")
        yield ', "mass_orders": ' + _dump(list(batches))
    yield "}\n"


def _write_rows(rows: Any, *, sees_cost: bool) -> Iterator[str]:
    between = ""
    for row in rows.iterator(chunk_size=CHUNK):
        if not sees_cost:
            row |= {name: hide_amounts(row[name]) for name in _WORDS}
        yield between + _dump(row)
        between = ",\n"


def _dump(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
