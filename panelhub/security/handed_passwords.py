"""Passwords that an administrator set for someone else: changed at the next login, and never unseen.

Whoever sets a password can log in with it. So the account has to choose another one before anything else, its owner
gets a notice, and what the account approves within :data:`MARKED_FOR` is marked with the administrator's name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from panelhub import audit
from panelhub.models import HandedPassword

MUST_CHANGE: Final = "panelhub_password_change"
MARKED_FOR: Final = timedelta(days=7)
# Where one can go before the password is changed: to that page, to the second factor, and away.
OPEN_TO_ALL: Final = frozenset(
    {"password_change", "second_factor", "second_factor_verify", "logout", "set_language", "healthz"}
)
password_handed = Signal()
"""Sent with ``handed``, a :class:`HandedPassword`, once a person's password was set by someone else."""


def note_handed_password(person: Any, *, by: Any, request: HttpRequest | None = None) -> None:
    """Keep that ``by`` set the password of ``person``, who has to change it at their next login."""
    if person.pk == by.pk:
        note_own_password(person)
        return
    handed, _made = HandedPassword.objects.update_or_create(
        user=person, defaults={"set_by": by, "set_at": timezone.now(), "changed_at": None}
    )
    audit.record(by, "person.password_set", person, str(person), request=request)
    password_handed.send(sender=HandedPassword, handed=handed)


def note_handed_way(person: Any, *, by: Any) -> None:
    """Keep that ``by`` chose the address to which links for a new password go; a password to change stays to change."""
    now = timezone.now()
    handed, made = HandedPassword.objects.get_or_create(
        user=person, defaults={"set_by": by, "set_at": now, "changed_at": now}
    )
    if not made:
        HandedPassword.objects.filter(pk=handed.pk).update(set_by=by, set_at=now)


def note_own_password(person: Any) -> None:
    """Keep that a person chose a password themselves."""
    HandedPassword.objects.filter(user=person, changed_at=None).update(changed_at=timezone.now())


def handed_lately(person: Any) -> HandedPassword | None:
    """Return the last time someone else set this person's password, if what they approve is still marked for it."""
    lately = HandedPassword.objects.filter(user=person.pk, set_at__gt=timezone.now() - MARKED_FOR)
    return lately.select_related("set_by").first()


def note_login(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """At login: whether this person has to change their password first goes into the session."""
    if request is None or not hasattr(request, "session"):
        return
    if HandedPassword.objects.filter(user=user.pk, changed_at=None).exists():
        request.session[MUST_CHANGE] = True


class HandedPasswordMiddleware:
    """Sends whoever logged in with a password that someone else set to the page where they change it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if not request.user.is_authenticated or not request.session.get(MUST_CHANGE):
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_TO_ALL:
            return None
        if not getattr(view, "login_required", True):
            return None
        address = reverse("password_change")
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)
