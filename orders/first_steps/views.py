"""The first five minutes of a hub: four steps that tick themselves, loaded beside the page that opens after login."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders.models import Order
from providers.models import Provider

# Only who can take all steps is shown them.
NEEDED: Final = ("providers.add_provider", "providers.change_provider", "auth.add_user", "orders.add_order")
DONE: Final = "first_steps_done"
COOKIE: Final = "first-steps"
YEAR_SECONDS: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Step:
    """One step, where it is taken, and whether it has been."""

    title: str
    about: str
    url: str
    is_done: bool


def load_steps(user: Any) -> list[Step]:
    """Return the steps as the hub stands now; one statement."""
    providers = Provider.objects.filter(is_active=True, catalogue_at__isnull=False)
    others = get_user_model()._default_manager.filter(is_active=True).exclude(pk=OuterRef("pk"))
    found: Any = (
        get_user_model()
        ._default_manager.filter(pk=user.pk)
        .values_list(
            Exists(providers),
            Exists(Order.objects.all()),
            Exists(others),
            Exists(Provider.objects.filter(low_balance__isnull=False)),
        )
        .get()
    )
    texts = (
        (_("Connect a provider"), _("Or use the sandbox that is there."), "providers:add"),
        (_("Place an order"), _("Sandbox orders cost nothing."), "orders:create"),
        (_("Add a colleague"), _("With a role and a spending limit."), "orders:person_add"),
        (_("Set a low-balance alert"), _("Before an order fails for lack of funds."), "providers:alerts"),
    )
    return [
        Step(title, about, reverse(name), bool(done)) for (title, about, name), done in zip(texts, found, strict=True)
    ]


@require_safe
@permission_required(NEEDED, raise_exception=True)
def show(request: HttpRequest) -> HttpResponse:
    """Show what is left to do; nothing once all is done, and it is not asked for again in this session."""
    steps = load_steps(request.user)
    left = sum(not step.is_done for step in steps)
    if not left:
        request.session[DONE] = True
    context = {"steps": steps, "left": left, "done": len(steps) - left}
    return render(request, "orders/first_steps/steps.html", context)


@require_POST
@permission_required(NEEDED, raise_exception=True)
def hide(request: HttpRequest) -> HttpResponse:
    """Hide the steps in this browser."""
    answer = redirect("orders:list")
    answer.set_cookie(COOKIE, "off", max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure())
    return answer


def wants_steps(request: HttpRequest) -> bool:
    """Return whether a page should load the steps for its reader; no statement."""
    return request.user.has_perms(NEEDED) and COOKIE not in request.COOKIES and not request.session.get(DONE)
