"""Orders that take far longer than their service usually does, or stand still, are written down and listed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.aftercare.slow_orders import refresh_slow_orders
from orders.models import Order, ServiceQuality, SlowOrder
from providers.models import Service
from tests.helpers.makers import make_order, make_person, make_service
from tests.helpers.pages import keys_on, log_in, messages_of, text_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def service() -> Service:
    """Return a service whose orders usually take an hour."""
    made = make_service()
    ServiceQuality.objects.create(service=made, orders=20, seconds_to_finish=3600.0)
    return made


def ordered(service: Service, *, ago: timedelta, **fields: Any) -> Order:
    at = timezone.now() - ago
    plain = {"created_at": at, "placed_at": at, "moved_at": at, "external_id": f"x{Order.objects.count()}"}
    return make_order(service, **(plain | fields))


def listed() -> list[int]:
    return list(SlowOrder.objects.order_by("pk").values_list("pk", flat=True))


def test_three_times_as_long_as_usual_is_slow(service: Service) -> None:
    slow = ordered(service, ago=4 * HOUR)
    ordered(service, ago=2 * HOUR)
    ordered(service, ago=4 * HOUR, status="completed")

    assert refresh_slow_orders() == {"slow": 1}

    assert listed() == [slow.pk]
    assert SlowOrder.objects.get().usual_seconds == 3600.0
    assert refresh_slow_orders() == {}


def test_one_that_stands_still_for_a_week_is_stuck_whatever_is_known_of_its_service() -> None:
    stuck = ordered(make_service(), ago=timedelta(days=8))
    ordered(make_service(), ago=timedelta(days=8), moved_at=timezone.now())

    refresh_slow_orders()

    assert listed() == [stuck.pk]
    assert SlowOrder.objects.get().usual_seconds is None


def test_few_measured_orders_say_nothing(service: Service) -> None:
    ServiceQuality.objects.update(orders=4)
    ordered(service, ago=10 * HOUR)

    assert refresh_slow_orders() == {}


def test_one_that_ended_is_taken_off(service: Service) -> None:
    ordered(service, ago=4 * HOUR)
    refresh_slow_orders()
    Order.objects.update(status="completed")

    assert refresh_slow_orders() == {"moving": 1}
    assert listed() == []


def test_the_tab_lists_them_with_the_reason(service: Service) -> None:
    slow = ordered(service, ago=5 * HOUR)
    ordered(service, ago=HOUR)
    refresh_slow_orders()
    browser = log_in(make_person("orders.view_order"))

    page = browser.get("/orders/", {"tab": "slow"})

    assert keys_on(page) == [slow.pk]
    assert "5 h so far, usually 1 h" in text_of(page)


def test_they_are_checked_at_once_by_provider(
    service: Service, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("orders.listing.bulk_checks.notify_worker", lambda *args, **_more: sent.append(args))
    orders = [ordered(service, ago=5 * HOUR), ordered(make_service(), ago=5 * HOUR)]
    queued = ordered(service, ago=5 * HOUR, status="queued", external_id=None)
    browser = log_in(make_person("orders.view_order", "orders.change_order"))

    done = browser.post(
        "/orders/bulk/", {"action": "check", "ids": [order.pk for order in (*orders, queued)]}, follow=True
    )

    assert [(args[1], args[2]) for args in sent] == [(order.provider_id, [order.pk]) for order in orders]
    assert "The order isn’t at its provider." in text_of(done)
    one = browser.post("/orders/bulk/", {"action": "check", "ids": orders[0].pk}, follow=True)
    assert messages_of(one) == ["Checking 1 order. The list updates when its provider responds."]
