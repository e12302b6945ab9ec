"""What the palette finds besides orders and services: products, their orders, requests, mass orders, clients, routes.

All of it comes in one statement; each kind only for those who may open it, and through what they may see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from orders.mass.queries import mass_orders_for
from orders.models import Cancellation, ProductOrder, Refill, key_of_name
from orders.permissions import clients_for, routes_for
from panelhub.db.unions import read_together
from panelhub.http.request_id import is_id
from providers.catalogue.search import search_products
from providers.models import Product
from providers.permissions import VisibleProviders, visible_providers

SHORTEST_NAME: Final = 2
_EMPTY: Final = Value("", output_field=CharField())


@dataclass(frozen=True, slots=True)
class Record:
    """One row that was found: the group it belongs to, its words, its address, and its state or another word."""

    group: Any
    icon: str
    label: str
    url: str
    status: str = ""
    beside: str = ""


def find_records(request: HttpRequest, text: str, *, most: int) -> Iterator[Record]:
    """Yield up to ``most`` rows of each kind that ``text`` may mean; one statement, none for less than two letters."""
    parts = list(_parts(request, text, most)) if text else []
    if not parts:
        return
    names = {pk: seen.name for pk, seen in visible_providers(request).providers.items()}
    for kind, pk, title, status, number in read_together(parts):
        yield _RECORDS[kind](pk, title, status, names.get(number, "") if kind == "product" else number)


def _parts(request: HttpRequest, text: str, most: int) -> Iterator[QuerySet[Any, Any]]:
    """Yield a query for each kind: its name, the key, a title, a state, and a number that the kind knows."""
    user, visible = request.user, visible_providers(request)
    digits = text.removeprefix("#")
    key = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
    if user.has_perm("orders.view_order"):
        for kind, model in (("refill", Refill), ("cancel", Cancellation)):
            mine = Q(external_id=text[:100]) | (Q(order_id=key) if key is not None else Q(pk__in=[]))
            found = visible.narrow(model._default_manager.filter(mine), "order__provider_id")
            yield _shape(found, kind, F("external_id"), F("status"), F("order_id"), most)
    if user.has_perm("orders.view_productorder"):
        yield _shape(
            _product_orders(visible, text, key), "product_order", F("product__name"), F("status"), F("pk"), most
        )
        if len(text) >= SHORTEST_NAME and user.has_perm("orders.add_productorder"):
            products = search_products(visible.narrow(Product.objects.filter(is_available=True)), text)
            yield _shape(products, "product", F("name"), _EMPTY, F("provider_id"), most)
    if user.has_perm("orders.view_client") and len(text) >= SHORTEST_NAME:
        known = clients_for(user).filter(anonymised_at__isnull=True, key__contains=key_of_name(text))
        yield _shape(known, "client", F("name"), _EMPTY, F("pk"), most)
    if user.has_perm("orders.view_massorder") and (key is not None or len(text) >= SHORTEST_NAME):
        named = Q(name__icontains=text[:200]) | (Q(pk=key) if key is not None else Q(pk__in=[]))
        yield _shape(mass_orders_for(user).filter(named), "mass", F("name"), _EMPTY, F("total"), most)
    if user.has_perm("orders.view_route") and len(text) >= SHORTEST_NAME:
        routes = routes_for(user).filter(name__icontains=text[:200], is_active=True)
        yield _shape(routes, "route", F("name"), _EMPTY, Value(int(user.has_perm("orders.add_order"))), most)


def _product_orders(visible: VisibleProviders, text: str, key: int | None) -> QuerySet[Any]:
    wanted = Q(provider_id__in=list(visible.providers), external_id=text[:100])
    if is_id(text):
        wanted |= Q(request_id=text)
    if key is not None:
        wanted |= Q(pk=key)
    found: QuerySet[Any] = visible.narrow(ProductOrder.objects.filter(wanted))
    return found


def _shape(queryset: QuerySet[Any], kind: str, title: Any, status: Any, number: Any, most: int) -> QuerySet[Any, Any]:
    shaped: QuerySet[Any, Any] = (
        queryset.order_by("-pk")
        .annotate(
            kind_=Value(kind, output_field=CharField()),
            title_=Cast(Coalesce(title, _EMPTY), CharField()),
            status_=Cast(status, CharField()),
            number_=number,
        )
        .values_list("kind_", "pk", "title_", "status_", "number_")[:most]
    )
    return shaped


def _request(group: Any, word: Any) -> Any:
    def make(_pk: int, external_id: str, status: str, order: int) -> Record:
        known = f" ({external_id})" if external_id else ""
        return Record(group, "arrow-path", f"{word} · #{order}{known}", reverse("orders:detail", args=[order]), status)

    return make


def _product(pk: int, name: str, _status: str, provider: str) -> Record:
    url = f"{reverse('orders:product_create')}?product={pk}"
    return Record(lazy("Products"), "shopping-bag", name, url, beside=provider)


def _product_order(pk: int, name: str, status: str, _number: int) -> Record:
    label = f"#{pk} {name}".strip()
    return Record(lazy("Product orders"), "shopping-bag", label, reverse("orders:product_detail", args=[pk]), status)


def _mass(pk: int, name: str, _status: str, _total: int) -> Record:
    label = f"#{pk} {name}".strip()
    return Record(lazy("Mass orders"), "queue-list", label, reverse("orders:mass_detail", args=[pk]))


def _route(pk: int, name: str, _status: str, may_order: int) -> Record:
    page = "orders:route_order" if may_order else "orders:route"
    return Record(lazy("Routes"), "arrows-right-left", name, reverse(page, args=[pk]))


def _client(pk: int, name: str, _status: str, _number: int) -> Record:
    return Record(lazy("Clients"), "user-group", name, reverse("orders:client", args=[pk]))


_RECORDS: Final[dict[str, Any]] = {
    "refill": _request(lazy("Refills & cancels"), lazy("Refill")),
    "cancel": _request(lazy("Refills & cancels"), lazy("Cancel")),
    "product": _product,
    "product_order": _product_order,
    "mass": _mass,
    "route": _route,
    "client": _client,
}
