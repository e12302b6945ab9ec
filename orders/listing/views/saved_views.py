"""Keeping a filter of the list under a name, and what is done with it later."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.listing.filters import OrderFilter
from orders.listing.saved_views import ViewRefused, keep_view, rename_view, views_of
from providers.permissions import visible_providers


@require_POST
@permission_required("orders.view_order", raise_exception=True)
def save(request: HttpRequest) -> HttpResponse:
    """Save the filter of ``query`` under ``name``; redirect to the list with it."""
    form = OrderFilter(QueryDict(request.POST.get("query", "")), visible=visible_providers(request), user=request.user)
    query = form.canonical() if form.is_valid() else ""
    try:
        view, is_new = keep_view(request.user, name=request.POST.get("name", ""), query=query)
    except ViewRefused as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("View %(name)s saved.") if is_new else _("View %(name)s updated.")
        messages.success(request, words % {"name": view.name})
    return _to_list(query)


@require_POST
@permission_required("orders.view_order", raise_exception=True)
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one's own view another name."""
    view = get_object_or_404(views_of(request.user), pk=pk)
    try:
        rename_view(view, request.POST.get("name", ""))
    except ViewRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("View renamed."))
    return _to_list(view.query)


@require_POST
@permission_required("orders.view_order", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one's own view; the orders in it are not touched."""
    view = get_object_or_404(views_of(request.user), pk=pk)
    view.delete()
    messages.success(request, _("View %(name)s deleted. Its orders didn’t change.") % {"name": view.name})
    return _to_list("")


def _to_list(query: str) -> HttpResponse:
    return redirect(f"{reverse('orders:list')}?{query}" if query else reverse("orders:list"))
