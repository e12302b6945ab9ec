"""The catalogue page: search, filters, orders, pages, and the page of one service."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Person
from orders.roles import ROLES
from orders.types import TYPES as ORDER_TYPES
from providers.catalogue_page import PAGE_SIZE, SORTS, TYPE_LABELS
from providers.models import Service, ServiceChange
from tests.helpers.makers import make_person, make_provider, make_service

pytestmark = pytest.mark.django_db
LIST = reverse("providers:services")
HTMX = {"HX-Request": "true"}


def log_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="panelhub.backends.RoleBackend")
    return client


@pytest.fixture
def staff(db: None) -> Any:
    return make_person(*ROLES["staff"])


@pytest.fixture
def browser(staff: Any) -> Client:
    return log_in(staff)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def keys_on(response: Any) -> list[int]:
    return [int(key) for key in re.findall(r'<tr id="service-(\d+)"', text_of(response))]


def test_it_shows_terms_and_price_and_offers_to_order(browser: Client) -> None:
    service = make_service(make_provider(name="North panel"), name="Views <fast>", refill=True, max_quantity=2_500_000)

    page = text_of(browser.get(LIST))

    for shown in ("Views &lt;fast&gt;", "North panel", "Refill", "2,500,000", "0.90"):
        assert shown in page
    assert f"{reverse('orders:create')}?service={service.pk}" in page


def test_flags_that_were_not_stated_are_not_claimed(browser: Client) -> None:
    make_service(refill=None, cancel=False)

    assert '<span class="tag">' not in text_of(browser.get(LIST))


def test_sandbox_services_are_marked(browser: Client) -> None:
    make_service(make_provider(is_sandbox=True))

    assert '<span class="tag sandbox">Sandbox</span>' in text_of(browser.get(LIST))


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
    make_service()

    page = browser.get(LIST, query)

    assert keys_on(page) == [wanted.pk]
    assert text_of(page).count('class="chip"') == len(query)
    assert "Clear all" in text_of(page)


def test_one_providers_services(browser: Client) -> None:
    wanted, _other = make_service(), make_service()

    page = browser.get(LIST, {"provider": wanted.provider_id})

    assert keys_on(page) == [wanted.pk]
    assert wanted.provider.name in re.findall(r'class="chip".*?</a>', text_of(page), re.DOTALL)[0]


def test_closed_services_are_shown_when_asked_for_and_not_offered(browser: Client) -> None:
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


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.slug)
def test_every_order_walks_through_all_services_once(browser: Client, sort: Any) -> None:
    first, second = make_provider(), make_provider()
    Service.objects.bulk_create(
        Service(
            provider=[first, second][number % 2],
            external_id=str(number),
            name=f"Name {number % 9}",
            rate=Decimal(number % 4) / 8,
        )
        for number in range(PAGE_SIZE * 2 + 5)
    )
    seen: list[int] = []
    url = f"{LIST}?sort={sort.slug}"
    while url:
        response = browser.get(url)
        seen += keys_on(response)
        found = re.search(r'rel="next" href="([^"]+)"', text_of(response))
        url = LIST + found[1].replace("&amp;", "&") if found else ""

    wanted = list(Service.objects.order_by(*sort.ordering(backwards=False)).values_list("pk", flat=True))
    assert seen == wanted


def test_htmx_gets_the_table_alone(browser: Client) -> None:
    make_service()

    assert text_of(browser.get(LIST, headers=HTMX)).lstrip().startswith("<section")


def test_nothing_found_and_nothing_there_are_told_apart(browser: Client) -> None:
    assert "No provider yet" in text_of(browser.get(LIST))
    make_provider()
    assert "No services yet" in text_of(browser.get(LIST))
    make_service()
    assert "No service matches" in text_of(browser.get(LIST, {"q": "zzz"}))


def test_who_may_not_see_costs_or_order_is_shown_neither(db: None) -> None:
    service = make_service(rate=Decimal("7.123"))

    page = text_of(log_in(make_person(*ROLES["viewer"])).get(LIST))

    assert service.name in page
    assert "7.123" not in page
    assert "?service=" not in page


def test_it_needs_the_permission_and_the_provider(client: Any, staff: Any, browser: Client) -> None:
    mine, other = make_service(), make_service()
    Person.objects.create(user=staff).providers.add(mine.provider)

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
    assert {known.slug: str(known.label) for known in ORDER_TYPES.values() if known.slug != "likes_spread"} == {
        slug: str(label) for slug, label in TYPE_LABELS.items()
    }


class TestOneService:
    def test_it_shows_its_terms_and_its_changes(self, browser: Client) -> None:
        service = make_service(make_provider("smpanelim"), description="<b>Real</b>\nslow start", category="Likes")
        ServiceChange.objects.create(
            service=service, provider=service.provider, kind="rate", before="0.80", after="0.90"
        )

        page = text_of(browser.get(reverse("providers:service", args=[service.pk])))

        assert "&lt;b&gt;Real&lt;/b&gt;" in page
        assert "0.80" in page
        assert 'role="img"' in page
        assert "no cancel" in page
        assert f"?service={service.pk}" in page

    def test_a_closed_one_says_why_and_is_not_offered(self, browser: Client) -> None:
        service = make_service(is_available=False)

        page = text_of(browser.get(reverse("providers:service", args=[service.pk])))

        assert "no longer lists this service" in page
        assert f"{reverse('orders:create')}?service=" not in page

    def test_few_statements(self, browser: Client, django_assert_max_num_queries: Any) -> None:
        service = make_service()
        url = reverse("providers:service", args=[service.pk])
        browser.get(url)

        with django_assert_max_num_queries(8):
            browser.get(url)
