"""Pages of routes: the list with suggestions, the form, one route, and what is hidden from whom."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Chain, ExchangeRate, Route, RouteService
from orders.roles import ROLES
from orders.routes.steps import step_chain
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import grant, make_person, make_provider, make_service
from tests.helpers.pages import log_in
from tests.helpers.routes import make_chain, make_route, refuse

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    return log_in(make_person(*ROLES["manager"]))


@pytest.fixture
def followers() -> list[Service]:
    """Followers at three providers, the second one the cheapest."""
    return [
        make_service(
            name=f"Followers {number}", platform="instagram", kind="followers", refill=True, rate=Decimal(rate)
        )
        for number, rate in enumerate(("3", "1", "2"))
    ]


def page_of(client: Client, name: str, *keys: Any, **query: Any) -> str:
    answer = client.get(reverse(f"orders:{name}", args=keys), query)
    assert answer.status_code == 200
    return answer.content.decode()


def typed(*services: Service, **fields: Any) -> dict[str, Any]:
    plain = {"name": "IG followers", "rule": "cheapest", "weight_price": 1, "weight_speed": 1, "weight_completion": 1}
    return plain | {"patience_minutes": 60, "is_active": "on", "services": [one.pk for one in services]} | fields


def keys_of(route: Route) -> list[int]:
    return list(RouteService.objects.filter(route=route).order_by("position").values_list("service_id", flat=True))


def test_the_list_counts_what_is_open_and_what_needs_review(manager: Client) -> None:
    route = make_route(name="Followers, refill")
    make_chain(route)
    make_chain(route, link="https://instagram.com/another")
    Chain.objects.filter(pk=Chain.objects.earliest("pk").pk).update(status="held", reason="ceiling")

    page = page_of(manager, "routes")

    assert "Followers, refill" in page
    assert "1 need review" in page
    assert reverse("orders:route_order", args=[route.pk]) in page


def test_a_suggestion_becomes_a_route_in_two_clicks(manager: Client, followers: list[Service]) -> None:
    page = page_of(manager, "route_suggestions")
    link = f"{reverse('orders:route_add')}?platform=instagram&amp;kind=followers&amp;refill=1"
    assert link in page
    assert "3 services at 3 providers" in page

    form = page_of(manager, "route_add", platform="instagram", kind="followers", refill="1")

    cheapest_first = [followers[1], followers[2], followers[0]]
    places = [form.index(f'name="services" value="{one.pk}"') for one in cheapest_first]
    assert places == sorted(places)
    data = typed(*cheapest_first, platform="instagram", kind="followers", needs_refill="on")
    answer = manager.post(reverse("orders:route_add"), data)
    route = Route.objects.get()
    assert answer.headers["Location"] == reverse("orders:route", args=[route.pk])
    assert keys_of(route) == [one.pk for one in cheapest_first]
    assert AuditEvent.objects.filter(action="route.added").count() == 1
    assert link not in page_of(manager, "route_suggestions")


def test_services_are_added_moved_and_removed_on_the_form(manager: Client, followers: list[Service]) -> None:
    first, second, third = followers
    url = reverse("orders:route_add")

    def chosen(*services: Service, do: str) -> list[str]:
        page = manager.post(url, typed(*services, do=do), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        return [one.name for one in followers if f'value="remove:{one.pk}"' in page]

    assert chosen(first, do=f"add:{second.pk}") == ["Followers 0", "Followers 1"]
    assert chosen(first, second, do=f"remove:{first.pk}") == ["Followers 1"]
    page = manager.post(url, typed(first, second, third, do=f"up:{third.pk}")).content.decode()
    assert page.index(f'value="remove:{third.pk}"') < page.index(f'value="remove:{second.pk}"')
    assert not Route.objects.exists()


def test_what_is_wrong_stands_at_its_field(manager: Client, followers: list[Service]) -> None:
    answer = manager.post(reverse("orders:route_add"), typed(followers[0], min_quantity="9", max_quantity="3"))
    assert answer.status_code == 422
    assert "The maximum is below the minimum." in answer.content.decode()
    answer = manager.post(reverse("orders:route_add"), typed())
    assert "Add at least one service." in answer.content.decode()


def test_who_sees_one_provider_changes_only_its_services(followers: list[Service]) -> None:
    route = make_route(*followers)
    person = make_person(*ROLES["manager"], sees_all=False)
    grant(person, followers[1].provider)
    client = log_in(person)

    page = page_of(client, "route", route.pk)
    assert "Followers 1" in page
    assert "Followers 0" not in page
    assert "2 more services are at providers that you can’t see." in page
    client.post(reverse("orders:route_edit", args=[route.pk]), typed(followers[1], followers[2]))

    assert keys_of(route) == [followers[1].pk, followers[0].pk, followers[2].pk]


def test_a_route_is_hidden_from_who_sees_none_of_its_providers(followers: list[Service]) -> None:
    route = make_route(*followers, name="Secret offer")
    person = make_person(*ROLES["manager"], sees_all=False)
    grant(person, make_provider())
    client = log_in(person)
    for name in ("route", "route_edit", "route_order"):
        assert client.get(reverse(f"orders:{name}", args=[route.pk])).status_code == 404
    assert "Secret offer" not in page_of(client, "routes")
    assert "Secret offer" not in page_of(client, "create")


def test_a_route_shows_who_is_taken_who_is_next_and_why_not_the_others(
    manager: Client, followers: list[Service]
) -> None:
    closed = make_service(name="Closed one", is_available=False)
    lira = make_service(make_provider(currency="TRY"), name="In lira", rate=Decimal(9))
    route = make_route(*followers, closed, lira, rule="cheapest")

    page = page_of(manager, "route", route.pk)

    order = [page.index(f">{name}<") for name in ("Followers 1", "Followers 2", "Followers 0", "Closed one")]
    assert order == sorted(order)
    assert page.count("taken now") == 1
    assert "There is no exchange rate for TRY." in page
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.03"))
    assert "There is no exchange rate" not in page_of(manager, "route", route.pk)


def test_no_price_is_shown_to_who_may_not_see_costs(followers: list[Service]) -> None:
    followers[0].rate = Decimal("7.77")
    followers[0].save()
    route = make_route(*followers, highest_rate=Decimal("7.12"))
    chain = make_chain(route)
    client = log_in(make_person(*(ROLES["manager"] - {"orders.view_cost"})))
    for name, key in (("route", route.pk), ("route_edit", route.pk), ("route_order", route.pk), ("chain", chain.pk)):
        page = page_of(client, name, key)
        assert "7.77" not in page
        assert "7.12" not in page
        assert "Ceiling" not in page
    client.post(reverse("orders:route_edit", args=[route.pk]), typed(*followers, highest_rate="1"))
    assert Route.objects.get().highest_rate == Decimal("7.12")


def test_a_route_says_what_it_bought_and_where_it_went_on(
    manager: Client, followers: list[Service], django_assert_max_num_queries: Any
) -> None:
    route = make_route(*followers)
    chain = make_chain(route)
    refuse(chain.links.get())
    step_chain(chain.pk)
    page_of(manager, "route", route.pk)
    with django_assert_max_num_queries(24):
        page = page_of(manager, "route", route.pk)
    assert "rejected by the provider" in page
    assert f"Chain {chain.pk}" in page


def test_a_route_that_was_used_is_not_deleted(manager: Client) -> None:
    used, unused = make_route(), make_route()
    make_chain(used)
    for route in (used, unused):
        manager.post(reverse("orders:route_delete", args=[route.pk]))
    assert list(Route.objects.all()) == [used]
