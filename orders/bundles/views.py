"""Pages of bundles: their list, each one with the form that orders it, and what they consist of."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders.bundles.forms import BundleForm, OrderBundleForm
from orders.bundles.services import describe_amount, order_bundle, save_bundle
from orders.mass.reader import Unreadable
from orders.models import Bundle, BundlePart
from orders.permissions import bundles_for
from orders.placement.form_tokens import TokenReused
from orders.placement.spending_limits import why_limit_unset
from orders.placement.validation import OrderInvalid
from panelhub.ui.pagination import Sort, number, take_page

VIEW = "orders.view_bundle"
ORDER = "orders.add_massorder"
PAGE_SIZE = 50
NEWEST = Sort("newest", "", ("pk",), (number,), descending=True)


def _with_parts(request: HttpRequest) -> Any:
    parts = BundlePart.objects.select_related("service__provider").defer("service__provider__api_key")
    return bundles_for(request.user).prefetch_related(Prefetch("parts", parts))


@require_safe
@permission_required(VIEW, raise_exception=True)
def list_bundles(request: HttpRequest) -> HttpResponse:
    """List the bundles of whose services the reader sees all."""
    page = take_page(
        _with_parts(request),
        sort=NEWEST,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset,
        cursor_of=lambda bundle: [bundle.pk],
    )
    context = {"nav": "bundles", "page": page, "rows": page.rows, "may_add": request.user.has_perm("orders.add_bundle")}
    return render(request, "orders/bundles/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(VIEW, raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a bundle consists of, with the form that orders it.

    POST checks its lines as a mass order; nothing is ordered.
    """
    bundle = get_object_or_404(_with_parts(request), pk=pk)
    has_shares = any(part.share is not None for part in bundle.parts.all())
    may_order = request.user.has_perms([ORDER, "orders.add_order"])
    if request.method != "POST":
        return _show(request, bundle, OrderBundleForm(has_shares=has_shares, initial={"form_token": uuid.uuid4()}))
    if not may_order:
        raise PermissionDenied
    form = OrderBundleForm(request.POST, has_shares=has_shares)
    if not form.is_valid() or not bundle.is_active:
        return _show(request, bundle, form, status=422)
    given = form.cleaned_data
    try:
        batch = order_bundle(
            bundle,
            user=request.user,
            links=given["links"],
            quantity=str(given.get("quantity") or ""),
            client_label=given["client_label"],
            form_token=given["form_token"],
            request=request,
        )
    except TokenReused as reused:
        typed = request.POST.copy()
        typed["form_token"] = str(uuid.uuid4())
        form = OrderBundleForm(typed, has_shares=has_shares)
        form.add_error(None, str(reused))
    except OrderInvalid as refusal:
        form.add_error("client_label", str(refusal))
    except Unreadable as fault:
        form.add_error("links", str(fault))
    else:
        return redirect("orders:mass_detail", pk=batch.pk)
    return _show(request, bundle, form, status=422)


def _show(request: HttpRequest, bundle: Bundle, form: OrderBundleForm, *, status: int = 200) -> HttpResponse:
    may_order = request.user.has_perms([ORDER, "orders.add_order"])
    context = {
        "nav": "bundles",
        "bundle": bundle,
        "parts": [(part, describe_amount(part)) for part in bundle.parts.all()],
        "form": form,
        "unset": why_limit_unset(request.user) if may_order else "",
        "may_order": may_order and bundle.is_active,
        "may_change": request.user.has_perm("orders.change_bundle"),
    }
    return render(request, "orders/bundles/detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.add_bundle", raise_exception=True)
def add(request: HttpRequest) -> HttpResponse:
    """Add a bundle."""
    return _edit(request, Bundle())


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.change_bundle", raise_exception=True)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a bundle; what was ordered of it stays as it was."""
    return _edit(request, get_object_or_404(bundles_for(request.user), pk=pk))


def _edit(request: HttpRequest, bundle: Bundle) -> HttpResponse:
    form = BundleForm(request.POST if request.method == "POST" else None, instance=bundle, user=request.user)
    if form.is_valid():
        try:
            save_bundle(bundle, by=request.user, fields=form.fields_of_bundle(), parts=form.read, request=request)
        except IntegrityError:
            form.add_error("name", _("This name is already in use."))
        else:
            messages.success(request, _("%(name)s saved.") % {"name": bundle.name})
            return redirect("orders:bundle", pk=bundle.pk)
    context = {"form": form, "bundle": bundle if not bundle._state.adding else None, "nav": "bundles"}
    return render(request, "orders/bundles/form.html", context, status=422 if form.is_bound else 200)
