"""Daily totals and measured quality, and the dashboard that reads them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import DailyTotal, ExchangeRate, Order, OrderEvent
from orders.roles import ROLES
from orders.statistics import quality, rollups
from providers.models import Provider, Service
from tests.helpers.makers import make_person
from tests.helpers.pages import log_in


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


def test_the_dashboard_shows_money_in_the_hubs_currency(provider: Provider, service: Service) -> None:
    lira = Provider.objects.create(
        name="two.example", dialect="standard", api_url="https://two.example/api/v2", currency="TRY"
    )
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.025"))
    _order(provider, service, status="completed", charge=Decimal(7))
    _order(
        lira, Service.objects.create(provider=lira, external_id="1", name="x", rate=1), status="completed", charge=40
    )
    rollups.refresh_totals()
    quality.refresh_quality()
    page = log_in(make_person(*ROLES["manager"])).get(reverse("orders:dashboard"))
    assert page.status_code == 200
    assert page.context["totals"]["spent"].startswith("8.00")
    assert page.context["providers"][0].days_left == "70 d"


def test_spend_is_reported_by_day_provider_and_person_each_with_its_figures(
    provider: Provider, service: Service
) -> None:
    mira = make_person()
    _order(provider, service, status="completed", charge=Decimal(3), created_by=mira)
    _order(provider, service, status="partial", charge=Decimal(4), created_by=mira)
    _order(provider, service, status="completed", charge=Decimal(1))
    rollups.refresh_totals()

    response = log_in(make_person(*ROLES["manager"])).get(reverse("orders:dashboard"))

    page = response.content.decode()
    assert [(line.name, line.orders, line.spent.split("<")[0]) for line in response.context["people"]] == [
        (mira.username, "2", "7.00"),
        ("the hub", "1", "1.00"),
    ]
    assert [(line.name, line.orders) for line in response.context["spend_by_provider"]] == [(provider.name, "3")]
    assert f"{reverse('orders:list')}?person={mira.pk}" in page
    # The chart's own table: today's sum, to the cent.
    assert '<td class="num">8.00</td>' in page
    assert '<details class="behind">' in page


@pytest.mark.parametrize(("days", "bars"), [(7, 7), (30, 30), (90, 13)])
def test_long_periods_are_drawn_by_week(provider: Provider, service: Service, days: int, bars: int) -> None:
    for back in (0, days - 1):
        _order(provider, service, status="completed", created_at=timezone.now() - timedelta(days=back))
    rollups.refresh_days(timezone.localdate() - timedelta(days=back) for back in (0, days - 1))

    response = log_in(make_person(*ROLES["manager"])).get(reverse("orders:dashboard"), {"days": str(days)})

    chart = response.context["orders_chart"]
    assert chart.count("<rect") == bars
    assert chart.count('<td class="num">1</td>') == 2


def test_costs_are_not_shown_to_those_who_may_not_see_them(provider: Provider, service: Service) -> None:
    _order(provider, service, status="completed", charge=Decimal("1234.5"))
    rollups.refresh_totals()
    seeing = log_in(make_person(*ROLES["manager"])).get(reverse("orders:dashboard")).content.decode()
    assert "1,234.5" in seeing
    page = log_in(make_person("orders.view_order")).get(reverse("orders:dashboard")).content.decode()
    assert "1,234.5" not in page
    assert "Charged" not in page


def test_the_dashboard_costs_the_same_for_many_orders(
    provider: Provider, service: Service, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        _order(provider, service, status="unconfirmed" if number % 2 else "completed", charge=1)
    rollups.refresh_totals()
    client = log_in(make_person(*ROLES["manager"]))
    client.get(reverse("orders:dashboard"))
    with django_assert_max_num_queries(8):
        client.get(reverse("orders:dashboard"), {"days": "90"})
    assert client.get(reverse("orders:dashboard"), {"days": "nonsense"}).status_code == 200
