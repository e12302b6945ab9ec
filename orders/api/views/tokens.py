"""Tokens of programs: one's own, and for administrators everybody's. A token is shown once, when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders.api.authentication import KEPT_CALLS, new_token
from orders.api.forms import NewTokenForm, TokenForm
from orders.api.views.docs import tabs_for
from orders.models import ApiToken
from panelhub import audit
from panelhub.ui.formatting import format_when

if TYPE_CHECKING:
    from django.db.models import QuerySet

MINE: Final = "orders.add_apitoken"
EVERYBODYS: Final = "orders.change_apitoken"
MOST: Final = 500


def _visible(request: HttpRequest) -> QuerySet[ApiToken]:
    """The tokens of the reader, or with the permission to change them, all."""
    found = ApiToken.objects.select_related("person").order_by("-is_active", "person__username", "name", "pk")
    return found if request.user.has_perm(EVERYBODYS) else found.filter(person=request.user.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MINE, raise_exception=True)
def tokens(request: HttpRequest) -> HttpResponse:
    """The list, and the form of a new token; what is made is shown on the page that answers, and never again."""
    may_choose = request.user.has_perm(EVERYBODYS)
    made: tuple[ApiToken, str] | None = None
    form = NewTokenForm(request.POST if request.method == "POST" else None, may_choose=may_choose)
    if request.method == "POST" and form.is_valid():
        made = _make(request, form)
        form = NewTokenForm(may_choose=may_choose)
    now = timezone.now()
    context = {
        "nav": "api",
        "tabs": tabs_for(request, "tokens"),
        "form": form,
        "made": made,
        "rows": [(token, format_when(token.last_used_at, now).html) for token in _visible(request)[:MOST]],
        "may_choose": may_choose,
    }
    return render(request, "orders/api/tokens.html", context, status=422 if form.errors else 200)


def _make(request: HttpRequest, form: NewTokenForm) -> tuple[ApiToken, str]:
    with transaction.atomic():
        form.instance.person = form.cleaned_data.get("person") or request.user
        key = new_token(form.instance)
        token = form.save()
        audit.record(request.user, "apitoken.made", token, f"{token} of {token.person}", request)
    return token, key


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MINE, raise_exception=True)
def token(request: HttpRequest, pk: int) -> HttpResponse:
    """One token: what it may do, and its last calls."""
    found = get_object_or_404(_visible(request), pk=pk)
    form = TokenForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            audit.record(request.user, "apitoken.changed", found, ", ".join(form.changed_data), request)
        messages.success(request, _("Saved."))
        return redirect("api:token", pk=pk)
    now = timezone.now()
    context = {
        "nav": "api",
        "tabs": tabs_for(request, "tokens"),
        "token": found,
        "form": form,
        "used": format_when(found.last_used_at, now).html,
        "made_at": format_when(found.created_at, now).html,
        "calls": [(call, format_when(call.at, now).html) for call in found.calls.all()[:KEPT_CALLS]],
        "orders": found.api_orders.count(),
    }
    return render(request, "orders/api/token.html", context, status=422 if form.errors else 200)


@require_POST
@permission_required(MINE, raise_exception=True)
def switch_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a token off, or on again."""
    found = get_object_or_404(_visible(request), pk=pk)
    is_active = request.POST.get("on") == "1"
    with transaction.atomic():
        ApiToken.objects.filter(pk=found.pk).update(is_active=is_active)
        words: Any = "on" if is_active else "off"
        audit.record(request.user, "apitoken.switched", found, f"switched {words}", request)
    messages.success(
        request,
        _("%(token)s works again.") % {"token": found} if is_active else _("%(token)s is off.") % {"token": found},
    )
    return redirect("api:token", pk=pk)
