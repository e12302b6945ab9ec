"""Order through a route: choose or pin, set the ceiling, look at it once more, place it."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders.models import Route
from orders.permissions import routes_for
from orders.placement.form_tokens import TokenReused
from orders.placement.posted import read_key, read_token, undo_until
from orders.placement.services import DuplicateLink
from orders.placement.spending_limits import why_limit_unset
from orders.placement.validation import OrderInvalid
from orders.routes.choice import Market, find_candidates
from orders.routes.contexts import describe_candidates
from orders.routes.editing import load_services
from orders.routes.forms import RouteOrderForm
from orders.routes.services import place_chain
from panelhub.http.htmx import is_partial
from providers.models import Service

MAY_ORDER: Final = ("orders.view_route", "orders.add_order")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_ORDER, raise_exception=True)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """Order through a route: choose or pin, set the ceiling, look at it once more, place it."""
    route = get_object_or_404(routes_for(request.user), pk=pk)
    sees_cost = request.user.has_perm("orders.view_cost")
    typed: QueryDict = request.POST if request.method == "POST" else request.GET
    step = request.POST.get("step", "")
    if request.method != "POST" or step in {"quote", "edit"}:
        form = RouteOrderForm(initial=typed.dict(), sees_cost=sees_cost)
        return _show_order(request, route, form, typed, is_quote=step == "quote")
    form = RouteOrderForm(typed, sees_cost=sees_cost)
    if not form.is_valid():
        return _show_order(request, route, form, typed, status=422)
    given = form.cleaned_data
    if step == "review":
        return _show_order(request, route, form, typed, is_review=True)
    try:
        chain = place_chain(
            user=request.user,
            route=route,
            link=given["link"],
            quantity=given["quantity"],
            ceiling=given.get("ceiling"),
            pinned=_pinned(request, route, typed),
            form_token=read_token(typed),
            not_before=undo_until(),
            confirm_duplicate=bool(typed.get("confirm_duplicate")),
            note=given["note"],
            client_label=given["client_label"],
        )
    except OrderInvalid as refusal:
        form.show_errors(refusal.errors)
        twin = refusal.order if isinstance(refusal, DuplicateLink) else None
        is_new = isinstance(refusal, TokenReused)
        return _show_order(request, route, form, typed, twin=twin, is_new=is_new, status=422)
    messages.info(request, _("Ordered through %(route)s.") % {"route": route.name})
    return redirect("orders:chain", pk=chain.pk)


def _pinned(request: HttpRequest, route: Route, typed: Any) -> Service | None:
    """Return the service of the route that the person chose, if it is one that they see."""
    key = read_key(typed.get("pinned", ""))
    if key is None or not route.entries.filter(service=key).exists():
        return None
    found = load_services([key], request.user)
    return found[0] if found else None


def _show_order(
    request: HttpRequest,
    route: Route,
    form: RouteOrderForm,
    typed: QueryDict,
    *,
    twin: Any = None,
    is_quote: bool = False,
    is_review: bool = False,
    is_new: bool = False,
    status: int = 200,
) -> HttpResponse:
    market = Market()
    pinned = _pinned(request, route, typed)
    quantity = read_key(typed.get("quantity", "").strip())
    sees_cost = request.user.has_perm("orders.view_cost")
    found = find_candidates(
        route,
        quantity=quantity or None,
        person=request.user,
        link=typed.get("link", "").strip(),
        pinned=pinned,
        market=market,
    )
    rows = describe_candidates(
        route, found, sees_cost=sees_cost, currency=market.rules.currency, pinned=pinned.pk if pinned else None
    )
    unset = why_limit_unset(request.user)
    context = {
        "nav": "",
        "route": route,
        "form": form,
        "candidates": rows,
        "taken": next((row for row in rows if row.is_taken), None),
        "next_two": [row for row in rows if row.fits and not row.is_taken][:2],
        "pinned": pinned,
        "currency": market.rules.currency,
        "sees_cost": sees_cost,
        "twin": twin,
        "confirm_duplicate": typed.get("confirm_duplicate"),
        "form_token": uuid.uuid4() if is_new else read_token(typed) or uuid.uuid4(),
        "closed": unset or ("" if route.is_active else _("This route is disabled.")),
        "typed": typed,
    }
    template = "orders/routes/order.html"
    if is_review:
        template = "orders/routes/review.html"
        context["kept"] = [(name, typed[name]) for name in (*form.fields, "pinned") if typed.get(name)]
    elif is_quote and is_partial(request):
        template += "#candidates"
    return render(request, template, context, status=status)
