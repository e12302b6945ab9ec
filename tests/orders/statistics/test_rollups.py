"""Daily totals and measured quality, and the dashboard that reads them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.models import DailyTotal, Order, OrderEvent, PersonDay, ProviderDay
from orders.statistics import rollups
from providers.models import Provider, Service
from tests.helpers.makers import make_person


@pytest.fixture
def provider(db: None) -> Provider:
    return Provider.objects.create(
        name="one.example",
        dialect="standard",
        api_url="https://one.example/api/v2",
        currency="USD",
        balance=Decimal(70),
    )


@pytest.fixture
def service(provider: Provider) -> Service:
    return Service.objects.create(provider=provider, external_id="1", name="Followers", rate=Decimal("0.9"))


def _order(provider: Provider, service: Service, **fields: Any) -> Order:
    return Order.objects.create(provider=provider, service=service, link="https://example.com/a", **fields)


def test_a_day_is_added_up_by_provider_person_and_state(provider: Provider, service: Service) -> None:
    someone = make_person()
    for _number in range(3):
        _order(provider, service, status="completed", charge=Decimal("1.5"), created_by=someone)
    _order(provider, service, status="pending", expected_charge=Decimal("0.25"))
    rollups.refresh_totals()
    totals = {
        (total.person_id, total.status): (total.orders, total.charge, total.expected)
        for total in DailyTotal.objects.all()
    }
    assert totals == {
        (someone.pk, "completed"): (3, Decimal("4.5"), Decimal(0)),
        (None, "pending"): (1, Decimal(0), Decimal("0.25")),
    }


def test_an_old_order_that_changes_changes_its_own_day(provider: Provider, service: Service) -> None:
    long_ago = timezone.now() - timedelta(days=20)
    order = _order(provider, service, status="completed", charge=Decimal(2), created_at=long_ago)
    OrderEvent.objects.create(order=order, kind="state", after="completed")
    rollups.refresh_totals()
    Order.objects.filter(pk=order.pk).update(status="refunded", charge=Decimal(0))
    OrderEvent.objects.create(order=order, kind="state", before="completed", after="refunded")
    rollups.refresh_totals()
    (total,) = DailyTotal.objects.all()
    assert (total.day, total.status, total.charge) == (timezone.localdate(long_ago), "refunded", Decimal(0))


def test_working_it_out_twice_changes_nothing(provider: Provider, service: Service) -> None:
    _order(provider, service, status="completed", charge=Decimal(1))
    rollups.refresh_totals()
    rollups.refresh_totals()
    assert DailyTotal.objects.get().orders == 1


def test_the_same_orders_are_added_up_for_providers_and_people(provider: Provider, service: Service) -> None:
    someone, placed = make_person(), timezone.now() - timedelta(hours=3)
    for hours in (1, 2):
        _order(
            provider,
            service,
            status="completed",
            charge=Decimal("1.5"),
            created_by=someone,
            placed_at=placed,
            finished_at=placed + timedelta(hours=hours),
        )
    _order(provider, service, status="completed", charge=Decimal(1), created_by=make_person())
    _order(provider, service, status="rejected", created_by=someone)

    rollups.refresh_totals()

    completed = ProviderDay.objects.get(status="completed")
    assert (completed.orders, completed.charge) == (3, Decimal(4))
    assert (completed.delivered, completed.delivery_seconds) == (2, 3 * 3600)
    mine = PersonDay.objects.get(person=someone)
    # What was rejected was never bought.
    assert (mine.currency, mine.orders, mine.charge) == ("USD", 2, Decimal(3))
