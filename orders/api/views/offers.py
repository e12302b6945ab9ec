"""What programs may order: services and products are opened from the catalogue, and given their markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.api.forms import MarkupForm, OpenServiceForm
from orders.api.offers import Money, read_number, reckon_terms
from orders.api.publishing import close_things, open_things, set_markups
from orders.api.views.docs import tabs_for
from orders.models import Markup, OpenService
from orders.permissions import seen_by
from panelhub import audit
from panelhub.audit.admin import changes_of
from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import format_capped, format_money
from panelhub.ui.pagination import FIRST_PAGE, Sort, address, number, take_page
from providers.catalogue.filters import ServiceFilter
from providers.catalogue.search import search_products
from providers.models import Product, Service
from providers.permissions import visible_providers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

MAY_CHANGE: Final = "orders.change_openservice"
MOST_IDS: Final = 1_000
# A row has fields of its own: this many stay below 100 KB of HTML.
PAGE_SIZE: Final = 40
_PRODUCT_SORT: Final = Sort("name", "", ("name", "id"), (str, number))
_COLUMNS: Final = (
    "id",
    "provider_id",
    "external_id",
    "name",
    "category",
    "rate",
    "open_as__id",
    "open_as__is_open",
    "open_as__name",
    "open_as__share",
    "open_as__addition",
)


@require_safe
@permission_required("orders.view_openservice", raise_exception=True)
def services(request: HttpRequest) -> HttpResponse:
    """Show the catalogue with what is open of it, under which number and at which rate."""
    form = ServiceFilter(request.GET, visible=visible_providers(request), sees_cost=_sees_cost(request))
    found = _only_open(form.find(), request)
    return _list(request, found, "shelf", sort=form.chosen_sort, form=form)


@require_safe
@permission_required("orders.view_openservice", raise_exception=True)
def products(request: HttpRequest) -> HttpResponse:
    """Show the products with what is open of them."""
    found = _only_open(_products(request, request.GET), request)
    return _list(request, found, "products", sort=_PRODUCT_SORT, form=None)


def _sees_cost(request: HttpRequest) -> bool:
    return request.user.has_perm("orders.view_cost")


def _products(request: HttpRequest, parameters: QueryDict) -> QuerySet[Product]:
    found: QuerySet[Product] = visible_providers(request).narrow(Product.objects.filter(is_available=True))
    return search_products(found, parameters.get("q", ""))


def _only_open(found: Any, request: HttpRequest) -> Any:
    return found.filter(open_as__is_open=True) if request.GET.get("open") else found


def _list(request: HttpRequest, found: Any, tab: str, *, sort: Sort, form: ServiceFilter | None) -> HttpResponse:
    visible = visible_providers(request)
    page = take_page(
        found,
        sort=sort,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.values(*dict.fromkeys((*_COLUMNS, *sort.columns)), total=CappedCount(found)),
        cursor_of=lambda row: [row[column] for column in sort.columns],
    )
    total = page.rows[0]["total"] if page.rows else 0
    chips = [
        {"name": name, "value": value, "url": address(request.GET, {**FIRST_PAGE, field: None})}
        for field, name, value in (form.described() if form else ())
    ]
    money, markups = Money(), {markup.provider_id: markup for markup in Markup.objects.all()}
    context = {
        "nav": "api",
        "tabs": tabs_for(request, tab),
        "tab": tab,
        "url": reverse(f"api:{tab}"),
        "form": form,
        "q": request.GET.get("q", ""),
        "only_open": bool(request.GET.get("open")),
        "chips": chips,
        "clear_url": reverse(f"api:{tab}"),
        "rows": [
            _row(values, visible.providers[values["provider_id"]], money, markups)
            for values in page.rows
            # What came with an account that was added meanwhile is shown the next time.
            if values["provider_id"] in visible.providers
        ],
        "page": page,
        "total": total,
        "total_text": format_capped(total, CAP),
        "may_change": request.user.has_perm(MAY_CHANGE),
        "sees_cost": _sees_cost(request),
    }
    template = "orders/api/offers.html#table" if is_partial(request) else "orders/api/offers.html"
    return render(request, template, context)


def _row(values: Mapping[str, Any], provider: Any, money: Money, markups: Mapping[int, Markup]) -> dict[str, Any]:
    terms = reckon_terms(
        money.worth(provider.currency),
        markups.get(provider.pk),
        share=values["open_as__share"],
        addition=values["open_as__addition"],
    )
    return {
        "pk": values["id"],
        "number": values["open_as__id"],
        "is_open": values["open_as__is_open"],
        "name": values["open_as__name"] or values["name"],
        "external_id": values["external_id"],
        "category": values["category"],
        "provider": provider.name,
        "rate": format_money(values["rate"], provider.currency),
        "price": format_money(terms.rate(values["rate"]), money.currency) if terms else "",
        "has_own": values["open_as__share"] is not None or values["open_as__addition"] is not None,
    }


@require_POST
@permission_required(MAY_CHANGE, raise_exception=True)
def change_offers(request: HttpRequest, tab: str) -> HttpResponse:
    """Open or close what was chosen, or all that the filter finds."""
    parameters = QueryDict(request.POST.get("filter", "")[:2_000])
    if request.POST.get("matching") == "1":
        if tab == "shelf":
            chosen: Any = ServiceFilter(
                parameters, visible=visible_providers(request), sees_cost=_sees_cost(request)
            ).find()
        else:
            chosen = _products(request, parameters)
        chosen = chosen.filter(open_as__is_open=True) if parameters.get("open") else chosen
    else:
        ids = [key for text in request.POST.getlist("ids")[:MOST_IDS] if (key := read_number(text)) is not None]
        model: Any = Service if tab == "shelf" else Product
        chosen = visible_providers(request).narrow(model.objects.filter(pk__in=ids))
    if request.POST.get("action") == "close":
        count = close_things(chosen, by=request.user, request=request)
        messages.success(request, ngettext("%(n)s closed.", "%(n)s closed.", count) % {"n": count})
    else:
        count = open_things(chosen, by=request.user, request=request)
        messages.success(
            request, ngettext("%(n)s opened for API clients.", "%(n)s opened for API clients.", count) % {"n": count}
        )
    return redirect(address_of(tab, parameters))


def address_of(tab: str, parameters: QueryDict) -> str:
    """Return the list again, where it was left."""
    query = parameters.urlencode()
    return f"{reverse(f'api:{tab}')}?{query}" if query else reverse(f"api:{tab}")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.view_openservice", raise_exception=True)
def open_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how one open thing is offered."""
    found = get_object_or_404(
        OpenService.objects.select_related("service__provider", "product__provider").defer(
            "service__provider__api_key", "product__provider__api_key"
        ),
        pk=pk,
    )
    thing = found.thing
    get_object_or_404(seen_by(type(thing)._default_manager.all(), request.user), pk=thing.pk)
    may_change = request.user.has_perm(MAY_CHANGE)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = OpenServiceForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            changed = changes_of(form, form.changed_data)
            audit.record(request.user, "openservice.changed", found, ", ".join(changed), request, **changed)
        messages.success(request, _("Saved."))
        return redirect("api:open_service", pk=pk)
    context = {
        "nav": "api",
        "tab": "shelf" if found.service_id else "products",
        "tabs": tabs_for(request, "shelf" if found.service_id else "products"),
        "found": found,
        "form": form,
        "may_change": may_change,
    }
    return render(request, "orders/api/open_service.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.view_markup", raise_exception=True)
def markups(request: HttpRequest) -> HttpResponse:
    """Show the markup of each provider, all in one form."""
    providers = visible_providers(request).providers
    known = {markup.provider_id: markup for markup in Markup.objects.all()}
    may_change = request.user.has_perm("orders.change_markup")
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = MarkupForm(request.POST if request.method == "POST" else None, providers=providers, markups=known)
    if request.method == "POST" and form.is_valid():
        count = set_markups(form.wanted(), by=request.user, request=request)
        messages.success(request, ngettext("%(n)s markup changed.", "%(n)s markups changed.", count) % {"n": count})
        return redirect("api:markups")
    context = {
        "nav": "api",
        "tabs": tabs_for(request, "markups"),
        "form": form,
        "rows": [(providers[key], share, addition) for key, share, addition in form.rows()],
        "currency": Money().currency,
        "may_change": may_change,
    }
    return render(request, "orders/api/markups.html", context, status=422 if form.errors else 200)
