"""Administrators of people: they give away no more than they have, and whatever they do is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from orders.roles import ensure_roles
from panelhub.models import AuditEvent, Authenticator, RecoveryCodes, SecondFactorRule
from panelhub.security.admin import end_sessions
from panelhub.security.reach import reaches_beyond
from panelhub.security.views import make_recovery_codes
from tests.helpers.makers import make_person

pytestmark = pytest.mark.django_db


def enter(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="panelhub.security.backends.RoleBackend")
    return client


def someone(role: str, **fields: Any) -> User:
    person = User.objects.create(username=f"{role}-{User.objects.count()}", is_staff=True, **fields)
    person.groups.add(Group.objects.get(name=role))
    return person


@pytest.fixture
def administrator() -> User:
    ensure_roles()
    return someone("administrator")


def change_url(person: User) -> str:
    return reverse("admin:auth_user_change", args=[person.pk])


def form(person: User, **changed: Any) -> dict[str, Any]:
    return {
        "username": person.username,
        "is_active": "on",
        "is_staff": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
        "groups": [role.pk for role in person.groups.all()],
        # What stands of orders on the same page: left as it is.
        "person-TOTAL_FORMS": "0",
        "person-INITIAL_FORMS": "0",
        **changed,
    }


def test_an_administrator_makes_no_one_a_superuser(administrator: User) -> None:
    for person in (administrator, someone("staff")):
        answer = enter(administrator).post(change_url(person), form(person, is_superuser="on", user_permissions=["1"]))
        assert answer.status_code == 302
        person.refresh_from_db()
        assert not person.is_superuser
        assert not person.user_permissions.exists()


def test_an_administrator_gives_no_role_that_may_more(administrator: User) -> None:
    owners = Group.objects.create(name="owners")
    owners.permissions.add(*_permissions("auth.change_group"))
    person = someone("staff")
    answer = enter(administrator).post(change_url(person), form(person, groups=[owners.pk]))

    assert answer.status_code == 200
    assert owners not in person.groups.all()
    manager = Group.objects.get(name="manager")
    assert enter(administrator).post(change_url(person), form(person, groups=[manager.pk])).status_code == 302
    assert list(person.groups.all()) == [manager]


def _permissions(*names: str) -> list[Any]:
    from orders.roles import permissions_named

    return permissions_named(frozenset(names))


@pytest.mark.parametrize("beyond", ["superuser", "own permission"])
def test_whoever_may_more_is_out_of_an_administrators_reach(administrator: User, beyond: str) -> None:
    person = someone("staff", is_superuser=beyond == "superuser")
    if beyond != "superuser":
        person.user_permissions.add(*_permissions("auth.change_group"))
    Authenticator.objects.create(user=person, name="app")
    client = enter(administrator)

    assert reaches_beyond(person, administrator)
    assert client.post(change_url(person), form(person, username="taken")).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[person.pk])
    assert client.post(password, {"password1": "long enough 123", "password2": "long enough 123"}).status_code == 403
    factor = Authenticator.objects.get()
    assert (
        client.post(reverse("admin:panelhub_authenticator_delete", args=[factor.pk]), {"post": "yes"}).status_code
        == 403
    )


def test_a_superuser_may_everything(administrator: User) -> None:
    chief = User.objects.create(username="chief", is_staff=True, is_superuser=True)
    assert enter(chief).post(change_url(administrator), form(administrator, is_superuser="on")).status_code == 302

    administrator.refresh_from_db()
    assert administrator.is_superuser


def test_every_change_of_a_person_is_recorded(administrator: User) -> None:
    client, person = enter(administrator), someone("staff")
    client.post(change_url(person), form(person, email="a@example.com"))
    new = {"password1": "twelve letters 1", "password2": "twelve letters 1", "usable_password": "true"}
    client.post(reverse("admin:auth_user_password_change", args=[person.pk]), new)
    nothing_of_orders = {"person-TOTAL_FORMS": "0", "person-INITIAL_FORMS": "0"}
    client.post(reverse("admin:auth_user_add"), {"username": "newcomer", **new, **nothing_of_orders})

    kept = list(AuditEvent.objects.order_by("pk").values_list("action", "summary", "actor_name"))
    assert ("person.changed", f"{person}: Email address, Date joined", administrator.username) in kept
    assert ("person.changed", f"{person}: password", administrator.username) in kept
    assert ("person.added", "newcomer", administrator.username) in kept


def test_logging_someone_out_ends_their_sessions_alone(administrator: User) -> None:
    person, other = make_person("orders.view_order"), make_person("orders.view_order")
    theirs, others = enter(person), enter(other)
    answer = enter(administrator).post(
        reverse("admin:auth_user_changelist"), {"action": "log_out", "_selected_action": [person.pk]}
    )

    assert answer.status_code == 302
    assert theirs.get(reverse("orders:list")).status_code == 302
    assert others.get(reverse("orders:list")).status_code == 200
    assert AuditEvent.objects.filter(action="person.logged_out", target_id=str(person.pk)).exists()
    assert end_sessions(User.objects.filter(pk=person.pk)) == 0


def test_a_new_password_ends_the_sessions_of_the_old_one() -> None:
    person = make_person("orders.view_order")
    client = enter(person)
    person.set_password("another one, long enough")
    person.save()

    assert client.get(reverse("orders:list")).status_code == 302


def test_a_lost_second_factor_is_taken_away_and_requested_again(administrator: User) -> None:
    person = someone("staff")
    SecondFactorRule.objects.create(role=Group.objects.get(name="staff"))
    factor = Authenticator.objects.create(user=person, name="app")
    make_recovery_codes(person)
    page = reverse("admin:panelhub_authenticator_change", args=[factor.pk])
    assert factor.key not in enter(administrator).get(page).content.decode()
    answer = enter(administrator).post(
        reverse("admin:panelhub_authenticator_delete", args=[factor.pk]), {"post": "yes"}
    )

    assert answer.status_code == 302
    assert not Authenticator.objects.exists()
    assert not RecoveryCodes.objects.exists()
    assert AuditEvent.objects.filter(action="second_factor.taken_away", target_id=str(person.pk)).exists()
