"""Prices of providers against the cheapest one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orders.models import ExchangeRate, ProviderQuality
from orders.statistics.provider_prices import compare_prices, refresh_price_ratios
from tests.helpers.makers import make_provider, make_service

FOLLOWERS, LIKES = ("instagram", "followers", "default"), ("instagram", "likes", "default")


def test_prices_are_compared_where_two_sell_the_same() -> None:
    prices = [
        (1, FOLLOWERS, Decimal(1)),
        (2, FOLLOWERS, Decimal("1.5")),
        (2, LIKES, Decimal(1)),
        (1, ("tiktok", "views", "default"), Decimal(9)),
    ]

    assert compare_prices(prices) == {1: 1.0, 2: 1.5}


@pytest.mark.django_db
def test_each_provider_has_its_prices_in_one_currency() -> None:
    dollars, lira, unknown = (make_provider(currency=code) for code in ("USD", "TRY", "XXX"))
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.1"))
    for provider, rate in ((dollars, 2), (lira, 10), (unknown, 1)):
        make_service(provider, platform="instagram", kind="followers", rate=rate)

    refresh_price_ratios()

    found = {quality.provider_id: quality for quality in ProviderQuality.objects.all()}
    assert (found[dollars.pk].price_ratio, found[lira.pk].price_ratio) == (2.0, 1.0)
    # A price in a currency without a rate compares with nothing.
    assert found[unknown.pk].price_ratio is None
