"""The entries of the side that lead to pages of orders."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from panelhub.navigation import MONEY, SYSTEM, WORK, Entry

ENTRIES: Final = (
    Entry("dashboard", _("Dashboard"), "orders:dashboard", "chart-bar", "orders.view_order", 10, WORK),
    Entry("orders", _("Orders"), "orders:list", "list-bullet", "orders.view_order", 20, WORK),
    Entry(
        *("unconfirmed", _("Unconfirmed"), "orders:unconfirmed", "question-mark-circle", "orders.settle_order"),
        *(30, WORK, "unconfirmed", "alert"),
    ),
    Entry("requests", _("Refills & cancels"), "orders:requests", "arrow-path", "orders.view_order", 40, WORK),
    Entry("tickets", _("Tickets"), "orders:tickets", "envelope", "orders.view_order", 45, WORK),
    Entry("mass", _("Mass orders"), "orders:mass", "queue-list", "orders.view_massorder", 50, WORK),
    Entry("schedules", _("Schedules"), "orders:schedules", "calendar-days", "orders.view_schedule", 55, WORK),
    Entry("routes", _("Routes"), "orders:routes", "arrows-right-left", "orders.view_route", 57, WORK),
    Entry("products", _("Products"), "orders:products", "shopping-bag", "orders.view_productorder", 60, WORK),
    Entry("bundles", _("Bundles"), "orders:bundles", "rectangle-stack", "orders.view_bundle", 52, WORK),
    Entry("clients", _("Clients"), "orders:clients", "users", "orders.view_client", 55, WORK),
    Entry("money", _("Money"), "orders:money", "scale", "orders.view_ledgerentry", 10, MONEY),
    Entry("people", _("People"), "orders:people", "user-group", "auth.view_user", 10, SYSTEM),
    Entry("channels", _("Channels"), "orders:channels", "bell", "orders.view_channel", 20, SYSTEM),
    Entry("api", _("API"), "api:docs", "code-bracket", "orders.view_order", 40, SYSTEM),
)
