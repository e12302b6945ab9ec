"""Choose a service: search results, cheapest first; before any search, what a person used or starred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from orders.models import Order
from orders.permissions import routes_for
from panelhub.ui.pagination import address
from providers.catalogue.choices import ServiceRow, rows_of
from providers.catalogue.contexts import CHOICE_COLUMNS, CatalogueFilter, choose_services
from providers.catalogue.filters import CHEAPEST, availability
from providers.models import Favourite, Service
from providers.permissions import prices_for, visible_providers

MOST_CHOICES: Final = 20
MOST_KNOWN: Final = 5
_LAST_ORDERS: Final = 60
NARROWING: Final = ("platform", "kind", "country", "refill", "dripfeed")
"""What a person can narrow the choice by, besides words."""
CARRIED: Final = ("link", "quantity")
"""What was typed for a service that is gone goes along to the next one."""


def describe_picker(request: HttpRequest, typed: QueryDict) -> dict[str, Any]:
    """Return what the picker shows for the search and the filters in ``typed``; four statements at most."""
    asked = QueryDict(mutable=True)
    for name in ("q", *NARROWING):
        if typed.get(name):
            asked[name] = str(typed[name])[:200]
    # First: it reads the visible providers along with the prices.
    prices = prices_for(request)
    sorted_by_price = asked.copy()
    sorted_by_price["sort"] = CHEAPEST.slug
    form = CatalogueFilter(sorted_by_price, visible=visible_providers(request), prices=prices, reader=request.user)
    groups = [] if asked else known_services(request, form)
    routes = find_routes(request, asked)
    services = choose_services(form, most=MOST_CHOICES)
    if services:
        cheapest = _("Cheapest") if form.sees_cost else _("All services")
        groups.append((cheapest if groups else "", services))
    carried = [(name, str(typed[name])) for name in CARRIED if typed.get(name)]
    return {
        "q": asked.get("q", ""),
        "form": form,
        "groups": groups,
        "routes": routes,
        "understood": form.understood,
        "chips": [
            {"name": name, "value": value, "url": address(asked, {field: None, **dict(carried)})}
            for field, name, value in form.described()
            if field != "q"
        ],
        "clear_url": address(QueryDict(), {"q": asked.get("q"), **dict(carried)}),
        "is_narrowed": bool(asked),
        "kept": carried,
        "kept_query": f"?{urlencode(carried)}" if carried else "",
        "sees_cost": form.sees_cost,
    }


def find_routes(request: HttpRequest, asked: QueryDict) -> list[dict[str, Any]]:
    """Return the routes that fit the search and the filters, of those that the person sees; one statement."""
    if not request.user.has_perm("orders.view_route") or asked.get("country"):
        return []
    found = routes_for(request.user).filter(is_active=True)
    for name in ("platform", "kind"):
        if asked.get(name):
            found = found.filter(**{name: asked[name]})
    for name in ("refill", "dripfeed"):
        if asked.get(name):
            found = found.filter(**{f"needs_{name}": True})
    for word in asked.get("q", "").split()[:5]:
        found = found.filter(Q(name__icontains=word) | Q(platform__icontains=word) | Q(kind__icontains=word))
    return [
        {"pk": route.pk, "name": route.name, "rule": route.get_rule_display(), "services": route.services_count}
        for route in found.annotate(services_count=Count("entries")).order_by("name")[:MOST_KNOWN]
    ]


def known_services(request: HttpRequest, form: CatalogueFilter) -> list[tuple[str, Sequence[ServiceRow]]]:
    """Return a person's favourites and the services of their last orders that can be ordered now, with their titles."""
    user: Any = request.user
    last = Order.objects.filter(created_by=user.pk, service__isnull=False).order_by("-id")
    recent = list(dict.fromkeys(last.values_list("service_id", flat=True)[:_LAST_ORDERS]))[: 2 * MOST_KNOWN]
    open_now: QuerySet[Service] = form.visible.narrow(Service.objects.filter(availability("", form.visible)))
    mine = Favourite.objects.filter(person=user.pk).order_by("-id")
    newest = mine.values("service_id")[: 2 * MOST_KNOWN]
    marked = mine.filter(service=OuterRef("pk")).values("id")[:1]
    found = list(
        open_now.filter(Q(pk__in=recent) | Q(pk__in=newest)).order_by().values(*CHOICE_COLUMNS, marked=Subquery(marked))
    )
    rows = rows_of(found, form.visible.providers, sees_cost=form.sees_cost, prices=form.prices)
    by_key = {row.pk: row for row in rows}
    favourites = [row["id"] for row in sorted(found, key=lambda row: -(row["marked"] or 0)) if row["marked"]]
    groups: list[tuple[str, Sequence[ServiceRow]]] = []
    for title, keys in (
        (_("Favourites"), favourites),
        (_("Recently used"), [pk for pk in recent if pk not in favourites]),
    ):
        chosen = [by_key[pk] for pk in keys if pk in by_key][:MOST_KNOWN]
        if chosen:
            groups.append((title, chosen))
    return groups
