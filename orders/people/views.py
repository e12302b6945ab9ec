"""Pages of people: the list, a new colleague, and one person with what they may do, see and spend."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.admin_forms import may_set_limits
from orders.models import HubRules
from orders.people.abilities import offer_roles
from orders.people.contexts import describe_person, find_person, list_rows, load_people
from orders.people.forms import AccountForm, LimitsForm
from orders.people.services import add_person, change_person, limits_of
from panelhub import audit
from panelhub.security.people import can_get_link, give_access, log_out_person, may_manage
from panelhub.security.second_factor import forget_second_factor, has_one
from panelhub.security.sessions import has_tokens
from panelhub.ui.pagination import Sort, number, take_page
from providers.permissions import visible_providers

VIEW: Final = "auth.view_user"
ADD: Final = ("auth.add_user", "auth.change_user", "orders.add_person")
SIZE: Final = 50
BY_AGE: Final = Sort("", gettext_lazy("Newest first"), ("pk",), (number,), descending=True)


@require_safe
@permission_required(VIEW, raise_exception=True)
def list_people(request: HttpRequest) -> HttpResponse:
    """Show everyone with their role, what they see and what they may spend."""
    page = take_page(
        load_people(visible_providers(request)),
        sort=BY_AGE,
        size=SIZE,
        parameters=request.GET,
        shape=lambda found: found,
        cursor_of=lambda person: [person.pk],
    )
    context = {
        "nav": "people",
        "rows": list_rows(request, page.rows),
        "page": page,
        "may_add": request.user.has_perms(ADD),
    }
    return render(request, "orders/people/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(ADD, raise_exception=True)
@sensitive_variables("password")
def add(request: HttpRequest) -> HttpResponse:
    """Add a colleague: name, role, limit. The page that answers shows how they log in, once."""
    data = request.POST if request.method == "POST" else None
    account = AccountForm(data, actor=request.user)
    limits = LimitsForm(data, visible=visible_providers(request))
    if data is not None and _are_valid(account, limits) and limits.require_decision(account.cleaned_data["role"]):
        password = add_person(account, limits, by=request.user, request=request)
        return _show_access(request, account.instance, password, is_new=True)
    context = _form_context(account, limits)
    return render(request, "orders/people/add.html", context, status=422 if data is not None else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(VIEW, raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person, and change what the reader may change of them."""
    person = get_object_or_404(find_person(request, pk))
    manages = may_manage(request.user, person)
    limited = request.user.has_perm("orders.change_person") and may_set_limits(request.user, person)
    data = request.POST if request.method == "POST" else None
    if data is not None and not (manages or limited):
        raise PermissionDenied
    account = AccountForm(data, actor=request.user, instance=User.objects.get(pk=pk)) if manages else None
    visible = visible_providers(request)
    limits = LimitsForm(data, visible=visible, instance=limits_of(person)) if limited else None
    if data is not None and _are_valid(account, limits):
        change_person(account, limits, by=request.user, request=request)
        messages.success(request, _("Saved."))
        return redirect("orders:person", pk=pk)
    context = {
        **_form_context(account, limits),
        **describe_person(request, person),
        "manages": manages,
        "gets_link": can_get_link(person),
        "has_tokens": has_tokens(person),
        "may_forget": manages and has_one(person) and request.user.has_perm("panelhub.delete_authenticator"),
    }
    return render(request, "orders/people/person.html", context, status=422 if data is not None else 200)


@require_POST
@permission_required(VIEW, raise_exception=True)
@sensitive_variables("password")
def access(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person another way in: a link by mail, or a password that is shown once."""
    person = _managed(request, pk)
    with transaction.atomic():
        password = give_access(person, by=request.user, request=request)
    return _show_access(request, person, password, is_new=False)


@require_POST
@permission_required(VIEW, raise_exception=True)
def log_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Log a person out everywhere, and end their API tokens where that is wanted."""
    person = _managed(request, pk)
    ended, stopped = log_out_person(person, by=request.user, request=request, tokens=request.POST.get("tokens") == "on")
    text = _("Sessions ended: %(sessions)d. API tokens revoked: %(tokens)d.")
    messages.success(request, text % {"sessions": ended, "tokens": stopped})
    return redirect("orders:person", pk=pk)


@require_POST
@permission_required((VIEW, "panelhub.delete_authenticator"), raise_exception=True)
def forget_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the second factor of a person who lost theirs."""
    person = _managed(request, pk)
    with transaction.atomic():
        forget_second_factor(person)
        audit.record(request.user, "second_factor.taken_away", person, str(person), request=request)
    messages.success(request, _("%(person)s must set up two-factor authentication again.") % {"person": person})
    return redirect("orders:person", pk=pk)


def _managed(request: HttpRequest, pk: int) -> User:
    """Return a person whose account the reader may change."""
    person = get_object_or_404(User, pk=pk)
    if not may_manage(request.user, person):
        raise PermissionDenied
    return person


def _are_valid(*found: Any) -> bool:
    # Every form is asked, so that all sentences are shown at once.
    results = [form.is_valid() for form in found if form is not None]
    return all(results)


def _form_context(account: AccountForm | None, limits: LimitsForm | None) -> dict[str, Any]:
    roles: Any = []
    if account is not None and "role" in account.fields:
        queryset: Any = account.fields["role"].queryset  # type: ignore[attr-defined]
        roles = offer_roles(list(queryset), account["role"].value())
    return {
        "nav": "people",
        "account": account,
        "limits": limits,
        "roles": roles,
        "currency": HubRules.load().currency,
    }


def _show_access(request: HttpRequest, person: User, password: str, *, is_new: bool) -> HttpResponse:
    context = {
        "nav": "people",
        "person": person,
        "password": password,
        "is_new": is_new,
        "login_url": request.build_absolute_uri("/login/"),
    }
    return render(request, "orders/people/access.html", context)
