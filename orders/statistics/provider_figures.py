"""Figures that compare providers, worked out by a job: refills honoured, and prices against the cheapest provider."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from django.db.models import Min

from orders import statuses
from orders.currency.exchange import rates
from orders.models import HubRules, ProviderQuality, Refill
from providers.models import Provider, Service

LAST_REFILLS: Final = 5_000
"""How many answered refills are looked at, the newest first."""
ANSWERED: Final = (*sorted(statuses.REFILL_FINAL), "refused")

Group = tuple[str, str, str]


def refresh_provider_figures() -> None:
    """Write the refills that were answered and completed, and the price ratio, of every provider; four statements."""
    refills, completed = _count_refills()
    ratios = compare_prices(_cheapest_prices())
    rows = [
        ProviderQuality(
            provider_id=pk, refills=refills[pk], refills_completed=completed[pk], price_ratio=ratios.get(pk)
        )
        for pk in Provider.objects.order_by("pk").values_list("pk", flat=True)
    ]
    ProviderQuality.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["provider_id"],
        update_fields=["refills", "refills_completed", "price_ratio"],
    )


def _count_refills() -> tuple[Counter[int], Counter[int]]:
    """Return how many of the newest refills each provider answered, and how many of them it completed."""
    answered: Counter[int] = Counter()
    completed: Counter[int] = Counter()
    newest = Refill.objects.filter(status__in=ANSWERED).order_by("-id").values_list("order__provider_id", "status")
    for provider, status in newest[:LAST_REFILLS]:
        answered[provider] += 1
        completed[provider] += status == "completed"
    return answered, completed


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
