"""The documentation of the API: a page to read and try, and the OpenAPI description, both from the one table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orders.api import request as api_request
from orders.api.actions import ACTIONS
from orders.api.authentication import find_token
from orders.api.docs.examples import LANGUAGES, parameters_of
from orders.api.docs.openapi import describe
from orders.api.request import LONGEST_KEY, ApiRefused
from orders.order_types import TYPES
from panelhub.http.client_ip import client_ip

if TYPE_CHECKING:
    from orders.api.actions import ApiAction

SHOWN_ERRORS: Final = ("BAD_KEY", "BAD_SERVICE", "BAD_ORDER", "NO_FUNDS", "DUPLICATE")


@dataclass(frozen=True, slots=True)
class Described:
    """One action as the page shows it."""

    action: ApiAction
    answer: str
    examples: tuple[tuple[str, str], ...]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show every action with its parameters, an answer, examples, and a form to try it."""
    url = request.build_absolute_uri(reverse("api_v2"))
    context = {
        "nav": "api",
        "tabs": tabs_for(request, "docs"),
        "url": url,
        "described": [_describe(action, url) for action in ACTIONS],
        "types": list({known.slug: known for known in TYPES.values()}.values()),
        "errors": [
            getattr(api_request, name) for name in ("BAD_KEY", "BAD_SERVICE", "BAD_ORDER", "NO_FUNDS", "DUPLICATE")
        ],
        "longest_key": LONGEST_KEY,
    }
    return render(request, "orders/api/docs.html", context)


def _describe(action: ApiAction, url: str) -> Described:
    parameters = parameters_of(action)
    return Described(
        action,
        json.dumps(action.answer, indent=2, ensure_ascii=False),
        tuple((title, write(url, parameters)) for title, write in LANGUAGES.values()),
    )


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponseBase:
    """Show the OpenAPI description, for whoever is logged in, and for tools with ``Authorization:
    Bearer`` and a token.
    """
    if not request.user.is_authenticated:
        scheme, _blank, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return redirect_to_login(request.get_full_path())
        try:
            find_token(key.strip(), ip=client_ip(request))
        except ApiRefused as refused:
            headers: dict[str, Any] = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
            return JsonResponse({"error": str(refused)}, status=max(refused.status, 401), headers=headers)
    return JsonResponse(describe(request.build_absolute_uri("/").rstrip("/")))


TABS: Final = (
    ("docs", _("Documentation"), "api:docs", ""),
    ("tokens", _("Tokens"), "api:tokens", "orders.add_apitoken"),
    ("shelf", _("Open services"), "api:shelf", "orders.view_openservice"),
    ("products", _("Open products"), "api:products", "orders.view_openservice"),
    ("markups", _("Markups"), "api:markups", "orders.view_markup"),
)


def tabs_for(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """Return the tabs that the reader may open, for ``components/tabs.html``."""
    return [
        {"label": label, "url": reverse(name), "current": slug == current}
        for slug, label, name, permission in TABS
        if not permission or request.user.has_perm(permission)
    ]
