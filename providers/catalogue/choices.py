"""Services as a picker lists them: the name, what is known of it, the price in the hub's currency with its unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from panelhub.ui.formatting import format_money
from providers.catalogue.facts.labels import describe_facts
from providers.catalogue.filters import FLAGS, describe_range, why_closed
from providers.catalogue.quality_labels import describe
from providers.hooks import type_labels
from providers.hub_prices import HubPrices
from providers.models.platforms import TITLES
from providers.permissions import Seen

PACKAGES: Final = frozenset(("package", "custom_comments_package"))


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service as a row shows it."""

    pk: int
    url: str
    external_id: str
    name: str
    category: str
    platform: str
    provider: str
    type: str
    rate: SafeString
    unit: str
    own_rate: SafeString
    facts: str
    limits: str
    flags: tuple[str, ...]
    average_time: str
    closed: str
    measured: str = ""


def rows_of(
    found: Iterable[Mapping[str, Any]],
    providers: Mapping[int, Seen],
    *,
    sees_cost: bool,
    prices: HubPrices | None = None,
) -> list[ServiceRow]:
    """Return the rows for ``found`` (``CHOICE_COLUMNS``, or without measured figures), with ``prices`` in the hub's
    currency.
    """
    pattern = reverse("providers:service", args=[0])
    words = [(name, str(label)) for name, label in FLAGS]
    return [
        _row(values, providers[values["provider_id"]], pattern, words, sees_cost=sees_cost, prices=prices)
        for values in found
        # What came with an account that was added meanwhile is shown the next time.
        if values["provider_id"] in providers
    ]


def _row(
    values: Mapping[str, Any],
    provider: Seen,
    pattern: str,
    words: list[tuple[str, str]],
    *,
    sees_cost: bool,
    prices: HubPrices | None,
) -> ServiceRow:
    slug = values["type"]
    own = format_money(values["rate"], provider.currency) if sees_cost else SafeString("")
    price = hub_price(values["hub_rate"], provider, prices) if prices and sees_cost else None
    is_converted = price is not None and prices is not None and provider.currency not in ("", prices.currency)
    return ServiceRow(
        pk=values["id"],
        url=pattern.replace("/0/", f"/{values['id']}/"),
        external_id=values["external_id"],
        name=values["name"],
        category=values["category"],
        platform=TITLES.get(values["platform"], ""),
        provider=provider.name,
        type="" if slug == "default" else str(type_labels().get(slug) or values["type_label"] or slug),
        rate=format_money(price, prices.currency) if is_converted and prices else own,
        unit=_("each package") if slug in PACKAGES else _("per 1,000"),
        own_rate=own if is_converted else SafeString(""),
        facts=" · ".join(describe_facts(values)),
        limits=describe_range(
            values["min_quantity"], values["max_quantity"], values["min_unread"], values["max_unread"]
        ),
        flags=tuple(label for name, label in words if values[name]),
        average_time=values["average_time"],
        closed=why_closed(values, provider),
        measured=_measured(values) if "measured__orders" in values else "",
    )


def _measured(values: Mapping[str, Any]) -> str:
    """Return in one line how a service did."""
    measured = describe(values)
    if not measured.is_known:
        return _("no data yet")
    return " · ".join(part for part in (measured.summary, measured.times) if part)


def hub_price(hub_rate: Decimal | None, seen: Seen, prices: HubPrices) -> Decimal | None:
    """Return a price in the hub's currency, to the figures that matter; None when its rate is not known."""
    if hub_rate is None or seen.currency in ("", prices.currency):
        return hub_rate
    # Four figures: a converted price is for comparing, the exact one stands next to it.
    places = max(2, 3 - hub_rate.adjusted()) if hub_rate else 2
    return hub_rate.quantize(Decimal(1).scaleb(-min(places, 10)))
