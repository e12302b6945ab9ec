"""The catalogue as a table that leaves the hub: its columns, and a row for each service, read as they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from providers.catalogue.contexts import CatalogueFilter
from providers.catalogue.filters import why_closed
from providers.hooks import type_labels
from providers.hub_prices import HubPrices
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES
from providers.permissions import Seen

Values = Mapping[str, Any]
Read = Callable[[Values, Seen, HubPrices], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading and how its value is read; ``is_cost`` ones are for those who may see costs."""

    title: Any
    read: Read
    is_cost: bool = False


def _plain(name: str) -> Read:
    return lambda row, _seen, _prices: row[name]


def _rate_day(_row: Values, seen: Seen, prices: HubPrices) -> Any:
    worth = prices.worth_of(seen.currency)
    return worth.day if worth else None


COLUMNS: Final = (
    Column(_("Provider"), lambda _row, seen, _prices: seen.name),
    Column(_("Provider ID"), _plain("external_id")),
    Column(_("Service"), _plain("name")),
    Column(_("Category"), _plain("category")),
    Column(_("Platform"), lambda row, _seen, _prices: TITLES.get(row["platform"], "")),
    Column(_("Kind"), lambda row, _seen, _prices: str(KIND_TITLES.get(row["kind"], row["kind"]))),
    Column(_("Type"), lambda row, _seen, _prices: str(type_labels().get(row["type"]) or row["type_label"])),
    Column(_("Price in the hub’s currency"), _plain("hub_rate"), is_cost=True),
    Column(_("Hub’s currency"), lambda _row, _seen, prices: prices.currency, is_cost=True),
    Column(_("Exchange rate of"), _rate_day, is_cost=True),
    Column(_("Price"), _plain("rate"), is_cost=True),
    Column(_("Currency"), lambda _row, seen, _prices: seen.currency, is_cost=True),
    Column(_("Minimum"), _plain("min_quantity")),
    Column(_("Maximum"), _plain("max_quantity")),
    Column(_("Refill"), _plain("refill")),
    Column(_("Cancel"), _plain("cancel")),
    Column(_("Drip-feed"), _plain("dripfeed")),
    Column(_("Average time (stated)"), _plain("average_time")),
    Column(_("Country"), _plain("country")),
    Column(_("Quality"), _plain("quality")),
    Column(_("Refill, days"), _plain("refill_days")),
    Column(_("Speed, per day"), _plain("speed_per_day")),
    Column(_("Start time, minutes"), _plain("start_minutes")),
    Column(_("Measured orders"), _plain("measured__orders")),
    Column(_("Seconds to start"), _plain("measured__seconds_to_start")),
    Column(_("Seconds to finish"), _plain("measured__seconds_to_finish")),
    Column(_("Share completed"), _plain("measured__completed")),
    Column(_("Share partial"), _plain("measured__partial")),
    Column(_("Share canceled"), _plain("measured__canceled")),
    Column(_("Completion to expect"), _plain("measured__expected")),
    Column(_("Refills requested"), _plain("measured__refills_asked")),
    Column(_("Refills delivered"), _plain("measured__refills_honoured")),
    Column(_("Price changes"), _plain("measured__price_changes"), is_cost=True),
    Column(_("Favourite"), lambda row, _seen, _prices: bool(row["is_favourite"])),
    Column(_("Closed because"), lambda row, seen, _prices: why_closed(row, seen)),
)


def table_of(asked: CatalogueFilter, *, sees_cost: bool) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Return the headings, and a row for each service that is requested, in the order of the list."""
    columns = [column for column in COLUMNS if sees_cost or not column.is_cost]
    providers, prices = asked.visible.providers, asked.prices
    rows = (
        [column.read(row, providers[row["provider_id"]], prices) for column in columns]
        for row in asked.read_all()
        # An account that was added while the file is written.
        if row["provider_id"] in providers
    )
    return [str(column.title) for column in columns], rows
