"""Roles: made once, given what a new version brings, and otherwise left to the administrators."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db.models.signals import post_migrate

from orders import roles
from orders.roles import ROLES, ensure_roles, permissions_named
from panelhub.models import AuditEvent

pytestmark = pytest.mark.django_db

LATER = "orders.view_goods"


def names_of(role: str) -> set[str]:
    permissions = Group.objects.get(name=role).permissions.select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions}


def take_away(role: str, name: str) -> None:
    Group.objects.get(name=role).permissions.remove(*permissions_named(frozenset({name})))


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub whose roles were made by a version in which viewers did not see goods; then it is upgraded."""
    ensure_roles()
    monkeypatch.setattr(roles, "ROLES", {**ROLES, "viewer": ROLES["viewer"] | {LATER}})


def upgrade() -> None:
    """What `migrate` prints at its end."""
    for config in apps.get_app_configs():
        if config.models_module is not None:
            post_migrate.send(config, app_config=config, verbosity=0, interactive=False, using="default", plan=[])


def test_a_new_hub_has_every_role_whole() -> None:
    ensure_roles()

    assert {role: names_of(role) for role in ROLES} == ROLES


def test_every_role_may_what_the_one_before_it_may() -> None:
    ordered = list(ROLES.values())

    assert all(less <= more for less, more in pairwise(ordered))


@pytest.mark.usefixtures("older")
@pytest.mark.parametrize("way", [ensure_roles, upgrade])
def test_an_upgrade_gives_what_is_new_and_says_so(way: Any) -> None:
    way()

    assert LATER in names_of("viewer")
    event = AuditEvent.objects.get(action="role.extended")
    assert event.summary == LATER


@pytest.mark.usefixtures("older")
def test_what_was_taken_away_stays_away() -> None:
    take_away("viewer", "orders.view_refill")
    for _start in range(3):
        ensure_roles()
    assert "orders.view_refill" not in names_of("viewer")

    take_away("viewer", LATER)
    ensure_roles()
    assert LATER not in names_of("viewer")


def test_what_was_added_by_hand_stays() -> None:
    ensure_roles()
    Group.objects.get(name="viewer").permissions.add(*permissions_named(frozenset({LATER})))
    ensure_roles()

    assert LATER in names_of("viewer")


def test_a_role_made_by_hand_under_one_of_the_names_keeps_what_it_has() -> None:
    Group.objects.create(name="staff")
    ensure_roles()

    assert names_of("staff") == set()


def test_a_role_that_was_removed_is_made_again_whole() -> None:
    ensure_roles()
    Group.objects.get(name="viewer").delete()
    ensure_roles()

    assert names_of("viewer") == ROLES["viewer"]


def test_a_hub_without_roles_gets_none_from_a_migration() -> None:
    upgrade()

    assert not Group.objects.exists()


def test_a_flush_gives_nothing(older: None) -> None:
    for config in apps.get_app_configs():
        roles.extend_roles(config)

    assert LATER not in names_of("viewer")
