"""Hub rates follow exchange rates, the hub's currency and the providers' currencies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.currency.exchange import refresh_at_start
from orders.models import ExchangeRate, HubRules
from panelhub.launcher.startup import Startup
from providers.catalogue import hub_rates
from providers.catalogue.hub_rates import refresh_hub_rates
from providers.models import Service
from tests.helpers.makers import make_provider, make_service

pytestmark = pytest.mark.django_db


def hub_rate_of(service: Service) -> Decimal | None:
    return Service.objects.values_list("hub_rate", flat=True).get(pk=service.pk)


def test_they_follow_the_newest_exchange_rate() -> None:
    service, other = make_service(make_provider(currency="TRY"), rate=Decimal(20)), make_service(rate=Decimal(3))
    assert hub_rate_of(service) is None

    ExchangeRate.objects.create(currency="TRY", day=date(2026, 11, 20), rate=Decimal("0.03"))
    assert hub_rate_of(service) == Decimal("0.6")
    ExchangeRate.objects.create(currency="TRY", day=date(2026, 11, 19), rate=Decimal("0.5"))
    assert hub_rate_of(service) == Decimal("0.6")
    newest = ExchangeRate.objects.create(currency="TRY", day=date(2026, 11, 21), rate=Decimal("0.04"))
    assert hub_rate_of(service) == Decimal("0.8")
    newest.rate = Decimal("0.05")
    newest.save()
    assert hub_rate_of(service) == Decimal(1)
    ExchangeRate.objects.all().delete()
    assert hub_rate_of(service) is None
    assert hub_rate_of(other) == Decimal(3)


def test_they_follow_the_hubs_currency() -> None:
    dollar, lira = make_service(rate=Decimal(3)), make_service(make_provider(currency="TRY"), rate=Decimal(20))

    HubRules(pk=1, currency="TRY").save()

    assert (hub_rate_of(dollar), hub_rate_of(lira)) == (None, Decimal(20))


def test_they_follow_the_currency_of_the_provider() -> None:
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.03"))
    service = make_service(rate=Decimal(20))
    provider = service.provider

    provider.currency = "TRY"
    provider.save()

    assert hub_rate_of(service) == Decimal("0.6")


def test_large_catalogues_are_refreshed_in_parts(monkeypatch: Any) -> None:
    provider = make_provider()
    for _ in range(5):
        make_service(provider)
    Service.objects.update(hub_rate=None)
    monkeypatch.setattr(hub_rates, "AT_ONCE", 2)

    assert refresh_hub_rates() == 5
    assert refresh_hub_rates() == 0


def test_a_part_takes_the_same_statements_however_large_it_is() -> None:
    provider, counts = make_provider(), []
    for size in (2, 40):
        for _ in range(size):
            make_service(provider)
        Service.objects.update(hub_rate=None)
        with CaptureQueriesContext(connection) as counted:
            refresh_hub_rates()
        counts.append(len(counted))

    assert counts[0] == counts[1]


def test_what_an_older_version_did_not_store_is_filled_in_at_start() -> None:
    service = make_service(rate=Decimal(3))
    Service.objects.update(hub_rate=None)
    said: list[str] = []

    refresh_at_start(Startup(say=said.append))

    assert hub_rate_of(service) == Decimal(3)
    assert said == ["Prices in the hub's currency were computed: 1 services."]
