"""People inside, and their browsers."""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from django.test import Client

from orders.roles import ensure_roles, permissions_named
from tests.helpers.makers import make_person


def enter(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person, backend="panelhub.security.backends.RoleBackend")
    return client


def someone(role: str, *more: str) -> User:
    ensure_roles()
    person = make_person(is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    person.user_permissions.add(*permissions_named(frozenset(more)))
    return person
