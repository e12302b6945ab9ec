"""What makes htmx and Django agree: redirects, messages and caches of partial pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.middleware import HtmxDetails

GetResponse = Callable[[HttpRequest], HttpResponseBase]

TOASTS: Final = "components/toasts.html#oob"


class HtmxHttpRequest(HttpRequest):
    """A request whose htmx details the middleware has read."""

    htmx: HtmxDetails


class HtmxRedirectMiddleware:
    """Turns redirects into what htmx can follow, and keeps full and partial pages apart in caches.

    The browser would follow a redirect unseen and put the page it leads to into a row: it becomes
    ``HX-Redirect``, and one to the login page comes back to the page that was open. Stands before
    the login wall, so that its redirects are seen here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if _is_htmx(request) and 300 <= response.status_code < 400 and response.has_header("Location"):
            return _redirect(request, response)
        return response


class HtmxMessagesMiddleware:
    """Adds waiting messages to a partial page as toasts. Stands inside the message middleware."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if _is_htmx(request) and isinstance(response, HttpResponse) and response.status_code in (200, 422):
            _add_messages(request, response)
        return response


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _redirect(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    target = response["Location"]
    login = resolve_url(settings.LOGIN_URL)
    if urlsplit(target).path == login:
        target = f"{login}?{urlencode({'next': _open_page(request)})}"
    turned = HttpResponse(status=204)
    turned["HX-Redirect"] = target
    # The session may have ended with this reply: its cookies go along.
    turned.cookies = response.cookies
    return turned


def _open_page(request: HttpRequest) -> str:
    """Return the page in whose window the request was made, never another site's."""
    page = request.headers.get("HX-Current-URL", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(page)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return "/"


def _add_messages(request: HttpRequest, response: HttpResponse) -> None:
    if not hasattr(request, "_messages") or "html" not in response.get("Content-Type", ""):
        return
    waiting = list(get_messages(request))
    if waiting:
        response.write(render_to_string(TOASTS, {"messages": waiting}, request=request))


def is_partial(request: HttpRequest) -> bool:
    """Return whether to answer with a part of the page:
    an htmx request that neither boosts nor restores a whole one.
    """
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
