"""Accounts with a password that another person set."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from orders.models import Delivery, HubRules, Order, OrderEvent
from panelhub.models import AuditEvent, HandedPassword
from tests.helpers.makers import make_provider, make_service
from tests.security.people import enter, someone

pytestmark = pytest.mark.django_db
PASSWORD = "another long one 77"


def set_password(administrator: User, person: User) -> None:
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    typed = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert enter(administrator).post(address, typed).status_code == 302


def log_in(person: User, password: str = PASSWORD) -> Client:
    client = Client(raise_request_exception=False)
    answer = client.post(reverse("login"), {"username": person.username, "password": password}, REMOTE_ADDR="192.0.2.9")
    assert answer.status_code == 302
    return client


def held_order(author: User) -> Order:
    HubRules.objects.get_or_create(pk=1, defaults={"second_person_above": Decimal("0.1")})
    return Order.objects.create(
        provider=make_provider(), service=make_service(), created_by=author, status="held", held_for="second_person",
        rate=Decimal("0.90"),
    )  # fmt: skip


def test_who_was_given_a_password_can_do_nothing_before_they_changed_it(administrator: User) -> None:
    manager = someone("manager")
    order = held_order(administrator)
    set_password(administrator, manager)
    client, change = log_in(manager), reverse("password_change")

    for address in (reverse("orders:list"), reverse("orders:detail", args=[order.pk]), reverse("admin:index")):
        assert client.get(address)["Location"] == change
    assert client.post(reverse("orders:approve", args=[order.pk]))["Location"] == change
    order.refresh_from_db()
    assert order.status == "held"
    same = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(change, same).status_code == 422
    own = "my very own words 1"
    assert client.post(change, same | {"new_password1": own, "new_password2": own}).status_code == 302
    assert client.get(reverse("orders:list")).status_code == 200
    assert log_in(manager, own).get(reverse("orders:list")).status_code == 200


@pytest.mark.parametrize("way", ["page", "bulk"])
def test_what_such_an_account_approves_is_marked_and_its_owner_has_a_notice(administrator: User, way: str) -> None:
    manager = someone("manager")
    order = held_order(administrator)
    set_password(administrator, manager)
    assert HandedPassword.objects.get(user=manager).set_by == administrator
    client, own = log_in(manager), "my very own words 1"
    typed = {"old_password": PASSWORD, "new_password1": own, "new_password2": own}
    client.post(reverse("password_change"), typed)
    if way == "page":
        client.post(reverse("orders:approve", args=[order.pk]))
    else:
        client.post(reverse("orders:bulk"), {"action": "approve", "ids": [order.pk]})

    order.refresh_from_db()
    assert (order.status, order.approved_by) == ("queued", manager)
    event = OrderEvent.objects.get(order=order, after="queued")
    assert administrator.username in event.words
    assert event.data["password_set_by"] == administrator.pk
    assert AuditEvent.objects.get(action="order.approved").data["password_set_by"] == administrator.pk
    assert administrator.username in client.get(reverse("orders:notices")).content.decode()
    reported = Delivery.objects.filter(notice__kind="password_set").values_list("person", flat=True)
    assert set(reported) == {manager.pk}


def test_a_password_of_ones_own_marks_nothing() -> None:
    manager, author = someone("manager"), someone("staff")
    order = held_order(author)
    client = enter(manager)
    own = "my very own words 1"
    typed = {"old_password": "correct horse battery", "new_password1": own, "new_password2": own}
    assert client.post(reverse("password_change"), typed).status_code == 302
    client.post(reverse("orders:approve", args=[order.pk]))
    event = OrderEvent.objects.get(order=order, after="queued")
    assert (event.words, event.data) == ("", {})
