"""The catalogue page: search, filters, orders, pages, and the page of one service."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import ExchangeRate, ServiceQuality
from orders.order_types import TYPES as ORDER_TYPES
from orders.roles import ROLES
from providers.catalogue.contexts import ORDERS
from providers.catalogue.filters import PAGE_SIZE, ServiceFilter
from providers.models import Service
from providers.models.hub_rates import PLACES
from tests.helpers.catalogue_pages import measure, row_of
from tests.helpers.makers import (
    grant,
    make_change,
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import HTMX, keys_on, log_in, text_of

pytestmark = pytest.mark.django_db
LIST = reverse("providers:services")


def groups_on(response: Any) -> list[str]:
    return re.findall(r'<th scope="rowgroup"[^>]*>([^<]+)<', text_of(response))


def test_it_shows_terms_and_price_and_offers_to_order(browser: Client) -> None:
    service = make_service(make_provider(name="North panel"), name="Views <fast>", refill=True, max_quantity=2_500_000)

    page = text_of(browser.get(LIST))

    for shown in ("Views &lt;fast&gt;", "North panel", "Refill", "2,500,000", "0.90"):
        assert shown in page
    assert f"{reverse('orders:create')}?service={service.pk}" in page


def test_flags_that_were_not_stated_are_not_claimed(browser: Client) -> None:
    make_service(refill=None, cancel=False)

    assert '<span class="tag">' not in text_of(browser.get(LIST))
    make_service(refill=True)
    assert '<span class="tag">' in text_of(browser.get(LIST))


def test_the_sandbox_is_named_once_and_not_on_every_row(browser: Client, settings: Any) -> None:
    settings.PANELHUB_SANDBOX_ORIGIN = "http://127.0.0.1:1"
    provider = make_provider(is_sandbox=True)
    for _n in range(3):
        make_service(provider)

    # One in the side, and one on top of narrow pages, which have no side; the style shows one of the two.
    assert text_of(browser.get(LIST)).count('<span class="tag sandbox">Sandbox</span>') == 2


@pytest.mark.parametrize("text", ["ISTANBUL begeni", "beğeni", "İstanbul", "77x"])
def test_search_folds_case_and_marks_and_takes_every_word(browser: Client, text: str) -> None:
    wanted = make_service(name="İstanbul Beğeni", external_id="77x")
    make_service(name="Istanbul")

    if text == "İstanbul":
        assert wanted.pk in keys_on(browser.get(LIST, {"q": text}))
    else:
        assert keys_on(browser.get(LIST, {"q": text})) == [wanted.pk]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"platform": "tiktok"}, {"platform": "tiktok"}),
        ({"type": "poll"}, {"type": "poll"}),
        ({"category": "Likes & co"}, {"category": "Likes & co"}),
        ({"refill": "on"}, {"refill": True}),
        ({"cancel": "on"}, {"cancel": True}),
        ({"dripfeed": "on"}, {"dripfeed": True}),
        ({"least": "1.5", "most": "2"}, {"rate": Decimal("1.7")}),
        ({"available": "closed"}, {"is_available": False}),
        ({"available": "closed"}, {"hold_reason": "price_jump"}),
    ],
)
def test_each_filter_narrows_and_becomes_a_chip(browser: Client, query: dict[str, str], fields: dict[str, Any]) -> None:
    wanted = make_service(**fields)
    make_service(dripfeed=False)

    page = browser.get(LIST, query)

    assert keys_on(page) == [wanted.pk]
    assert text_of(page).count('class="chip"') == len(query)
    assert "Clear all" in text_of(page)


def test_one_providers_services(browser: Client) -> None:
    wanted, _other = make_service(), make_service()

    page = browser.get(LIST, {"provider": wanted.provider_id})

    assert keys_on(page) == [wanted.pk]
    assert wanted.provider.name in re.findall(r'class="chip".*?</a>', text_of(page), re.DOTALL)[0]


def test_closed_services_are_shown_when_requested_and_not_offered(browser: Client) -> None:
    closed = [make_service(is_available=False), make_service(make_provider(is_active=False))]
    make_service()

    assert not set(keys_on(browser.get(LIST))) & {service.pk for service in closed}
    page = browser.get(LIST, {"available": "all"})
    assert len(keys_on(page)) == 3
    for service in closed:
        assert f"?service={service.pk}" not in text_of(page)


@pytest.mark.parametrize(
    "query",
    [
        {"provider": "77"},
        {"platform": "moon"},
        {"type": "x" * 500},
        {"least": "cheap"},
        {"most": "-1"},
        {"least": "NaN"},
        {"sort": "sideways"},
        {"after": "1e9999~1"},
        {"after": "NaN~1"},
        {"q": "\x00"},
    ],
)
def test_filters_that_make_no_sense_are_left_out(browser: Client, query: dict[str, str]) -> None:
    service = make_service()

    response = browser.get(LIST, query)

    assert response.status_code == 200
    assert keys_on(response) == [service.pk]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.slug)
def test_every_order_goes_through_all_services_once(browser: Client, order: Any) -> None:
    first, second = make_provider(), make_provider(currency="TRY")
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.3"))
    Service.objects.bulk_create(
        Service(
            provider=[first, second][number % 2],
            external_id=str(number),
            name=f"Name {number % 9}",
            rate=Decimal(number % 4) / 8,
            platform=("tiktok", "x", "")[number % 3],
            kind=("likes", "views")[number % 2],
        )
        for number in range(PAGE_SIZE * 2 + 5)
    )
    for service in Service.objects.all():
        measure(service, sureness=service.pk % 5 / 5, seconds_to_start=float(service.pk % 7), seconds_to_finish=1.5)
    seen: list[int] = []
    url = f"{LIST}?sort={order.slug}"
    while url:
        response = browser.get(url)
        seen += keys_on(response)
        found = re.search(r'rel="next" href="([^"]+)"', text_of(response))
        url = LIST + found[1].replace("&amp;", "&") if found else ""

    assert len(seen) == len(set(seen)) == PAGE_SIZE * 2 + 5
    in_order = Service.objects.annotate(**PLACES).order_by(*order.ordering(backwards=False))
    assert seen == list(in_order.values_list("pk", flat=True))


class TestComparing:
    def test_the_same_kind_lies_side_by_side_under_its_name_the_cheapest_first(self, browser: Client) -> None:
        dear = make_service(name="Instagram followers, real", rate=Decimal(5))
        other = make_service(name="TikTok views")
        cheap = make_service(name="Instagram followers", rate=Decimal("0.5"))

        page = browser.get(LIST)

        assert keys_on(page) == [cheap.pk, dear.pk, other.pk]
        assert groups_on(page) == ["Instagram · Followers", "TikTok · Views"]
        assert "platform=instagram&amp;kind=followers" in text_of(page)
        assert keys_on(browser.get(LIST, {"platform": "instagram", "kind": "followers"})) == [cheap.pk, dear.pk]

    def test_prices_are_in_the_hubs_currency_beside_the_providers_own(self, browser: Client) -> None:
        ExchangeRate.objects.create(currency="TRY", day="2026-11-19", rate=Decimal("0.5"))
        ExchangeRate.objects.create(currency="TRY", day="2026-11-20", rate=Decimal("0.03"), source="A bank")
        lira = make_service(make_provider(currency="TRY"), rate=Decimal(20))
        dollar = make_service(rate=Decimal("0.61"))

        page = browser.get(LIST, {"sort": "price"})

        assert keys_on(page) == [lira.pk, dollar.pk]
        row = row_of(page, lira)
        assert "0.60" in row
        assert "20.00" in row
        assert "1 TRY = 0.03 USD on 2026-11-20 (A bank)." in text_of(page)

    def test_a_missing_rate_is_said_and_its_services_stand_last(self, browser: Client) -> None:
        unknown = make_service(make_provider(currency="VND"), rate=Decimal("0.0001"))
        known = make_service(rate=Decimal(9))

        for sort in ("price", "-price", "kind"):
            page = browser.get(LIST, {"sort": sort})
            assert keys_on(page) == [known.pk, unknown.pk]
        assert "no rate for VND" in row_of(page, unknown)
        assert "No exchange rate for VND" in text_of(page)

    def test_a_price_range_is_in_the_hubs_currency(self, browser: Client) -> None:
        ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.03"))
        lira = make_service(make_provider(currency="TRY"), rate=Decimal(20))
        make_service(rate=Decimal(20))
        make_service(make_provider(currency="VND"), rate=Decimal("0.6"))

        assert keys_on(browser.get(LIST, {"least": "0.6", "most": "0.6"})) == [lira.pk]

    def test_measured_figures_say_on_how_many_orders_they_stand(self, browser: Client) -> None:
        service, unmeasured = make_service(), make_service()
        measure(
            service, orders=120, seconds_to_start=720.0, seconds_to_finish=10_800.0,
            completed=0.955, partial=0.04, canceled=0.005,
        )  # fmt: skip

        page = browser.get(LIST)

        row = row_of(page, service)
        assert "96% completed, 4% partial, &lt;1% canceled, of 120 orders" in row
        assert "starts in 12 min, done in 3 h" in row
        ServiceQuality.objects.update(seconds_to_start=None)
        assert ">done in 3 h<" in row_of(browser.get(LIST), service)
        assert "no data yet" in row_of(page, unmeasured)

    def test_few_orders_are_counts_with_the_share_to_expect(self, browser: Client) -> None:
        few, all_done = make_service(), make_service()
        measure(few, orders=3, completed=1.0, expected=0.846)
        measure(all_done, orders=60, completed=1.0, expected=0.97)

        page = browser.get(LIST)

        assert "3 of 3 completed" in row_of(page, few)
        assert "few orders · expect about 85%" in row_of(page, few)
        assert "60 of 60 completed" in row_of(page, all_done)
        assert "few orders" not in row_of(page, all_done)
        assert "100%" not in row_of(page, few) + row_of(page, all_done)

    def test_an_order_by_quality_shows_measured_services_alone_and_says_so(self, browser: Client) -> None:
        lucky, proven, _unmeasured = make_service(), make_service(), make_service()
        measure(lucky, sureness=0.2)
        measure(proven, sureness=0.9)

        page = browser.get(LIST, {"sort": "sure"})

        assert keys_on(page) == [proven.pk, lucky.pk]
        assert "Only services with performance data are listed" in text_of(page)

    def test_columns_can_be_left_out(self, browser: Client) -> None:
        measure(make_service(refill=True))

        before = text_of(browser.get(LIST))
        page = text_of(browser.post(reverse("providers:services_columns"), {"show": ["limits"]}, follow=True))

        assert '<td class="measured' in before
        assert '<td class="measured' not in page
        assert '<td class="terms"' not in page
        assert 'value="limits" checked' in page

    def test_changes_since_yesterday_are_marked(self, browser: Client) -> None:
        service, old = make_service(), make_service()
        make_change(service, "rate", "1", "1.5")
        make_change(service, "rate", "1.5", "0.9")
        make_change(service, "limits", "1 – 2", "1 – 3")
        make_change(old, "rate", "1", "2", at=timezone.now() - timedelta(days=3))

        page = browser.get(LIST)

        assert "price ▼ 10%" in row_of(page, service)
        assert "limits changed" in row_of(page, service)
        assert '<span class="tag' not in row_of(page, old)

    def test_who_may_not_see_costs_is_not_shown_that_a_price_moved(self, browser: Client) -> None:
        service = make_service()
        make_change(service, "rate", "1", "1.5")
        assert "▲" in text_of(browser.get(LIST))

        assert "▲" not in text_of(log_in(make_person(*ROLES["viewer"])).get(LIST))

    def test_hostile_names_are_text(self, browser: Client) -> None:
        make_service(name="<script>alert(1)</script>" * 12, category='"><img src=x>')
        make_service(name="مرحبا " * 50)

        page = text_of(browser.get(LIST))

        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert page.count('dir="auto"') == 2


def test_htmx_gets_the_table_alone(browser: Client) -> None:
    make_service()

    assert text_of(browser.get(LIST, headers=HTMX)).lstrip().startswith('<div id="services"')


def test_nothing_found_and_nothing_there_are_distinguished(browser: Client) -> None:
    assert "No provider yet" in text_of(browser.get(LIST))
    make_provider()
    assert "No services yet" in text_of(browser.get(LIST))
    make_service()
    assert "No matching services" in text_of(browser.get(LIST, {"q": "zzz"}))


def test_who_may_not_see_costs_or_order_is_shown_neither(db: None) -> None:
    service = make_service(rate=Decimal("7.123"))

    page = text_of(log_in(make_person(*ROLES["viewer"])).get(LIST))

    assert service.name in page
    assert "7.123" not in page
    assert "?service=" not in page


@pytest.mark.parametrize("query", [{}, {"q": "service"}, {"sort": "price"}, {"sort": "provider"}, {"least": "7.2"}])
def test_who_may_not_see_prices_cannot_find_them_out(query: dict[str, str]) -> None:
    provider = make_provider(currency="USD")
    services = [make_service(provider, name=f"Service {n:02}", rate=Decimal("7.123")) for n in range(PAGE_SIZE + 1)]

    page = text_of(log_in(make_person(*ROLES["viewer"])).get(LIST, query))

    assert services[0].name in page
    assert "after=" in page
    for price in ("7.123", "7123"):
        assert price not in page


def test_it_needs_the_permission_and_the_provider(client: Any, staff: Any, browser: Client) -> None:
    mine, other = make_service(), make_service()
    grant(staff, mine.provider)

    assert client.get(LIST).status_code == 302
    assert log_in(make_person()).get(LIST).status_code == 403
    assert keys_on(browser.get(LIST)) == [mine.pk]
    assert browser.get(reverse("providers:service", args=[other.pk])).status_code == 404


def test_the_page_takes_the_same_few_statements(browser: Client, django_assert_max_num_queries: Any) -> None:
    for _number in range(30):
        make_service()
    browser.get(LIST)

    with django_assert_max_num_queries(8):
        browser.get(LIST, {"q": "service", "sort": "name"})


def test_the_types_to_choose_from_are_those_that_can_be_ordered() -> None:
    slugs = [slug for slug, _label in ServiceFilter.base_fields["type"].choices]  # type: ignore[attr-defined]

    assert slugs == ["", *dict.fromkeys(known.slug for known in ORDER_TYPES.values())]


def test_what_is_searched_for_runs_by_price_by_default(browser: Client) -> None:
    dear = make_service(name="Instagram followers real", rate=Decimal(3))
    cheap = make_service(name="TikTok followers real", rate=Decimal(2))

    assert keys_on(browser.get(LIST, {"q": "real"})) == [cheap.pk, dear.pk]
    assert groups_on(browser.get(LIST, {"q": "real"})) == []
    assert keys_on(browser.get(LIST, {"q": "real", "sort": "kind"})) == [dear.pk, cheap.pk]
