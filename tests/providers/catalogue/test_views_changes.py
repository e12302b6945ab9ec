"""What changed since yesterday: filters, who sees what, pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.roles import ROLES
from providers.catalogue.filters import PAGE_SIZE
from providers.models import Favourite, ServiceChange
from tests.helpers.makers import (
    grant,
    make_change,
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import HTMX, log_in, text_of

pytestmark = pytest.mark.django_db
FEED = reverse("providers:changes")


@pytest.fixture
def browser(staff: Any) -> Client:
    return log_in(staff)


def words_on(response: Any) -> list[str]:
    """Return the tags of the changes, from the newest to the oldest."""
    return re.findall(r'<td class="narrow what"><span class="tag \w+">([^<]+)<', text_of(response))


def test_it_shows_what_changed_since_yesterday_newest_first(browser: Client) -> None:
    service = make_service(name="Views & more", external_id="77x")
    for number, kind in enumerate(("appeared", "closed", "returned", "limits", "flags", "name", "type", "category")):
        make_change(service, kind, "old <b>", "new", at=timezone.now() - timedelta(minutes=99 - number))
    make_change(service, "rate", "1", "1.5")
    make_change(service, "rate", "1", "2", at=timezone.now() - timedelta(days=3))

    page = browser.get(FEED)

    wanted = ["price ▲ 50%", "category", "type", "renamed", "terms", "limits", "reopened", "closed", "new"]
    assert words_on(page) == wanted
    assert "Views &amp; more" in text_of(page)
    assert "old &lt;b&gt;" in text_of(page)
    assert f"{reverse('orders:create')}?service={service.pk}" in text_of(page)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"what": "increased"}, ["price ▲ 100%"]),
        ({"what": "decreased"}, ["price ▼ 9.1%"]),
        ({"what": "name"}, ["renamed"]),
        ({"platform": "tiktok"}, ["renamed"]),
        ({"kind": "views"}, ["renamed"]),
        ({"favourites": "on"}, ["renamed"]),
        ({"since": "7"}, ["renamed", "price ▼ 9.1%", "price ▲ 100%", "limits"]),
    ],
)
def test_each_filter_narrows_and_becomes_a_chip(
    browser: Client, staff: Any, query: dict[str, str], wanted: list[str]
) -> None:
    service, views = make_service(name="Instagram likes"), make_service(name="TikTok views")
    make_change(service, "limits", "1 – 2", "", at=timezone.now() - timedelta(days=5))
    make_change(service, "rate", "9", "18")
    make_change(service, "rate", "11", "10")
    make_change(views, "name", "1e5", "not a price")
    Favourite.objects.create(person=staff, service=views)

    page = browser.get(FEED, query)

    assert words_on(page) == wanted
    assert text_of(page).count('class="chip"') == 1


@pytest.mark.parametrize("query", [{"what": "x"}, {"provider": "99"}, {"since": "1e9"}, {"after": "x~1"}])
def test_filters_that_make_no_sense_are_left_out(browser: Client, query: dict[str, str]) -> None:
    make_change(make_service(), "closed")

    assert words_on(browser.get(FEED, query)) == ["closed"]


def test_who_may_not_see_costs_sees_no_prices() -> None:
    service = make_service()
    for kind in ("rate", "jump", "accepted", "appeared", "limits"):
        make_change(service, kind, "6.345", "7.123" if kind != "limits" else "1 – 3")
    viewer = log_in(make_person(*ROLES["viewer"]))

    page = viewer.get(FEED)

    assert words_on(page) == ["limits", "new"]
    assert "7.123" not in text_of(page)
    assert words_on(viewer.get(FEED, {"what": "increased"})) == ["limits", "new"]


def test_it_needs_the_permission_and_the_provider(client: Any, staff: Any, browser: Client) -> None:
    mine, other = make_service(), make_service()
    make_change(mine, "closed")
    make_change(other, "name")
    grant(staff, mine.provider)

    assert client.get(FEED).status_code == 302
    assert log_in(make_person()).get(FEED).status_code == 403
    assert words_on(browser.get(FEED)) == ["closed"]


def test_pages_follow_each_other_and_htmx_gets_the_table_alone(browser: Client) -> None:
    service = make_service()
    at = timezone.now()
    ServiceChange.objects.bulk_create(
        ServiceChange(service=service, provider=service.provider, kind="closed", at=at) for _ in range(PAGE_SIZE + 3)
    )

    page = browser.get(FEED, headers=HTMX)
    assert text_of(page).lstrip().startswith("<section")
    found = re.findall(r'rel="next" href="([^"]+)"', text_of(page))
    assert len(words_on(browser.get(FEED + found[0].replace("&amp;", "&")))) == 3


def test_nothing_changed_and_nothing_found_are_distinguished(browser: Client) -> None:
    assert "No changes since yesterday" in text_of(browser.get(FEED))
    assert "No matching changes" in text_of(browser.get(FEED, {"what": "closed"}))


def test_the_page_takes_the_same_few_statements(browser: Client, django_assert_max_num_queries: Any) -> None:
    provider = make_provider()
    for _number in range(30):
        make_change(make_service(provider), "rate", "1", "2")
    browser.get(FEED)

    with django_assert_max_num_queries(8):
        browser.get(FEED, {"what": "increased"})
