"""Orders of services and of products as tables that leave the hub: columns, and rows read as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from orders.statuses import OrderStatus
from panelhub.redaction import hide_amounts
from panelhub.ui.exports import MOST_ROWS

CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading and where its value is read; ``is_cost`` ones are for those who may see costs."""

    title: Any
    path: str
    is_cost: bool = False


_ORDERED: Final = (
    Column(_("Order"), "pk"),
    Column(_("Ordered"), "created_at"),
    Column(_("Person"), "created_by__username"),
    Column(_("Client"), "client_label"),
    Column(_("Provider"), "provider__name"),
    Column(_("Provider ID"), "external_id"),
)
_STATE: Final = (
    Column(_("Status"), "status"),
    Column(_("Provider status"), "provider_status"),
)
_MONEY_AND_END: Final = (
    Column(_("Expected charge"), "expected_charge", is_cost=True),
    Column(_("Charge"), "charge", is_cost=True),
    Column(_("Currency"), "currency", is_cost=True),
    Column(_("Placed"), "placed_at"),
    Column(_("Finished"), "finished_at"),
    Column(_("Error"), "error"),
    Column(_("Note"), "note"),
)
COLUMNS: Final = (
    *_ORDERED,
    Column(_("Service ID"), "service__external_id"),
    Column(_("Service"), "service__name"),
    Column(_("Link"), "link"),
    Column(_("Quantity"), "quantity"),
    *_STATE,
    Column(_("Start count"), "start_count"),
    Column(_("Remains"), "remains"),
    *_MONEY_AND_END,
)
# What a buyer handed over and what was delivered leave the hub in no file.
PRODUCT_COLUMNS: Final = (
    *_ORDERED,
    Column(_("Product ID"), "product__external_id"),
    Column(_("Product"), "product__name"),
    Column(_("Quantity"), "quantity"),
    *_STATE,
    Column(_("Remains"), "remains"),
    Column(_("Delivered items"), "goods_count"),
    *_MONEY_AND_END,
)
_WORDS: Final[Mapping[str, Any]] = dict(OrderStatus.choices)


def table_of(
    orders: QuerySet[Any], *, sees_cost: bool, columns: Sequence[Column] = COLUMNS
) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Return the headings and the rows of ``orders``, at most :data:`panelhub.ui.exports.MOST_ROWS` of them."""
    columns = [column for column in columns if sees_cost or not column.is_cost]
    paths = [column.path for column in columns]
    struck = [] if sees_cost else [paths.index(path) for path in ("error", "provider_status")]
    return [str(column.title) for column in columns], _rows(
        orders.values_list(*paths)[:MOST_ROWS], paths.index("status"), struck
    )


def _rows(found: Any, state: int, struck: Sequence[int]) -> Iterator[Sequence[Any]]:
    for row in found.iterator(chunk_size=CHUNK):
        values = list(row)
        values[state] = str(_WORDS.get(values[state], values[state]))
        for place in struck:
            values[place] = hide_amounts(values[place])
        yield values
