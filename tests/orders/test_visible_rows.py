"""Whose rows a person sees: of the providers they are granted, whichever way the grant is looked up."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import OpenService, Order, Person
from orders.permissions import (
    granted_provider_ids,
    granted_to,
    open_services_for,
    orders_for,
    product_orders_for,
    providers_for,
    seen_by,
    sees_beyond,
    services_for,
)
from providers.models import Provider
from tests.helpers.makers import grant, make_order, make_person, make_product_order, make_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine() -> Provider:
    return make_provider("smmvna")


@pytest.fixture
def other() -> Provider:
    return make_provider("smmvna")


def afresh(person: User) -> User:
    """Return the person as a new request loads them: nothing was looked up yet."""
    return User.objects.get(pk=person.pk)


def limited_to(*providers: Provider) -> User:
    person = make_person(sees_all=False)
    grant(person, *providers)
    return afresh(person)


@pytest.mark.parametrize("looked_up", [False, True], ids=["in its own statement", "from the ids of the request"])
def test_a_person_sees_the_rows_of_granted_providers_alone(
    mine: Provider, other: Provider, looked_up: bool, django_assert_num_queries: Any
) -> None:
    ours, theirs = make_order(provider=mine), make_order(provider=other)
    person, boss = limited_to(mine), afresh(make_person())
    # Another person's grant is no grant of one's own.
    limited_to(other)
    if looked_up:
        assert granted_provider_ids(person) == frozenset({mine.pk})
        assert granted_provider_ids(boss) is None

    with django_assert_num_queries(2):
        assert list(seen_by(Order.objects.all(), person)) == [ours]
        assert list(seen_by(Order.objects.order_by("pk"), boss)) == [ours, theirs]
    assert list(seen_by(Person.objects.all(), person, path="providers__pk").distinct()) == [person.person]


def test_grants_are_looked_up_once_a_request(mine: Provider, other: Provider) -> None:
    person = limited_to(mine)

    with CaptureQueriesContext(connection) as asked:
        assert [granted_provider_ids(person) for _time in range(3)] == [frozenset({mine.pk})] * 3

    assert len(asked) == 1


def test_a_person_without_a_grant_sees_nothing_and_an_administrator_everything(mine: Provider) -> None:
    order = make_order(provider=mine)
    blind = make_person(sees_all=False)
    unchosen = make_person(sees_all=False)
    Person.objects.create(user=unchosen)
    boss = User.objects.create_superuser("boss")
    Person.objects.create(user=boss)

    for person in (blind, unchosen):
        assert granted_provider_ids(afresh(person)) == frozenset()
        assert list(orders_for(afresh(person))) == []
        assert list(seen_by(Order.objects.all(), afresh(person))) == []
    assert list(orders_for(boss)) == [order]


def test_each_list_holds_what_belongs_to_granted_providers(mine: Provider, other: Provider) -> None:
    rows: dict[Provider, list[Any]] = {}
    for provider in (mine, other):
        order = make_order(provider=provider)
        bought = make_product_order()
        bought.product.provider = provider  # type: ignore[union-attr]
        bought.product.save()  # type: ignore[union-attr]
        bought.provider = provider
        bought.save()
        opened = [OpenService.objects.create(service=order.service), OpenService.objects.create(product=bought.product)]
        rows[provider] = [order, order.service, bought, *opened]
    person, boss = limited_to(mine), afresh(make_person())

    order, service, bought, *opened = rows[mine]
    assert list(orders_for(person)) == [order]
    assert list(services_for(person)) == [service]
    assert list(product_orders_for(person)) == [bought]
    assert list(open_services_for(person).order_by("pk")) == opened
    assert mine in providers_for(person)
    assert other not in providers_for(person)
    assert {*orders_for(boss)} == {rows[mine][0], rows[other][0]}
    assert {*product_orders_for(boss)} == {rows[mine][2], rows[other][2]}
    assert {*open_services_for(boss)} == {*rows[mine][3:], *rows[other][3:]}
    assert {mine, other} <= {*providers_for(boss)}
    assert {*Order.objects.filter(granted_to(person.pk, "provider_id"))} == {order}


def test_who_sees_all_sees_beyond_who_is_limited_and_not_the_other_way_round(mine: Provider, other: Provider) -> None:
    narrow, wide, boss = limited_to(mine), limited_to(mine, other), afresh(make_person())
    # An administrator who was never given a row of their own.
    root = User.objects.create_superuser("root")

    assert sees_beyond(wide, narrow)
    assert sees_beyond(boss, narrow)
    assert sees_beyond(limited_to(other), narrow)
    assert not sees_beyond(narrow, wide)
    assert not sees_beyond(limited_to(mine), narrow)
    assert not sees_beyond(wide, boss)
    assert not sees_beyond(boss, root)
    assert sees_beyond(narrow, root) is False
