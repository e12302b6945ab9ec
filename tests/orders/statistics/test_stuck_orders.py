"""Orders that someone should look at: who is waited for, what stands still, what is slow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Order, ServiceQuality
from orders.roles import ROLES
from orders.statistics.stuck_orders import MOST_SHOWN, Watched, find_waiting
from providers.models import Provider, Service
from tests.helpers.makers import (
    grant,
    make_person,
    make_service,
)
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def service() -> Service:
    """Return a service that usually takes two hours."""
    made = make_service()
    ServiceQuality.objects.create(service=made, orders=20, seconds_to_finish=7_200)
    return made


def made(service: Service, *, hours: float, status: str = "in_progress", **fields: Any) -> Order:
    """Return an order placed so many hours ago."""
    at = NOW - timedelta(hours=hours)
    plain = {"created_at": at, "placed_at": at, "moved_at": at}
    return Order.objects.create(provider=service.provider, service=service, status=status, **(plain | fields))


def keys(rows: Any) -> list[int]:
    return [row.pk for row in rows]


def test_each_order_is_where_it_belongs_the_oldest_first(service: Service) -> None:
    stuck = made(service, hours=200, status="pending")
    held = made(service, hours=150, status="held", held_for="second_person")
    slow = made(service, hours=6.1)
    unconfirmed = made(service, hours=3, status="unconfirmed", error="reset by peer")
    made(service, hours=5.9)
    made(service, hours=400, status="completed")
    made(service, hours=300, moved_at=NOW - timedelta(hours=1), placed_at=NOW - timedelta(hours=5))

    found = find_waiting([service.provider_id], now=NOW)

    assert keys(found.people) == [held.pk, unconfirmed.pk]
    assert [row.why for row in found.people] == ["needs a second person", "reset by peer"]
    assert (keys(found.stuck), found.stuck[0].why) == ([stuck.pk], "no change for 8 d")
    assert (keys(found.slow), found.slow[0].why) == ([slow.pk], "6 h so far, usually 2 h")


def test_what_was_hardly_measured_is_not_called_slow(service: Service) -> None:
    made(service, hours=100)
    ServiceQuality.objects.update(orders=4)

    assert not find_waiting([service.provider_id], now=NOW).slow


def test_a_quick_service_is_given_an_hour(service: Service) -> None:
    ServiceQuality.objects.update(seconds_to_finish=60)
    made(service, hours=0.9)
    slow = made(service, hours=1.1)

    assert keys(find_waiting([service.provider_id], now=NOW).slow) == [slow.pk]


def test_orders_of_other_providers_are_not_looked_at(service: Service) -> None:
    made(service, hours=200)

    found = find_waiting([service.provider_id + 1], now=NOW)

    assert found == Watched()


def test_it_takes_one_statement_and_shows_a_handful(service: Service, django_assert_num_queries: Any) -> None:
    for number in range(MOST_SHOWN + 5):
        made(service, hours=200 + number)

    with django_assert_num_queries(1):
        found = find_waiting([service.provider_id], now=NOW)

    assert len(found.stuck) == MOST_SHOWN


class TestThePage:
    @pytest.fixture
    def manager(self) -> Any:
        return make_person(*ROLES["manager"])

    def page(self, person: Any, **query: str) -> str:
        response = log_in(person).get(reverse("orders:dashboard"), query)
        assert response.status_code == 200
        return str(response.content.decode())

    def test_every_kind_is_shown_with_its_reason(self, service: Service, manager: Any) -> None:
        stuck = made(service, hours=200)
        slow = made(service, hours=7)

        page = self.page(manager)

        assert f"#{stuck.pk}" in page
        assert "no change for 8 d" in page
        assert f"#{slow.pk}" in page
        assert "7 h so far, usually 2 h" in page
        assert "All clear" not in page

    def test_a_reader_sees_granted_providers_alone(self, service: Service, manager: Any) -> None:
        order = made(service, hours=200)
        assert f"#{order.pk}<" in self.page(manager)
        grant(manager, make_service().provider)

        page = self.page(manager)

        assert f"#{order.pk}<" not in page
        assert Provider.objects.get(pk=service.provider_id).name not in page

    def test_a_new_hub_says_that_there_is_nothing(self, manager: Any) -> None:
        page = self.page(manager)

        for sentence in ("All clear", "No orders in this period."):
            assert sentence in page
