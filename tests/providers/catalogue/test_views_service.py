"""The page of one service: its terms, its price over time, how it did, its kind elsewhere, its open orders."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import ExchangeRate, Order, ServiceQuality
from orders.roles import ROLES
from providers.models import Favourite, Service
from tests.helpers.makers import (
    grant,
    make_change,
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import keys_on, log_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(staff: Any) -> Client:
    return log_in(staff)


def page_of(browser: Client, service: Service) -> str:
    return text_of(browser.get(reverse("providers:service", args=[service.pk])))


def drawing_on(page: str) -> str:
    found = re.search(r'<svg class="plot".*?</svg></div>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_it_shows_its_terms_and_its_changes(browser: Client) -> None:
    service = make_service(make_provider("smpanelim"), description="<b>Real</b>\nslow start", category="Likes")
    make_change(service, "rate", "0.80", "0.90")

    page = page_of(browser, service)

    assert "&lt;b&gt;Real&lt;/b&gt;" in page
    assert "price ▲ 12%" in page
    assert "no cancel" in page
    assert f"{reverse('orders:create')}?service={service.pk}" in page


def test_its_price_over_time_is_a_chart_with_its_figures_behind_it(browser: Client) -> None:
    service = make_service(rate=Decimal("0.9"), first_seen_at=timezone.now() - timedelta(days=30))
    make_change(service, "rate", "0.7", "0.8", at=timezone.now() - timedelta(days=20))
    make_change(service, "rate", "0.8", "0.9", at=timezone.now() - timedelta(days=1))

    page = page_of(browser, service)

    assert drawing_on(page).count('r="3"') == 3
    behind = page[page.index('<details class="behind"') :]
    assert re.findall(r'<td class="num">([\d.]+)', behind)[:3] == ["0.90", "0.80", "0.70"]


def test_a_price_that_never_moved_is_a_straight_line(browser: Client) -> None:
    assert drawing_on(page_of(browser, make_service())).count('r="3"') == 1


def test_its_price_is_shown_in_both_currencies_with_the_day_of_the_rate(browser: Client) -> None:
    ExchangeRate.objects.create(currency="TRY", day="2026-11-20", rate=Decimal("0.03"), source="A bank")

    page = page_of(browser, make_service(make_provider(currency="TRY"), rate=Decimal(20)))

    assert "0.60" in page
    assert "1 TRY = 0.03 USD on 2026-11-20 (A bank)." in page


def test_measured_figures_or_that_there_are_none(browser: Client) -> None:
    service = make_service()
    assert "No data yet. Figures appear once orders have finished" in page_of(browser, service)

    ServiceQuality.objects.create(service=service, orders=7, completed=1.0, seconds_to_start=90.0)

    page = page_of(browser, service)
    assert "7 of 7 completed" in page
    assert "100% completed" not in page
    assert "about 80%" in page
    assert "7 orders" in page


def test_the_same_kind_at_other_providers_cheapest_first(browser: Client) -> None:
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.03"))
    service = make_service(name="Instagram followers", rate=Decimal(1))
    lira, dollar = make_provider(currency="TRY"), make_provider()
    dear = make_service(dollar, name="Instagram followers", rate=Decimal("0.7"))
    cheap = make_service(lira, name="Instagram followers", rate=Decimal(20))
    make_service(service.provider, name="Instagram followers", rate=Decimal("0.1"))
    make_service(dollar, name="Instagram likes", rate=Decimal("0.1"))
    make_service(dollar, name="TikTok followers", rate=Decimal("0.1"))
    make_service(dollar, name="Instagram followers", type="package", rate=Decimal("0.1"))
    make_service(dollar, name="Instagram followers", is_available=False, rate=Decimal("0.1"))
    for price in ("0.8", "0.9"):
        make_service(dollar, name="Instagram followers", rate=Decimal(price))

    response = browser.get(reverse("providers:service", args=[service.pk]))

    assert keys_on(response)[:2] == [cheap.pk, dear.pk]
    assert len(keys_on(response)) == 3


def test_what_names_no_kind_is_set_beside_nothing(browser: Client) -> None:
    make_service(name="Something")

    assert "No comparable services found" in page_of(browser, make_service(name="Something"))


def test_its_open_orders_are_listed_for_who_may_see_orders(browser: Client, staff: Any) -> None:
    service = make_service()
    fields = {"provider": service.provider, "service": service, "quantity": 5, "created_by": staff}
    shown = Order.objects.create(status="in_progress", external_id="1", **fields)
    Order.objects.create(status="completed", external_id="2", **fields)

    part = reverse("providers:service_orders", args=[service.pk])
    assert re.findall(r"data-open>(#\d+)<", text_of(browser.get(part))) == [f"#{shown.pk}"]
    assert part in page_of(browser, service)
    blind = log_in(make_person("providers.view_service"))
    assert "None." in text_of(blind.get(part))
    assert part not in page_of(blind, service)
    grant(staff, make_provider())
    assert browser.get(part).status_code == 404


def test_its_star_says_whether_it_is_one(browser: Client, staff: Any) -> None:
    service = make_service()
    assert 'aria-pressed="false"' in page_of(browser, service)

    Favourite.objects.create(person=staff, service=service)

    assert 'aria-pressed="true"' in page_of(browser, service)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"is_available": False}, "no longer lists this service"),
        ({"hold_reason": "price_jump"}, "Its price jumped"),
        (
            {"hold_reason": "renumbered"},
            "The provider’s IDs look renumbered. The service is closed until a manager reviews the list",
        ),
    ],
)
def test_a_closed_one_says_why_and_is_not_offered(browser: Client, fields: dict[str, Any], why: str) -> None:
    service = make_service(**fields)

    page = page_of(browser, service)

    assert why in page
    assert f"{reverse('orders:create')}?service={service.pk}" not in page


def test_who_may_not_see_costs_sees_no_price_anywhere() -> None:
    service = make_service(name="Instagram followers", rate=Decimal("7.123"))
    make_service(name="Instagram followers", rate=Decimal("8.234"))
    for kind in ("rate", "jump", "accepted", "appeared"):
        make_change(service, kind, "6.345", "7.123")

    page = page_of(log_in(make_person(*ROLES["viewer"])), service)

    assert not re.findall(r"7\.123|8\.234|6\.345|steps-chart", page)


def test_what_one_may_not_see_is_not_there(browser: Client, staff: Any) -> None:
    mine, other = make_service(name="Instagram likes"), make_service(name="Instagram likes")
    grant(staff, mine.provider)

    assert browser.get(reverse("providers:service", args=[other.pk])).status_code == 404
    assert f"service-{other.pk}" not in page_of(browser, mine)


def test_few_statements(browser: Client, django_assert_max_num_queries: Any) -> None:
    service = make_service(name="Instagram followers")
    for _number in range(12):
        make_service(name="Instagram followers")
        make_change(service, "rate", "1", "2")
    url = reverse("providers:service", args=[service.pk])
    browser.get(url)

    with django_assert_max_num_queries(8):
        browser.get(url)
