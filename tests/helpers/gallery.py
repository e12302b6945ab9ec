"""Every component on one page, for looking at and for measuring: `/gallery/` of this URLconf."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from panelhub.ui import formatting
from panelhub.urls import urlpatterns as pages

STORIES = (
    ("in_progress", 5_000, 1_820, "4.5"),
    ("queued", 1_000, None, None),
    ("unconfirmed", 250, None, None),
    ("completed", 10_000, -12, "90.00012"),
    ("partial", 1_000, 400, "1.234"),
    ("failed", 100, 100, "0"),
    ("canceled", 200, 200, "0"),
)


class Example(forms.Form):
    """One field of each look."""

    link = forms.CharField(label="Link", help_text="The address of the profile or post.")
    quantity = forms.IntegerField(label="Quantity", min_value=50, help_text="From 50 to 10,000.")
    delay = forms.ChoiceField(label="Delay, minutes", choices=[("0", "0"), ("5", "5")])
    expiry = forms.CharField(label="Expires on", required=False, disabled=True)
    comments = forms.CharField(label="Comments", widget=forms.Textarea(attrs={"rows": 4}), help_text="One a line.")


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component, with figures that are made up."""
    now = timezone.now()
    rows = []
    for number, (status, total, remains, charge) in enumerate(STORIES):
        shown = formatting.badge(status)
        rows.append(
            {
                "pk": 100_412 - number,
                "service": "Instagram Followers [Real, 30 days refill] – Max 500K – 0-1 h start",
                "link": f"https://instagram.com/some.very.long.profile.name/{number}",
                "badge": shown,
                "progress": formatting.format_progress(
                    total=total, remains=remains, tone=shown.tone, start_count=None if remains is None else 1_200
                ),
                "charge": formatting.format_money(Decimal(charge) if charge else None, "USD"),
                "when": formatting.format_when(now - timedelta(minutes=3**number), now),
            }
        )
    messages.success(request, "Order #100412 is queued.")
    messages.error(request, "smm.plus: not enough funds.")
    form = Example({"link": "nope", "quantity": "10", "delay": "0"})
    context = {
        "rows": rows,
        "form": form,
        "states": list(formatting.STATES),
        "nav": "orders",
        "header": SimpleNamespace(unconfirmed=3, unconfirmed_text="3"),
        "hub_warnings": ["No worker is running. Orders are safe and will be sent when one is back."],
        "sandbox_origin": "http://127.0.0.1:1",
        "tabs": [
            {"label": "All", "url": "#", "current": True},
            {"label": "Needs attention", "url": "#", "count": "3", "tone": "alert"},
            {"label": "Active", "url": "#", "count": "1,000+"},
            {"label": "Done", "url": "#"},
        ],
        "chips": [{"name": "Provider", "value": "smm.plus", "url": "#"}],
        "clear_url": "#",
        "page": {"first_url": "#", "previous_url": "#", "next_url": "#"},
        "figures": [9, 8.5, 8, 12, 11, 10.5, 9, 7, 6.5, 6, 5.8, 9, 8],
        "days": [(str(day), (day * 37) % 90 + 3) for day in range(1, 15)],
        "amount": Decimal("100.84292"),
        "now": now,
    }
    return render(request, "components/gallery.html", context)


urlpatterns = [path("gallery/", gallery), *pages]
