"""Rights of people compared: no one touches an account, a role or a token with rights beyond their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

Comparison = Callable[[Any, Any], bool]

# What apps know of rights that are no permissions, such as whose rows a person sees.
_COMPARISONS: Final[list[Comparison]] = []


def register_comparison(reaches: Comparison) -> None:
    """Have ``reaches(person, actor)`` say whether a person has rights of another kind that an actor lacks."""
    if reaches not in _COMPARISONS:
        _COMPARISONS.append(reaches)


def reaches_beyond(person: Any, actor: Any) -> bool:
    """Return whether ``person`` has rights that ``actor`` lacks; a deactivated person by what they would have."""
    if actor.is_superuser:
        return False
    if person.is_superuser:
        return True
    own = Permission.objects.filter(user=person) | Permission.objects.filter(group__user=person)
    if names_of(own) - actor.get_all_permissions():
        return True
    return person.pk != actor.pk and any(reaches(person, actor) for reaches in _COMPARISONS)


def role_reaches_beyond(role: Group, actor: Any) -> bool:
    """Return whether a role has permissions that ``actor`` lacks."""
    return not actor.is_superuser and bool(names_of(role.permissions) - actor.get_all_permissions())


def people_within_reach(actor: Any) -> QuerySet[Any]:
    """Return the accounts whose permissions ``actor`` has all of; :func:`reaches_beyond` alone compares the rest."""
    people: QuerySet[Any] = get_user_model()._default_manager.all()
    if actor.is_superuser:
        return people
    beyond = permissions_beyond(actor)
    own = people.model.user_permissions.through._default_manager.filter(permission__in=beyond)
    roles = Group.objects.filter(permissions__in=beyond)
    return people.filter(is_superuser=False).exclude(Q(pk__in=own.values("user_id")) | Q(groups__in=roles))


def permissions_beyond(actor: Any) -> QuerySet[Permission]:
    """Return the permissions that ``actor`` lacks."""
    mine = actor.get_all_permissions()
    lacking = [
        pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
        if f"{app}.{codename}" not in mine
    ]
    return Permission.objects.filter(pk__in=lacking)


def names_of(permissions: Any) -> set[str]:
    """Permissions as ``app.codename``."""
    return {f"{app}.{codename}" for app, codename in permissions.values_list("content_type__app_label", "codename")}
