"""Orders of products: their list, the page of one, and the look at what was delivered."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from orders.detail import actions
from orders.listing.partials import draw_chips, read_marks
from orders.listing.rows import Look
from orders.models import ProductOrder
from orders.permissions import product_orders_for, seen_by
from orders.products.contexts import build_product_page, is_moving, load_product_order, mark_of_product_order
from orders.products.forms import ProductOrderFilter
from orders.products.goods import Goods
from orders.products.rows import COLUMNS, NEWEST, PAGE_SIZE, draw_rows, mark_of
from orders.products.services import approve_product_order, look_at_goods, withdraw_product_order
from orders.products.tasks import check_product_order
from orders.products.views.shop import VIEW, tabs_of
from orders.submission.call_types import title_of
from panelhub.db.aggregates import CAP, CappedCount
from panelhub.encryption.vault import SecretUnreadable
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import format_capped
from panelhub.ui.pagination import address, take_page
from providers.permissions import VisibleProviders, visible_providers

PAGE_ACTIONS: Final = actions.PageActions(
    "product_order",
    product_orders_for,
    withdraw_product_order,
    approve_product_order,
    check_task=check_product_order.name,
)


@require_safe
@permission_required(VIEW, raise_exception=True)
def list_orders(request: HttpRequest) -> HttpResponse:
    """Show the list, or its table alone when a filter, a tab or a page was chosen on it."""
    template = "orders/products/orders.html#table" if is_partial(request) else "orders/products/orders.html"
    return render(request, template, _list_context(request))


@require_safe
@permission_required(VIEW, raise_exception=True)
def live_rows(request: HttpRequest) -> HttpResponse:
    """Show those of the given rows that have changed; 204 when none does."""
    marks = read_marks(request.GET.get("rows", ""))
    visible = visible_providers(request)
    found = visible.narrow(ProductOrder.objects.filter(pk__in=marks)).values(*COLUMNS) if marks else []
    changed = [values for values in found if mark_of(values) != marks[values["pk"]]]
    if not changed:
        return HttpResponse(status=204)
    rows = draw_rows(changed, _look(request, visible, changed=True))
    return render(request, "orders/products/orders.html#live", {"rows": rows})


def _look(request: HttpRequest, visible: VisibleProviders, *, changed: bool = False) -> Look:
    return Look(
        providers=visible.providers,
        now=timezone.now(),
        sees_cost=request.user.has_perm("orders.view_cost"),
        may_choose=False,
        changed=changed,
    )


def _list_context(request: HttpRequest) -> dict[str, Any]:
    visible = visible_providers(request)
    form = ProductOrderFilter(request.GET, visible=visible, user=request.user)
    found = form.find(visible.narrow(ProductOrder.objects.all()))
    page = take_page(
        found,
        sort=NEWEST,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.values(*COLUMNS, total=CappedCount(found)),
        cursor_of=lambda row: [row["pk"]],
    )
    total = page.rows[0]["total"] if page.rows else 0
    look = _look(request, visible)
    return {
        "nav": "products",
        "has_own_search": True,
        "tabs": tabs_of(visible, form.tab_slug, request.GET),
        "form": form,
        "chips": draw_chips(form.described(), request.GET),
        "clear_url": address(QueryDict(), {"tab": form.tab_slug or None}),
        "exports": _exports(request, form.canonical()) if page.rows else [],
        "rows": draw_rows(page.rows, look),
        "page": page,
        "total": total,
        "total_text": format_capped(total, CAP),
        "sees_cost": look.sees_cost,
    }


def _exports(request: HttpRequest, query: str) -> list[tuple[str, str]]:
    """Return the filter as files, for those who may take orders out of the hub."""
    if not request.user.has_perm("orders.export_order"):
        return []
    found = f"?{query}" if query else ""
    return [(form.upper(), reverse("orders:product_export", args=[form]) + found) for form in ("csv", "xlsx")]


@require_safe
@permission_required(VIEW, raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole page, or for a page that refreshes itself only what changed on it; 204 when nothing did."""
    order = _find(request, pk)
    if not is_partial(request):
        return _page(request, order)
    if request.GET.get("rows") == mark_of_product_order(order) and is_moving(order):
        return HttpResponse(status=204)
    return render(request, "orders/products/detail.html#live", {**_context(request, order), "changed": True})


def _find(request: HttpRequest, pk: int) -> ProductOrder:
    return get_object_or_404(load_product_order(seen_by(ProductOrder.objects.all(), request.user), pk))


def _page(request: HttpRequest, order: ProductOrder, goods: Goods | None = None) -> HttpResponse:
    return render(request, "orders/products/detail.html", {**_context(request, order, goods), "nav": "products"})


def _context(request: HttpRequest, order: ProductOrder, goods: Goods | None = None) -> dict[str, Any]:
    steps = ("withdraw", "approve", "check", "goods", "note")
    urls = {step: reverse(f"orders:product_{step}", args=[order.pk]) for step in steps}
    return {
        **build_product_page(order, user=request.user, goods=goods),
        **PAGE_ACTIONS.offers(order, request.user),
        "notes_url": reverse("orders:product_note", args=[order.pk])
        if request.user.has_perm(PAGE_ACTIONS.change_permission)
        else "",
        "may_repeat": bool(order.product_id) and request.user.has_perm("orders.add_productorder"),
        "urls": urls,
    }


@require_POST
@permission_required((VIEW, PAGE_ACTIONS.change_permission), raise_exception=True)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an order back that is not sent yet."""
    return actions.withdraw(request, PAGE_ACTIONS, pk)


@require_POST
@permission_required((VIEW, PAGE_ACTIONS.approve_permission), raise_exception=True)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a held order out."""
    return actions.approve(request, PAGE_ACTIONS, pk)


@require_POST
@permission_required((VIEW, PAGE_ACTIONS.change_permission), raise_exception=True)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the provider queried now about one order, and for what it has delivered."""
    return actions.check(request, PAGE_ACTIONS, pk)


@require_POST
@permission_required((VIEW, PAGE_ACTIONS.change_permission), raise_exception=True)
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write something down for colleagues."""
    return actions.note(request, PAGE_ACTIONS, pk)


@require_POST
@permission_required((VIEW, "orders.view_goods"), raise_exception=True)
@sensitive_variables("goods")
def show_goods(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the page with the delivered goods on it, or the part that holds them; the access is recorded first.

    A POST, so that no prefetch, history or bookmark opens them unintentionally.
    """
    order = _find(request, pk)
    if not order.goods_count:
        messages.error(request, _("Nothing has been delivered for %(order)s yet.") % {"order": title_of(order)})
        return redirect("orders:product_detail", pk=pk)
    try:
        goods = look_at_goods(order, by=request.user, request=request)
    except SecretUnreadable:
        messages.error(request, _("The goods can’t be decrypted. Their encryption key isn’t set."))
        return redirect("orders:product_detail", pk=pk)
    if is_partial(request):
        return render(request, "orders/products/detail.html#goods_shown", _context(request, order, goods))
    return _page(request, order, goods)
