"""Tokens made for someone else: shown to that person alone, once, at their next login."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from orders.api.authentication import new_token
from orders.models import ApiToken
from panelhub import audit

WAITING: Final = "panelhub_tokens_waiting"


def note_waiting_tokens(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """At login: say where the tokens are that others made for this person meanwhile."""
    if request is None or not hasattr(request, "session"):
        return
    keys = list(ApiToken.objects.filter(person=user.pk, is_waiting=True).order_by("pk").values_list("pk", flat=True))
    if keys:
        request.session[WAITING] = keys
        messages.info(
            request,
            _("An API token was created for you. Open API › Tokens to see it. It is shown only once."),
            fail_silently=True,
        )


def handed_over_to(request: HttpRequest) -> list[tuple[ApiToken, str]]:
    """Return the tokens that waited for this login, each with its secret,
    which is made now and never to be had again.
    """
    keys = request.session.pop(WAITING, [])
    shown: list[tuple[ApiToken, str]] = []
    for pk in keys:
        with transaction.atomic():
            token = ApiToken.objects.select_for_update().filter(pk=pk, person=request.user.pk, is_waiting=True).first()
            if token is None:
                continue
            secret = new_token(token)
            token.is_waiting = False
            token.save(update_fields=["token_hash", "tail", "is_waiting"])
            audit.record(request.user, "apitoken.shown", token, str(token), request)
            shown.append((token, secret))
    return shown
