"""Tokens of programs: one's own, and for administrators everybody's. A token is shown once, when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders.api.authentication import KEPT_CALLS, new_token
from orders.api.forms import NewTokenForm, TokenForm
from orders.api.handover import handed_over_to
from orders.api.views.docs import tabs_for
from orders.models import ApiToken
from panelhub import audit
from panelhub.audit.admin import values_of
from panelhub.security.reach import people_within_reach, reaches_beyond
from panelhub.ui.formatting import format_when

if TYPE_CHECKING:
    from django.db.models import QuerySet

MINE: Final = "orders.add_apitoken"
EVERYBODYS: Final = "orders.change_apitoken"
MOST: Final = 500
AUDITED: Final = (
    *("name", "person", "made_by", "is_active", "addresses", "all_services", "services"),
    *("requests_per_minute", "refuse_duplicates"),
)


def _visible(request: HttpRequest) -> QuerySet[ApiToken]:
    """Return the tokens of the reader, and with the permission to change them, those of people within their reach."""
    found = ApiToken.objects.select_related("person").order_by("-is_active", "person__username", "name", "pk")
    if not request.user.has_perm(EVERYBODYS):
        return found.filter(person=request.user.pk)
    people = people_within_reach(request.user)
    return found.filter(Q(person=request.user.pk) | Q(person__in=people.values("pk")))


def _found(request: HttpRequest, pk: int) -> ApiToken:
    """Return one of the visible tokens, or 404."""
    token = get_object_or_404(_visible(request), pk=pk)
    if token.person_id != request.user.pk and reaches_beyond(token.person, request.user):
        raise Http404
    return token


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MINE, raise_exception=True)
def tokens(request: HttpRequest) -> HttpResponse:
    """Show the list, and the form of a new token; what is made is shown on the page that answers, and never again.

    So is what others made for the reader before this login: the secret is made when it is shown.
    """
    may_choose = request.user.has_perm(EVERYBODYS)
    form = NewTokenForm(request.POST if request.method == "POST" else None, maker=request.user, may_choose=may_choose)
    shown = handed_over_to(request) if request.method == "GET" else []
    if request.method == "POST" and form.is_valid():
        token, key = _make(request, form)
        if key:
            shown = [(token, key)]
        form = NewTokenForm(maker=request.user, may_choose=may_choose)
    now = timezone.now()
    context = {
        "nav": "api",
        "tabs": tabs_for(request, "tokens"),
        "form": form,
        "shown": shown,
        "rows": [(token, format_when(token.last_used_at, now).html) for token in _visible(request)[:MOST]],
        "may_choose": may_choose,
    }
    return render(request, "orders/api/tokens.html", context, status=422 if form.errors else 200)


def _make(request: HttpRequest, form: NewTokenForm) -> tuple[ApiToken, str]:
    """Return the new token and its secret; "" for one of someone else, who sees it at their next login."""
    with transaction.atomic():
        person = form.cleaned_data.get("person") or request.user
        form.instance.person, form.instance.made_by = person, request.user
        form.instance.is_waiting = person.pk != request.user.pk
        key = new_token(form.instance)
        token = form.save()
        values = {name: [None, value] for name, value in values_of(token, AUDITED).items()}
        audit.record(request.user, "apitoken.made", token, f"{token} of {token.person}", request, **values)
    if token.is_waiting:
        sentence = _("Token “%(name)s” created. %(person)s will see it at their next login.")
        messages.success(request, sentence % {"name": token.name, "person": token.person})
    return token, "" if token.is_waiting else key


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MINE, raise_exception=True)
def token(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one token: what it may do, and its last calls."""
    found = _found(request, pk)
    before = values_of(found, AUDITED)
    form = TokenForm(request.POST if request.method == "POST" else None, reader=request.user, instance=found)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            after = values_of(found, AUDITED)
            changed = {name: [before[name], after[name]] for name in AUDITED if before[name] != after[name]}
            audit.record(request.user, "apitoken.changed", found, ", ".join(changed), request, **changed)
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
    found = _found(request, pk)
    is_active = request.POST.get("on") == "1"
    with transaction.atomic():
        ApiToken.objects.filter(pk=found.pk).update(is_active=is_active)
        words: Any = "on" if is_active else "off"
        switched = {"is_active": [found.is_active, is_active]}
        audit.record(request.user, "apitoken.switched", found, f"switched {words}", request, **switched)
    messages.success(
        request,
        _("%(token)s is active again.") % {"token": found}
        if is_active
        else _("%(token)s is revoked.") % {"token": found},
    )
    return redirect("api:token", pk=pk)
