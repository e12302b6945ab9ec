"""Pages of routes: the list, one route, and its form."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.models import Route
from orders.permissions import routes_for
from orders.placement.posted import read_key
from orders.routes.choice import Market, find_candidates
from orders.routes.contexts import (
    count_waiting,
    describe_bought,
    describe_candidates,
    load_bought,
    load_chains,
    load_steps,
)
from orders.routes.editing import count_unseen, delete_route, load_services, save_route
from orders.routes.forms import MOST_SERVICES, RouteForm
from orders.routes.queries import cheapest_of_each, find_suggestions, name_of
from panelhub.http.htmx import is_partial
from providers.catalogue.contexts import CatalogueFilter, choose_services
from providers.models import Service
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES
from providers.permissions import prices_for, visible_providers

VIEW: Final = "orders.view_route"
ADD: Final = "orders.add_route"
CHANGE: Final = "orders.change_route"
ORDER: Final = "orders.add_order"
MOST_FOUND: Final = 12
USUAL_QUANTITY: Final = 1_000


@require_safe
@permission_required(VIEW, raise_exception=True)
def list_routes(request: HttpRequest) -> HttpResponse:
    """Show every route with its rule and how its chains stand."""
    found = list(routes_for(request.user).prefetch_related("entries").order_by("-is_active", "name")[:200])
    counts = count_waiting([route.pk for route in found], request.user)
    rows = [
        {
            "route": route,
            "platform": TITLES.get(route.platform, ""),
            "kind": KIND_TITLES.get(route.kind, ""),
            "services": len(route.entries.all()),
            **counts.get(route.pk, {"all": 0, "open": 0, "waiting": 0}),
        }
        for route in found
    ]
    context = {"nav": "routes", "rows": rows, "may_add": request.user.has_perm(ADD)}
    return render(request, "orders/routes/list.html", {**context, "may_order": request.user.has_perm(ORDER)})


@require_safe
@permission_required((VIEW, ADD), raise_exception=True)
def suggest(request: HttpRequest) -> HttpResponse:
    """Show what the catalogue suggests for routes; a part of the list that is fetched after it."""
    found = find_suggestions(visible_providers(request))
    template = "orders/routes/suggestions.html#found" if is_partial(request) else "orders/routes/suggestions.html"
    return render(request, template, {"nav": "routes", "suggestions": found})


@require_safe
@permission_required(VIEW, raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one route: who would be taken now and why, what it bought, where it went on."""
    route = get_object_or_404(routes_for(request.user), pk=pk)
    market = Market()
    quantity = _usual_quantity(route, request.GET)
    found = find_candidates(route, quantity=quantity, person=request.user, market=market)
    sees_cost = request.user.has_perm("orders.view_cost")
    currency = market.rules.currency
    context = {
        "nav": "routes",
        "route": route,
        "platform": TITLES.get(route.platform, ""),
        "kind": KIND_TITLES.get(route.kind, ""),
        "quantity": quantity,
        "candidates": describe_candidates(route, found, sees_cost=sees_cost, currency=currency),
        "unseen": count_unseen(route, request.user),
        "bought": describe_bought(
            load_bought(route, found, market, user=request.user), currency=currency, sees_cost=sees_cost
        ),
        "steps": load_steps(route, user=request.user),
        "chains": load_chains(route, user=request.user),
        "currency": currency,
        "sees_cost": sees_cost,
        "may_change": request.user.has_perm(CHANGE),
        "may_delete": request.user.has_perm("orders.delete_route"),
        "may_order": request.user.has_perm(ORDER) and route.is_active,
        "may_see_chains": request.user.has_perm("orders.view_order"),
        "least_percent": None if route.least_completion is None else f"{route.least_completion:.0%}",
    }
    return render(request, "orders/routes/detail.html", context)


def _usual_quantity(route: Route, typed: Any) -> int:
    """Return the quantity that prices are shown for: as typed, or a thousand within the limits of the route."""
    asked = read_key(typed.get("quantity", ""))
    if asked:
        return asked
    least, most = route.min_quantity or 0, route.max_quantity or USUAL_QUANTITY
    return max(least, min(USUAL_QUANTITY, most))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required((VIEW, ADD), raise_exception=True)
def add(request: HttpRequest) -> HttpResponse:
    """Make a route; ``platform`` and ``kind`` in the address fill in what the catalogue suggests."""
    if request.method == "POST":
        return _post(request, Route())
    platform, kind = request.GET.get("platform", ""), request.GET.get("kind", "")
    refill = bool(request.GET.get("refill"))
    services: list[Service] = []
    initial: dict[str, Any] = {"rule": Route.Rule.CHEAPEST}
    if platform in TITLES and kind in KIND_TITLES:
        services = list(cheapest_of_each(visible_providers(request), platform=platform, kind=kind, refill=refill))
        initial |= {"name": name_of(platform, kind, refill), "platform": platform, "kind": kind}
        initial |= {"needs_refill": refill}
    form = RouteForm(initial=initial, instance=Route(), sees_cost=request.user.has_perm("orders.view_cost"))
    keys = [service.pk for service in services]
    return _show_form(request, form, keys)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required((VIEW, CHANGE), raise_exception=True)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a route and its services."""
    route = get_object_or_404(routes_for(request.user), pk=pk)
    if request.method == "POST":
        return _post(request, route)
    form = RouteForm(instance=route, sees_cost=request.user.has_perm("orders.view_cost"))
    keys = list(route.entries.order_by("position").values_list("service_id", flat=True))
    return _show_form(request, form, keys)


def _post(request: HttpRequest, route: Route) -> HttpResponse:
    """Save the form, or with ``do`` change its list of services and show it again."""
    typed: QueryDict = request.POST
    keys = [key for text in typed.getlist("services")[:MOST_SERVICES] if (key := read_key(text)) is not None]
    form = RouteForm(typed, instance=route, sees_cost=request.user.has_perm("orders.view_cost"))
    if step := typed.get("do", ""):
        return _show_form(request, form, _moved(keys, step), q=typed.get("q", ""), is_step=True)
    services = load_services(keys, request.user)
    if form.is_valid() and not services:
        form.add_error(None, _("Add at least one service."))
    if form.is_valid():
        saved = save_route(form, services, by=request.user, request=request)
        messages.success(request, _("Saved."))
        return redirect("orders:route", pk=saved.pk)
    return _show_form(request, form, keys, q=typed.get("q", ""), status=422)


def _moved(keys: list[int], step: str) -> list[int]:
    """Return the keys after one step: ``add:5``, ``remove:5``, ``up:5`` or ``down:5``."""
    what, _colon, text = step.partition(":")
    key = read_key(text)
    if key is None:
        return keys
    if what == "add":
        return [*keys, key][:MOST_SERVICES] if key not in keys else keys
    if key not in keys:
        return keys
    place = keys.index(key)
    rest = [one for one in keys if one != key]
    if what == "remove":
        return rest
    place = max(0, place - 1) if what == "up" else place + 1
    return [*rest[:place], key, *rest[place:]]


def _show_form(
    request: HttpRequest,
    form: RouteForm,
    keys: list[int],
    *,
    q: str = "",
    is_step: bool = False,
    status: int = 200,
) -> HttpResponse:
    services = load_services(keys, request.user)
    prices = prices_for(request)
    asked = QueryDict(mutable=True)
    for name, value in (("q", q), ("platform", form["platform"].value()), ("kind", form["kind"].value())):
        if value:
            asked[name] = str(value)[:200]
    asked["type"] = "default"
    search = CatalogueFilter(asked, visible=visible_providers(request), prices=prices, reader=request.user)
    chosen = {service.pk for service in services}
    found = choose_services(search, most=MOST_FOUND + len(chosen)) if search.is_valid() else []
    context = {
        "nav": "routes",
        "form": form,
        "route": form.instance if form.instance.pk else None,
        "services": services,
        "found": [row for row in found if row.pk not in chosen][:MOST_FOUND],
        "q": q,
        "sees_cost": search.sees_cost,
        "currency": prices.currency,
        "unseen": count_unseen(form.instance, request.user),
        "asks_errors": form.is_bound and not is_step,
    }
    template = "orders/routes/form.html#picking" if is_step and is_partial(request) else "orders/routes/form.html"
    return render(request, template, context, status=status)


@require_POST
@permission_required((VIEW, "orders.delete_route"), raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a route that nothing was ordered through."""
    route = get_object_or_404(routes_for(request.user), pk=pk)
    if delete_route(route, by=request.user, request=request):
        messages.success(request, _("The route is deleted."))
        return redirect("orders:routes")
    messages.error(request, _("Orders were placed through it. Switch it off instead."))
    return redirect("orders:route", pk=pk)
