"""The pages of notices: what a person reads, marks as read, and chooses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import Channel, Delivery, NoticeChoice, Order, Person
from orders.notifications import services as notifications_services
from orders.roles import ROLES
from providers.models import Provider
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
    set_limits,
)
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert("x")</script>' + "ا" * 60


@pytest.fixture
def poor(manager: Any) -> Provider:
    """Return a provider whose low balance was reported to everyone."""
    provider = make_provider(name=HOSTILE, balance=Decimal(1), low_balance=Decimal(5))
    notifications_services.watch()
    return provider


def read(client: Client, query: str = "") -> str:
    return client.get(reverse("orders:notices") + query).content.decode()


def test_a_notice_is_listed_escaped_with_the_way_to_what_helps(poor: Provider, as_manager: Client) -> None:
    page = read(as_manager)

    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert reverse("providers:detail", args=[poor.pk]) in page


def test_the_bell_counts_what_was_not_read(poor: Provider, as_manager: Client) -> None:
    assert "1 unread notification" in read(as_manager)

    as_manager.post(reverse("orders:notices_read"))

    page = read(as_manager)
    assert "unread notification" not in page
    assert "is low" in page


def test_what_is_over_moves_to_all(poor: Provider, as_manager: Client) -> None:
    Provider.objects.update(balance=Decimal(9))
    notifications_services.watch()

    assert "No open alerts" in read(as_manager)
    assert "is low" in read(as_manager, "?show=all")
    assert "unread notification" not in read(as_manager)


def test_no_one_reads_the_notices_of_others(poor: Provider) -> None:
    late = make_person(*ROLES["manager"])
    assert "No open alerts" in read(log_in(late))


def test_who_may_no_longer_see_it_no_longer_reads_it(poor: Provider, manager: Any) -> None:
    grant(manager, make_provider())
    assert "No open alerts" in read(log_in(manager))
    Person.objects.all().delete()
    manager.user_permissions.clear()
    assert "No open alerts" in read(log_in(type(manager).objects.get(pk=manager.pk)))


@pytest.mark.parametrize("address", ["orders:notices", "orders:list", "home"])
def test_the_bell_counts_what_the_list_shows(poor: Provider, manager: Any, address: str) -> None:
    def has_unread() -> bool:
        client = log_in(type(manager).objects.get(pk=manager.pk))
        return "1 unread notification" in client.get(reverse(address), follow=True).content.decode()

    assert has_unread()
    person = grant(manager, make_provider())
    assert not has_unread()
    person.providers.add(poor)
    assert has_unread()
    manager.user_permissions.remove(*Permission.objects.filter(codename="view_cost"))
    assert not has_unread()


def test_what_one_may_not_see_now_is_not_marked_as_read(poor: Provider, manager: Any) -> None:
    grant(manager, make_provider())
    log_in(manager).post(reverse("orders:notices_read"))
    set_limits(manager, all_providers=True)

    assert "1 unread notification" in read(log_in(type(manager).objects.get(pk=manager.pk)))


def test_what_an_order_costs_is_listed_for_those_alone_who_may_see_it(as_manager: Client) -> None:
    blind = log_in(make_person("orders.approve_order"))
    Order.objects.create(provider=make_provider(), status="held", held_for="second_person", expected_charge=Decimal(7))
    notifications_services.watch()

    assert "needs approval by another person: 7.00 USD." in read(as_manager)
    assert "needs approval by another person" in read(blind)
    assert "7.00" not in read(blind)


def test_pages_follow_each_other_and_cost_the_same(
    as_manager: Client, manager: Any, django_assert_num_queries: Any
) -> None:
    read(as_manager)
    with CaptureQueriesContext(connection) as few:
        read(as_manager)
    for _ in range(60):
        make_provider(balance=Decimal(1), low_balance=Decimal(5))
    notifications_services.watch()

    with django_assert_num_queries(len(few)):
        page = read(as_manager)

    assert page.count("is low") == 50
    assert 'rel="next"' in page


def test_choices_are_kept_and_only_possible_ones(as_manager: Client, manager: Any) -> None:
    mail = Channel.objects.create(name="Mail", url="mailtos://h@example.com?to={email}", is_personal=True)
    chat = Channel.objects.create(name="Chat", url="tgram://x")
    url = reverse("orders:notice_choices")
    page = as_manager.get(url).content.decode()
    assert "Some channels need your email address. Ask an administrator to add it" in page

    as_manager.post(
        url, {"choice": [f"low_balance:{chat.pk}", f"low_balance:{mail.pk}", f"nonsense:{chat.pk}", "low_balance:999"]}
    )
    assert list(NoticeChoice.objects.values_list("person", "kind", "channel")) == [(manager.pk, "low_balance", chat.pk)]

    as_manager.post(url, {"choice": [f"provider_down:{chat.pk}"]})
    assert list(NoticeChoice.objects.values_list("kind", flat=True)) == ["provider_down"]


def test_kinds_that_a_person_is_not_notified_of_cannot_be_chosen(viewer: Any) -> None:
    chat = Channel.objects.create(name="Chat", url="tgram://x")
    client = log_in(viewer)
    url = reverse("orders:notice_choices")

    assert "Unconfirmed order" not in client.get(url).content.decode()
    client.post(url, {"choice": [f"unconfirmed:{chat.pk}"]})

    assert not NoticeChoice.objects.exists()


def test_an_administrator_sets_up_a_channel_whose_address_never_comes_back(notified: list[Any]) -> None:
    client = log_in(make_person(is_superuser=True, is_staff=True, email="me@example.com"))
    url = reverse("admin:orders_channel_add")
    secret = "jsons://hook.example.com/sesame"

    refused = client.post(url, {"name": "Chat", "new_url": "nonsense", "is_active": "on"})
    assert "This URL isn’t supported. Supported" in refused.content.decode()
    client.post(url, {"name": "Chat", "new_url": secret, "is_active": "on"})
    channel = Channel.objects.get()
    page = client.get(reverse("admin:orders_channel_change", args=[channel.pk])).content.decode()
    assert "sesame" not in page
    client.post(
        reverse("admin:orders_channel_change", args=[channel.pk]),
        {"name": "Chat room", "new_url": "", "is_active": "on"},
    )
    channel.refresh_from_db()
    assert (channel.name, channel.url) == ("Chat room", secret)

    client.post(
        reverse("admin:orders_channel_changelist"), {"action": "try_channels", "_selected_action": [str(channel.pk)]}
    )
    assert notified == [("orders.notifications.tasks.try_channel", channel.pk, "me@example.com")]


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what was asked of the workers."""
    asked: list[Any] = []
    monkeypatch.setattr(
        "orders.notifications.channel_services.publish", lambda task, *args, **options: asked.append((task, *args))
    )
    return asked


def test_deliveries_of_one_person_are_not_marked_by_another(poor: Provider, as_staff: Client) -> None:
    as_staff.post(reverse("orders:notices_read"))
    assert Delivery.objects.filter(seen_at=None).exists()
