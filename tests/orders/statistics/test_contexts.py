"""The dashboard: figures against the period before, charts, tables, and what needs attention."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import ExchangeRate, Order
from orders.roles import ROLES
from orders.statistics import quality, rollups
from providers.models import Provider, Service
from tests.helpers.makers import grant, make_person
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
    assert page.context["figures"][0].text.startswith("8.00")
    assert {line.name: line.days_left for line in page.context["providers"]}["one.example"] == "70 d"


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
    (line,) = response.context["providers"]
    assert (line.name, line.orders, line.spent.split("<")[0]) == (provider.name, "3", "8.00")
    assert f"{reverse('orders:list')}?person={mira.pk}" in page
    # The chart's own table: today's sum, to the cent.
    assert '<td class="num">8.00 USD</td>' in page
    assert '<details class="behind">' in page


@pytest.mark.parametrize(("days", "bars"), [(7, 7), (30, 30), (90, 13)])
def test_long_periods_are_drawn_by_week(provider: Provider, service: Service, days: int, bars: int) -> None:
    for back in (0, days - 1):
        _order(provider, service, status="completed", created_at=timezone.now() - timedelta(days=back))
    rollups.refresh_days(timezone.localdate() - timedelta(days=back) for back in (0, days - 1))

    response = log_in(make_person(*ROLES["manager"])).get(reverse("orders:dashboard"), {"days": str(days)})

    chart = response.context["orders_chart"]
    assert chart.count("<g>") == bars
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


def test_figures_stand_beside_those_of_the_period_before(provider: Provider, service: Service) -> None:
    today, now = timezone.localdate(), timezone.now()
    for back, number, hours in ((1, 3, 1), (8, 2, 2)):
        placed = now - timedelta(days=back)
        for index in range(number):
            _order(
                provider,
                service,
                status="completed" if index else "canceled",
                charge=Decimal(2),
                created_at=placed,
                placed_at=placed,
                finished_at=placed + timedelta(hours=hours),
            )
    rollups.refresh_days(today - timedelta(days=back) for back in range(16))

    page = log_in(make_person(*ROLES["manager"])).get(reverse("orders:dashboard"), {"days": "7"})

    shown = {figure.label: figure for figure in page.context["figures"]}
    assert (shown["Charged"].change, shown["Charged"].before) == ("▲ 50%", "4.00 USD")
    assert (shown["Orders"].text, shown["Orders"].change, shown["Orders"].before) == ("3", "▲ 50%", "2")
    assert (shown["Completion rate"].text, shown["Completion rate"].change) == ("67%", "▲ 17 points")
    assert (shown["Delivery time"].text, shown["Delivery time"].change, shown["Delivery time"].tone) == (
        "60 min" if shown["Delivery time"].text.endswith("min") else "1 h",
        "▼ 50%",
        "good",
    )
    # A click leads to what was counted.
    assert f"since={today - timedelta(days=6)}&until={today}" in shown["Orders"].url


def test_a_range_of_days_can_be_chosen_and_a_wrong_one_is_answered(provider: Provider, service: Service) -> None:
    today = timezone.localdate()
    _order(provider, service, status="completed", charge=3, created_at=timezone.now() - timedelta(days=40))
    rollups.refresh_days([today - timedelta(days=40)])
    browser, address = log_in(make_person(*ROLES["manager"])), reverse("orders:dashboard")
    first, last = today - timedelta(days=41), today - timedelta(days=39)

    page = browser.get(address, {"since": str(first), "until": str(last)})
    assert page.context["orders_chart"].count("<g>") == 3
    assert next(one.text for one in page.context["figures"] if one.label == "Orders") == "1"
    for since, until in ((last, first), (today - timedelta(days=500), today), ("nonsense", "")):
        answer = browser.get(address, {"since": str(since), "until": str(until)})
        assert answer.status_code == 200
        assert 'class="banner bad"' in answer.content.decode()


def test_needs_attention_is_one_list_or_all_clear(provider: Provider, service: Service) -> None:
    browser, address = log_in(make_person(*ROLES["manager"])), reverse("orders:dashboard")
    assert "All clear" in browser.get(address).content.decode()
    order = _order(provider, service, status="unconfirmed")
    Provider.objects.filter(pk=provider.pk).update(
        low_balance=100, pause_kind="no_funds", pause_text="Not enough funds"
    )

    page = browser.get(address)

    items = page.context["attention"]
    assert [(item.key, item.title) for item in items] == [
        (f"#{order.pk}", "Followers"),
        ("", "one.example"),
        ("", "one.example"),
    ]
    assert items[1].why == "Not enough funds"
    assert items[2].why == "70.00 USD left"
    assert "All clear" not in page.content.decode()
    # Balances are costs.
    titles = [item.why for item in log_in(make_person("orders.view_order")).get(address).context["attention"]]
    assert not any("70.00" in why for why in titles)


def test_what_is_hidden_is_in_no_sum(provider: Provider, service: Service) -> None:
    other = Provider.objects.create(name="two.example", dialect="standard", api_url="https://two.example/api/v2")
    hidden = Service.objects.create(provider=other, external_id="1", name="Secret", rate=1)
    mira = make_person()
    _order(provider, service, status="completed", charge=3, created_by=mira)
    _order(other, hidden, status="completed", charge=40, created_by=mira)
    rollups.refresh_totals()
    reader = make_person("orders.view_order", "orders.view_cost")
    grant(reader, provider)

    page = log_in(reader).get(reverse("orders:dashboard"))

    assert [line.name for line in page.context["providers"]] == [provider.name]
    assert [(line.orders, line.spent.split("<")[0]) for line in page.context["people"]] == [("1", "3.00")]
    assert next(one.text for one in page.context["figures"] if one.label == "Orders") == "1"
    assert "40.00" not in page.content.decode()
