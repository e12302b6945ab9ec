"""The entries of the side that lead to pages of orders."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from panelhub.navigation import Entry

ENTRIES: Final = (
    Entry("dashboard", _("Dashboard"), "orders:dashboard", "chart-bar", "orders.view_order", place=10),
    Entry("orders", _("Orders"), "orders:list", "list-bullet", "orders.view_order", place=20),
    Entry(
        "unconfirmed", _("Unconfirmed"), "orders:unconfirmed", "question-mark-circle", "orders.settle_order", place=30
    ),
    Entry("requests", _("Refills & cancels"), "orders:requests", "arrow-path", "orders.view_order", place=40),
    Entry("mass", _("Mass orders"), "orders:mass", "queue-list", "orders.view_massorder", place=50),
    Entry("schedules", _("Schedules"), "orders:schedules", "calendar-days", "orders.view_schedule", place=55),
    Entry("products", _("Products"), "orders:products", "shopping-bag", "orders.view_productorder", place=60),
    Entry("money", _("Money"), "orders:money", "scale", "orders.view_ledgerentry", place=80),
    Entry("api", _("API"), "api:docs", "code-bracket", "orders.view_order", place=100),
)
