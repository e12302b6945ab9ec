"""Products: the catalogue, and ordering one (its form, the review, the click)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.listing.partials import draw_chips, draw_tabs
from orders.listing.queries import TABS
from orders.models import ProductOrder
from orders.permissions import product_orders_for, seen_by
from orders.placement.form_tokens import TokenReused
from orders.placement.posted import has_another_price, rate_seen, read_key, read_token, undo_until
from orders.placement.quotes import show_money
from orders.placement.spending_limits import LimitNotSet, is_limit_set, why_limit_unset
from orders.placement.validation import OrderInvalid
from orders.products.forms import PRODUCT_TABS, ProductForm
from orders.products.queries import COLUMNS, PAGE_SIZE, ProductFilter, describe_stock, describe_type, rows_of
from orders.products.quotes import quote_for_product
from orders.products.services import check_product, create_product_order, why_closed
from orders.submission.call_types import title_of
from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import format_capped
from panelhub.ui.pagination import address, take_page
from providers.catalogue.seen_prices import mark_of_price
from providers.models import Product
from providers.permissions import VisibleProviders, visible_providers

VIEW: Final = "orders.view_productorder"
ADD: Final = (VIEW, "orders.add_productorder")
URLS: Final = {
    "form": reverse_lazy("orders:product_create"),
    "quote": reverse_lazy("orders:product_quote"),
    "choose": reverse_lazy("orders:products"),
}
ATTENTION: Final = next(tab for tab in TABS if tab.slug == "attention")


@require_safe
@permission_required(VIEW, raise_exception=True)
def list_products(request: HttpRequest) -> HttpResponse:
    """Show the catalogue, or its table alone when a filter or a page was chosen on it."""
    template = "orders/products/list.html#table" if is_partial(request) else "orders/products/list.html"
    return render(request, template, _list_context(request))


def _list_context(request: HttpRequest) -> dict[str, Any]:
    visible = visible_providers(request)
    form = ProductFilter(request.GET, visible=visible, sees_cost=request.user.has_perm("orders.view_cost"))
    found, sort = form.find(), form.chosen_sort
    page = take_page(
        found,
        sort=sort,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.values(*COLUMNS, total=CappedCount(found)),
        cursor_of=lambda row: [row[column] for column in sort.columns],
    )
    total = page.rows[0]["total"] if page.rows else 0
    return {
        "nav": "products",
        "has_own_search": True,
        "tabs": tabs_of(visible, None),
        "form": form,
        "chips": draw_chips(form.described(), request.GET),
        "clear_url": address(QueryDict(), {"sort": request.GET.get("sort") or None}),
        "rows": rows_of(page.rows, visible.providers),
        "page": page,
        "total": total,
        "total_text": format_capped(total, CAP),
        "may_order": request.user.has_perms(ADD),
        **_sees(request),
    }


def tabs_of(
    visible: VisibleProviders, current: str | None, parameters: QueryDict | None = None
) -> list[dict[str, Any]]:
    """Return the catalogue, and the views of the orders; ``current`` is that of the open view, ``None`` in the
    catalogue.
    """
    waiting = visible.narrow(ProductOrder.objects.filter(status__in=ATTENTION.statuses).order_by())
    counts = {ATTENTION.slug: waiting[: CAP + 1].count()}
    orders = draw_tabs(
        PRODUCT_TABS, current, QueryDict() if parameters is None else parameters, counts, url=str(_ORDERS)
    )
    orders[0]["label"] = _("All orders")
    catalogue = {"label": _("Catalogue"), "url": str(URLS["choose"]), "current": current is None, "count": ""}
    return [catalogue, *orders]


_ORDERS: Final = reverse_lazy("orders:product_orders")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(ADD, raise_exception=True)
@sensitive_post_parameters("require")
def create(request: HttpRequest) -> HttpResponse:
    """Show the form of one product, its review, its order.

    GET shows the form of ``product``, or with ``repeat`` that of an earlier order again. POST places the
    order; with ``step=review`` it only shows what would be placed, with ``step=edit`` the form again.
    """
    if request.method == "POST":
        return _post(request)
    repeated = _repeated(request)
    key = str(repeated.product_id) if repeated else request.GET.get("product", "")
    product = _find_product(request, key)
    if product is None:
        return _gone(request)
    typed = _typed_before(repeated) if repeated else request.GET.dict()
    return _show_form(request, product, ProductForm(product=product, initial=typed), typed=typed)


@require_POST
@permission_required(ADD, raise_exception=True)
@sensitive_post_parameters("require")
def quote(request: HttpRequest) -> HttpResponse:
    """Show the price of what is typed so far, as the part of the page that shows it."""
    product = _find_product(request, request.POST.get("product", ""))
    if product is None:
        return HttpResponse(status=204)
    found = quote_for_product(product, request.POST)
    return render(request, "orders/placement/_quote.html", {"quote": found, **show_money(request.user, found)})


@sensitive_variables("typed", "fields")
def _post(request: HttpRequest) -> HttpResponse:
    typed: QueryDict = request.POST
    product = _find_product(request, typed.get("product", ""))
    if product is None:
        return _gone(request)
    step = typed.get("step", "")
    if step == "edit":
        return _show_form(request, product, ProductForm(product=product, initial=typed.dict()), typed=typed)
    fields = {"quantity": typed.get("quantity", ""), "require": typed.get("require", "")}
    try:
        if step == "review" or has_another_price(product.rate, typed, request.user):
            if not is_limit_set(request.user):
                raise LimitNotSet
            check_product(product, **fields)
            return _show_review(request, product, typed)
        order = create_product_order(
            user=request.user,
            product=product,
            form_token=read_token(typed),
            not_before=undo_until(),
            note=typed.get("note", "")[:2_000],
            client_label=typed.get("client_label", "").strip(),
            **fields,
        )
    except OrderInvalid as refusal:
        form = ProductForm(typed, product=product)
        form.show_errors(refusal.errors)
        if isinstance(refusal, TokenReused):
            # What stands in the form now is another order.
            posted: QueryDict = typed.copy()
            posted["form_token"] = str(uuid.uuid4())
            typed = posted
        return _show_form(request, product, form, typed=typed, status=422)
    messages.info(request, _word_of(order))
    return redirect("orders:product_detail", pk=order.pk)


def _word_of(order: ProductOrder) -> str:
    if order.status == "held":
        return _("%(order)s needs approval by another person.") % {"order": title_of(order)}
    return _("%(order)s is queued.") % {"order": title_of(order)}


def _gone(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("This product can’t be ordered. Choose another."))
    return redirect("orders:products")


def _show_form(
    request: HttpRequest, product: Product, form: ProductForm, *, typed: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    closed = why_limit_unset(request.user) or why_closed(product)
    context = {
        **_shared(request, product, typed),
        "form": form,
        "closed": closed,
        "hidden": [("product", product.pk)],
        "may_order": not closed,
    }
    return render(request, "orders/placement/create.html", context, status=status)


def _show_review(request: HttpRequest, product: Product, typed: QueryDict) -> HttpResponse:
    form = ProductForm(typed, product=product)
    shown = [(field.label, typed.get(field.name, "").strip()) for field in (*form.asked, *form.more)]
    kept = {name: typed[name] for name in form.fields if typed.get(name)}
    context = {
        **_shared(request, product, typed),
        "shown": [(label, text, "\n" in text or len(text) > 120) for label, text in shown if text],
        "provider": product.provider,
        "hidden": [("product", product.pk), ("seen_rate", mark_of_price(product.rate)), *kept.items()],
        "per": _("each"),
        "has_moved": has_another_price(product.rate, typed, request.user),
        "old_rate": rate_seen(typed, request.user),
    }
    return render(request, "orders/placement/review.html", context)


def _shared(request: HttpRequest, product: Product, typed: Mapping[str, Any]) -> dict[str, Any]:
    quoted = quote_for_product(product, typed)
    stock, _tone = describe_stock(in_stock=product.in_stock, inventory=product.inventory)
    return {
        "nav": "products",
        "thing": product,
        "tags": [word for word in (stock, describe_type(product.type)) if word and word != "–"],
        "quote": quoted,
        "form_token": read_token(typed) or uuid.uuid4(),
        "urls": URLS,
        **show_money(request.user, quoted),
    }


def _sees(request: HttpRequest) -> dict[str, bool]:
    return {"sees_cost": request.user.has_perm("orders.view_cost")}


def _find_product(request: HttpRequest, key: str) -> Product | None:
    pk = read_key(key)
    if pk is None:
        return None
    # Those that are closed too: their form says why.
    visible = seen_by(Product.objects.filter(pk=pk), request.user)
    return visible.select_related("provider").defer("provider__api_key", "search_text").first()


def _repeated(request: HttpRequest) -> ProductOrder | None:
    pk = read_key(request.GET.get("repeat", ""))
    if pk is None:
        return None
    # What was handed over once is not shown again: it has to be typed again.
    return product_orders_for(request.user).defer("require", "result", "goods").filter(pk=pk).first()


def _typed_before(order: ProductOrder) -> dict[str, Any]:
    return {"quantity": str(order.quantity), "note": order.note, "client_label": order.client_label}
