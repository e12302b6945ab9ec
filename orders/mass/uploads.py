"""Uploads within bounds: what is too large is refused in a sentence and never stored."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]
Refusal = Callable[[HttpRequest, str], HttpResponse]

_PIECE: Final = 64 * 1024
# A browser that is cut off while it sends shows an error of its own instead of the answer: so much is read away.
_READ_AWAY: Final = 64 * 1024 * 1024


def bounded_upload(*, most: int, refuse: Refusal) -> Callable[[View], View]:
    """Let a view take a body of at most ``most`` bytes; ``refuse`` answers to a larger one with a sentence.

    Django's own CSRF check reads the whole body, files included, before any view is called: here the
    size is checked first, and the CSRF check comes after it.
    """

    def decorate(view: View) -> View:
        guarded = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def bounded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            length = _length_of(request)
            if length > most:
                _read_away(request, length)
                return refuse(request, _too_large(most))
            try:
                return guarded(request, *args, **kwargs)
            except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
                return refuse(request, _("This text is too long to paste. Upload a file instead."))

        return bounded

    return decorate


def _length_of(request: HttpRequest) -> int:
    stated = str(request.META.get("CONTENT_LENGTH") or "")
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 19 else 0


def _read_away(request: HttpRequest, length: int) -> None:
    left = min(length, _READ_AWAY)
    while left > 0 and (piece := request.read(min(left, _PIECE))):
        left -= len(piece)


def _too_large(most: int) -> str:
    return _("This file is too large. The limit is %(size)s MB.") % {"size": most // 1024 // 1024}
