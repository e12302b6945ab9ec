"""The managers' page: spend, states, quality, balances, and what waits for someone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from orders.statistics.attention import find_attention
from orders.statistics.contexts import Dashboard
from orders.statistics.provider_lines import provider_lines
from orders.statistics.totals import LONGEST, Period
from panelhub.ui.fields import DayField

PERIODS: Final = (7, 14, 30, 90)
USUAL: Final = 14


class PeriodForm(forms.Form):
    """A range of days, both ends included."""

    use_required_attribute = False

    since = DayField(label=lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = DayField(label=lazy("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", _("The end date is before the start date."))
        elif since and until and (until - since).days >= LONGEST:
            self.add_error("since", _("Choose at most %(days)s days.") % {"days": LONGEST})
        return given


def _read_period(request: HttpRequest) -> tuple[Period, PeriodForm, int]:
    """Return the period of `?days=`, or of `?since=` and `?until=`; its form; and the days chosen, 0 for a range."""
    today = timezone.localdate()
    if "since" in request.GET or "until" in request.GET:
        form = PeriodForm(request.GET)
        if form.is_valid():
            return Period(form.cleaned_data["since"], form.cleaned_data["until"]), form, 0
        return Period(today - timedelta(days=USUAL - 1), today), form, 0
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else USUAL
    days = days if days in PERIODS else USUAL
    period = Period(today - timedelta(days=days - 1), today)
    return period, PeriodForm({"since": period.since.isoformat(), "until": today.isoformat()}), days


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def show(request: HttpRequest) -> HttpResponse:
    """Show the dashboard for a period; costs only for those who may see them."""
    sees_cost = request.user.has_perm("orders.view_cost")
    period, form, days = _read_period(request)
    board = Dashboard(request.user, period, sees_cost=sees_cost)
    context = {
        "nav": "dashboard",
        "sees_cost": sees_cost,
        "form": form,
        "periods": PERIODS,
        "days": days,
        "period": period,
        "currency": board.currency,
        "without_rate": ", ".join(board.without_rate),
        "figures": board.figures(),
        "spend_chart": board.spend_chart() if sees_cost else "",
        "orders_chart": board.orders_chart(),
        "states": board.state_lines(),
        "people": board.people(),
        "providers": provider_lines(board),
        "attention": find_attention(request.user, board),
        "price_changes": board.price_changes() if request.user.has_perm("providers.view_service") else [],
    }
    return render(request, "orders/statistics/dashboard.html", context)
