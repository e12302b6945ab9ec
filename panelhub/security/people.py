"""Accounts that people manage for each other: what admin and the hub's own pages both do about one."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string

from panelhub import audit
from panelhub.background.dispatch import publish
from panelhub.schedule import CLICKS
from panelhub.security.handed_passwords import note_handed_password, note_handed_way
from panelhub.security.password_reset import has_mail
from panelhub.security.reach import reaches_beyond, role_reaches_beyond
from panelhub.security.sessions import end_tokens

AUDITED: Final = ("username", "email", "is_active", "is_staff", "is_superuser", "groups", "user_permissions")
PASSWORD_LETTERS: Final = 16


def roles_within_reach(actor: Any) -> QuerySet[Group]:
    """Return the roles whose permissions ``actor`` has all of: those that they may give to others."""
    roles = Group.objects.order_by("pk")
    if actor.is_superuser:
        return roles
    within = [role.pk for role in roles if not role_reaches_beyond(role, actor)]
    return roles.filter(pk__in=within)


def may_manage(actor: Any, person: Any) -> bool:
    """Return whether ``actor`` may change the account of ``person``: not their own, and no one with more rights."""
    return bool(actor.has_perm("auth.change_user") and person.pk != actor.pk and not reaches_beyond(person, actor))


def end_sessions(people: QuerySet[User]) -> int:
    """Log these people out everywhere; returns how many sessions ended."""
    keys = {str(pk) for pk in people.values_list("pk", flat=True)}
    living = Session.objects.filter(expire_date__gt=timezone.now())
    theirs = [row.pk for row in living.iterator() if row.get_decoded().get("_auth_user_id") in keys]
    return Session.objects.filter(pk__in=theirs).delete()[0] if theirs else 0


def log_out_person(person: User, *, by: Any, request: HttpRequest, tokens: bool) -> tuple[int, int]:
    """End the sessions of a person, and with ``tokens`` the API tokens of their programs; returns both counts."""
    ended = end_sessions(User.objects.filter(pk=person.pk))
    audit.record(by, "person.logged_out", person, str(person), request=request)
    return ended, end_tokens(person, request=request, by=by) if tokens else 0


def can_get_link(person: Any) -> bool:
    """Return whether a link for choosing a password reaches the person by mail."""
    return bool(person.email) and has_mail()


def give_access(person: User, *, by: Any, request: HttpRequest) -> str:
    """Let a person in: mail them a link under which they choose a password, or return a new password, shown once.

    Either way it is kept who let them in. Belongs in a transaction.
    """
    if can_get_link(person):
        origin = settings.PANELHUB_ORIGIN or f"{request.scheme}://{request.get_host()}"
        note_handed_way(person, by=by)
        audit.record(by, "person.link_sent", person, str(person), request=request)
        publish("panelhub.tasks.send_password_reset", person.pk, origin, queue=CLICKS)
        return ""
    password = get_random_string(PASSWORD_LETTERS)
    person.set_password(password)
    person.save(update_fields=["password"])
    note_handed_password(person, by=by, request=request)
    return password
