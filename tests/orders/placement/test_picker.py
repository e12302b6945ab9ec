"""Choosing a service: the cheapest of what is meant first, known ones before anything is typed."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import ExchangeRate, HubRules, Order
from providers.models import Favourite
from tests.helpers.makers import make_person, make_provider, make_service

pytestmark = pytest.mark.django_db
PICKER = reverse("orders:create")


@pytest.fixture
def buyer(client: Client) -> User:
    person = make_person("orders.add_order", "orders.view_cost", "providers.view_service")
    client.force_login(person)
    return person


def shown_names(client: Client, **query: str) -> list[str]:
    page = client.get(PICKER, query).content.decode()
    return re.findall(r'<b dir="auto">([^<]*)</b>', page)


def test_the_cheapest_with_a_refill_comes_first_in_whatever_language_it_is_named(client: Client, buyer: User) -> None:
    provider = make_provider(currency="USD")
    make_service(provider, name="Instagram Followers No Refill", rate=Decimal("0.10"), refill=False)
    make_service(provider, name="Instagram Followers Refill", rate=Decimal("0.90"), refill=True)
    make_service(provider, name="Instagram Takipçi 30 Gün Telafili", rate=Decimal("0.20"), refill=True)
    make_service(provider, name="Instagram Beğeni", rate=Decimal("0.05"), refill=True)

    assert shown_names(client, q="instagram followers refill") == [
        "Instagram Takipçi 30 Gün Telafili",
        "Instagram Followers Refill",
    ]
    assert shown_names(client, q="ig folowers", refill="on") == shown_names(client, q="instagram followers refill")
    assert shown_names(client, platform="instagram", kind="likes") == ["Instagram Beğeni"]


def test_chips_say_what_was_understood_and_which_filters_are_on(client: Client, buyer: User) -> None:
    make_service(name="Instagram Followers Turkey", refill=True)

    page = client.get(PICKER, {"q": "instgram takipci", "country": "TR", "refill": "on"}).content.decode()

    assert "Instagram Followers Turkey" in page
    assert '<span class="tag info">Instagram</span>' in page
    assert "Remove the filter Country Turkey" in page


def test_a_price_stands_in_the_currency_of_the_hub_with_its_unit(client: Client, buyer: User) -> None:
    HubRules.objects.update_or_create(pk=1, defaults={"currency": "USD"})
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.03"), day=date(2026, 1, 1))
    make_service(make_provider(currency="TRY"), name="Cheap in lira", rate=Decimal(20))
    make_service(make_provider(currency="USD"), name="Dear in dollars", rate=Decimal("0.90"))

    page = client.get(PICKER).content.decode()

    assert shown_names(client) == ["Cheap in lira", "Dear in dollars"]
    assert "per 1,000" in page
    assert "0.6" in page
    assert "20" in page


def test_before_anything_is_typed_favourites_and_last_used_services_come_first(client: Client, buyer: User) -> None:
    provider = make_provider()
    cheap, used, marked, gone = (
        make_service(provider, name=name, rate=Decimal(rate))
        for name, rate in (("Cheap", "0.1"), ("Used", "5"), ("Marked", "7"), ("Gone", "1"))
    )
    Favourite.objects.create(person=buyer, service=marked)
    for service in (used, gone, used):
        Order.objects.create(provider=provider, service=service, link="https://x.test/", quantity=10, created_by=buyer)
    Order.objects.create(
        provider=provider, service=cheap, link="https://x.test/", quantity=10, created_by=make_person()
    )
    gone.is_available = False
    gone.save()

    buyer.is_superuser = True
    buyer.save()
    client.get(PICKER)
    with CaptureQueriesContext(connection) as statements:
        names = shown_names(client)

    assert names == ["Marked", "Used", "Cheap", "Used", "Marked"]
    assert len(statements) <= 8
    assert shown_names(client, q="cheap") == ["Cheap"]


@pytest.mark.parametrize("text", ["instagram followers refill", "instgram folowers", "instagram likes premuim"])
def test_a_search_takes_few_statements_however_it_is_typed(client: Client, buyer: User, text: str) -> None:
    buyer.is_superuser = True
    buyer.save()
    make_service(name="Instagram Followers | Refill")
    make_service(name="Instagram Likes | Premium")
    client.get(PICKER)

    with CaptureQueriesContext(connection) as statements:
        assert shown_names(client, q=text)

    assert len(statements) <= 8


def test_who_may_not_see_prices_gets_neither_prices_nor_their_order(client: Client) -> None:
    client.force_login(make_person("orders.add_order", "providers.view_service"))
    make_service(name="Z likes", rate=Decimal("0.1234"))
    make_service(name="A likes", rate=Decimal("9.8765"))

    page = client.get(PICKER, {"q": "likes", "sort": "price", "least": "1"}).content.decode()

    assert shown_names(client, q="likes") == ["A likes", "Z likes"]
    assert "0.12" not in page
    assert "per 1,000" not in page


@pytest.mark.parametrize(
    "query", [{"q": "\x00'%_"}, {"platform": "nowhere"}, {"kind": "x" * 300}, {"country": "'"}, {"q": "z" * 900}]
)
def test_what_makes_no_sense_is_no_error(client: Client, buyer: User, query: dict[str, str]) -> None:
    make_service(name="Instagram Likes")

    assert client.get(PICKER, query).status_code == 200
