"""Measured quality: what is counted, over which window, and what to expect from few orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Order, ProviderQuality, Refill, ServiceQuality, expected_quality
from orders.statistics.quality import refresh_quality
from providers.models import Service, ServiceChange
from tests.helpers.makers import make_provider, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    return make_service(make_provider())


def _order(service: Service, status: str = "completed", *, minutes: int = 20, days: int = 0, **fields: Any) -> Order:
    placed = timezone.now() - timedelta(days=days, hours=3)
    return Order.objects.create(
        provider=service.provider,
        service=service,
        link="https://example.com/a",
        status=status,
        created_at=placed,
        placed_at=placed,
        started_at=placed + timedelta(minutes=1),
        finished_at=placed + timedelta(minutes=minutes),
        **fields,
    )


def test_quality_is_measured_on_what_ended(service: Service) -> None:
    for minutes in (10, 20, 60):
        _order(service, minutes=minutes)
    Refill.objects.create(order=_order(service, "partial"), status="completed")
    Order.objects.create(provider=service.provider, service=service, status="pending")
    assert refresh_quality() == 4
    quality = ProviderQuality.objects.get()
    assert (quality.orders, quality.completed, quality.partial, quality.refilled) == (4, 0.75, 0.25, 0.25)
    assert (quality.seconds_to_start, quality.seconds_to_finish) == (60, 1200)
    assert ServiceQuality.objects.get().service == service
    assert refresh_quality() == 4
    assert ProviderQuality.objects.count() == 1


def test_refills_are_counted_as_requested_decided_and_delivered(service: Service) -> None:
    for status in ("completed", "completed", "refused", "pending", "withdrawn"):
        Refill.objects.create(order=_order(service), status=status)
    refresh_quality()
    for quality in (ServiceQuality.objects.get(), ProviderQuality.objects.get()):
        assert (quality.refills_asked, quality.refills_decided, quality.refills_honoured) == (4, 3, 2)


def test_price_changes_of_the_window_are_counted_with_their_range(service: Service) -> None:
    _order(service)
    long_ago = timezone.now() - timedelta(days=91)
    for before, after, at in (("5", "1", long_ago), ("1", "1.2", None), ("1.2", "0.8", None)):
        ServiceChange.objects.create(
            service=service,
            provider=service.provider,
            kind="rate",
            before=before,
            after=after,
            **({"at": at} if at else {}),
        )
    refresh_quality()
    quality = ServiceQuality.objects.get()
    assert quality.price_changes == 2
    assert quality.price_spread == pytest.approx(0.5)


def test_what_lies_before_the_window_does_not_count_and_old_figures_go(service: Service) -> None:
    other = make_service(service.provider)
    _order(service, "canceled", days=91)
    _order(service)
    ServiceQuality.objects.create(service=other, orders=5, at=timezone.now() - timedelta(days=91))
    refresh_quality()
    assert [(one.service, one.orders, one.completed) for one in ServiceQuality.objects.all()] == [(service, 1, 1.0)]


def test_few_orders_are_never_expected_to_complete_for_certain(service: Service) -> None:
    proven, unmeasured, elsewhere = make_service(service.provider), make_service(service.provider), make_service()
    for _number in range(3):
        _order(service)
    for number in range(100):
        _order(proven, "completed" if number else "partial")
    refresh_quality()
    found = expected_quality([service.pk, proven.pk, unmeasured.pk, elsewhere.pk])
    few, many = found[service.pk], found[proven.pk]
    assert few.is_few
    assert few.completion < 1.0 == ServiceQuality.objects.get(service=service).completed
    assert not many.is_few
    assert many.lowest > few.lowest
    # What was not measured is expected to do as its provider does; where nothing was, a cautious share.
    assert (found[unmeasured.pk].orders, found[unmeasured.pk].completion) == (
        0,
        ProviderQuality.objects.get().expected,
    )
    assert found[unmeasured.pk].seconds_to_finish == 1200
    assert (found[elsewhere.pk].orders, found[elsewhere.pk].completion) == (0, 0.8)
    assert found[elsewhere.pk].seconds_to_finish is None


def test_a_list_of_services_is_one_statement(service: Service, django_assert_num_queries: Any) -> None:
    keys = [service.pk, *(make_service(service.provider).pk for _number in range(5))]
    with django_assert_num_queries(1):
        assert set(expected_quality(keys)) == set(keys)


def test_measuring_takes_as_many_statements_for_many_orders(
    service: Service, django_assert_max_num_queries: Any
) -> None:
    for _number in range(30):
        Refill.objects.create(order=_order(make_service(service.provider)), status="completed")
    # Two savepoints of the writes are among them.
    with django_assert_max_num_queries(11):
        refresh_quality()
