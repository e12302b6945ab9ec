"""The managers' page: spend, states, quality, balances, and what waits for someone."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orders.statistics.contexts import PERIODS, Dashboard


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def show(request: HttpRequest) -> HttpResponse:
    """Show the dashboard for a period of days (`?days=`); costs only for those who may see them."""
    asked = request.GET.get("days", "")
    sees_cost = request.user.has_perm("orders.view_cost")
    board = Dashboard(request.user, days=int(asked) if asked.isdecimal() and len(asked) < 4 else 0, sees_cost=sees_cost)
    context = {
        "nav": "dashboard",
        "sees_cost": sees_cost,
        "periods": PERIODS,
        "days": board.days,
        "currency": board.currency,
        "without_rate": ", ".join(board.without_rate),
        "totals": board.totals(),
        "spend_chart": board.spend_chart() if sees_cost else "",
        "orders_chart": board.orders_chart(),
        "states": board.state_lines(),
        "people": board.people(),
        "providers": board.provider_lines(),
        "spend_by_provider": board.spend_by_provider(),
        "watched": board.watched(),
        "price_changes": board.price_changes() if request.user.has_perm("providers.view_service") else [],
    }
    return render(request, "orders/statistics/dashboard.html", context)
