"""The second factor: who needs one, and that no one who does gets anywhere without.

It is requested after the password, whichever page the password was given on, so the hub's own
login and the one of admin are covered alike. Whether a person needs it is looked up at login and
every few minutes, and kept in the session.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django_otp import match_token

from panelhub.models import Authenticator, RecoveryCodes, SecondFactorRule

NEEDED: Final = "panelhub_second_factor"
LOOKED: Final = "panelhub_second_factor_at"
LOOK_AGAIN_SECONDS: Final = 300
# Where one can go before the second factor: to it, and away.
OPEN_TO_ALL: Final = frozenset({"second_factor", "second_factor_verify", "logout", "set_language"})


def must_have(person: Any) -> bool:
    """Return whether a role of the person requires a second factor."""
    return SecondFactorRule.objects.filter(role__user=person.pk).exists()


def has_one(person: Any) -> bool:
    """Return whether the person has set one up."""
    return bool(Authenticator.objects.filter(user=person.pk, confirmed=True).exists())


def forget_second_factor(person: Any) -> None:
    """Take away what a person has set up, recovery codes included."""
    for model in (Authenticator, RecoveryCodes):
        model.objects.filter(user=person.pk).delete()


def take_code(person: Any, code: str) -> Any:
    """Return the device of the person that took a code, or ``None``.

    A good one ends the wait that wrong ones brought.
    """
    device = match_token(person, code)
    if device is not None:
        for model in (Authenticator, RecoveryCodes):
            model.objects.filter(user=person.pk).update(throttling_failure_count=0, throttling_failure_timestamp=None)
    return device


def note_login(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """At login: whether this person needs a second factor goes into the session."""
    if request is not None and hasattr(request, "session"):
        look(request, user)


def look(request: HttpRequest, person: Any) -> bool:
    """Look up whether ``person`` needs a second factor, and keep it in the session."""
    needed = has_one(person) or must_have(person)
    request.session[NEEDED] = needed
    request.session[LOOKED] = int(time.time())
    return needed


def is_missing(request: HttpRequest) -> bool:
    """Return whether the person of this request still owes a second factor."""
    person: Any = request.user
    if not person.is_authenticated or person.is_verified():
        return False
    if time.time() - request.session.get(LOOKED, 0) > LOOK_AGAIN_SECONDS:
        return look(request, person)
    return bool(request.session.get(NEEDED))


class SecondFactorMiddleware:
    """Sends whoever owes a second factor to the page that asks for it; nothing else is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_TO_ALL:
            return None
        if not getattr(view, "login_required", True):
            return None
        if not is_missing(request):
            return None
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("second_factor_verify")})
        return redirect_to_login(request.get_full_path(), reverse("second_factor_verify"))
