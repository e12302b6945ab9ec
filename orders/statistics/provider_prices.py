"""Prices of providers against the cheapest one, worked out by a job."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import Min

from orders.currency.exchange import rates
from orders.models import HubRules, ProviderQuality
from providers.models import Provider, Service

Group = tuple[str, str, str]


def refresh_price_ratios() -> None:
    """Write the price ratio of every provider; four statements."""
    ratios = compare_prices(_cheapest_prices())
    rows = [
        ProviderQuality(provider_id=pk, price_ratio=ratios.get(pk))
        for pk in Provider.objects.order_by("pk").values_list("pk", flat=True)
    ]
    ProviderQuality.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["provider_id"], update_fields=["price_ratio"]
    )


def _cheapest_prices() -> Iterable[tuple[int, Group, Decimal]]:
    """Yield the cheapest price of every provider for each platform, kind and type it sells, in the hub's currency."""
    hub, known = HubRules.load().currency, rates()
    found = (
        Service.objects.filter(is_available=True, rate__gt=0)
        .exclude(platform="")
        .order_by()
        .values_list("provider_id", "provider__currency", "platform", "kind", "type")
        .annotate(low=Min("rate"))
    )
    for provider, currency, platform, kind, order_type, low in found:
        worth = Decimal(1) if currency in {"", hub} else known.get(currency)
        if worth is not None:
            yield provider, (platform, kind, order_type), low * worth


def compare_prices(prices: Iterable[tuple[int, Group, Decimal]]) -> Mapping[int, float]:
    """Return the median ratio of each provider's cheapest prices to the cheapest of all providers: 1.0 is the cheapest.

    Only what at least two providers sell is compared.
    """
    groups: defaultdict[Group, dict[int, Decimal]] = defaultdict(dict)
    for provider, group, price in prices:
        groups[group][provider] = price
    ratios: defaultdict[int, list[float]] = defaultdict(list)
    for sold in groups.values():
        if len(sold) > 1:
            cheapest = min(sold.values())
            for provider, price in sold.items():
                ratios[provider].append(float(price / cheapest))
    return {provider: statistics.median(found) for provider, found in ratios.items()}
