"""Addresses of everything about orders: those of each domain."""

from __future__ import annotations

from django.urls import include, path

from orders.first_steps import views as first_steps_views
from orders.palette import views as palette_views
from orders.statistics import views as statistics_views

app_name = "orders"

urlpatterns = [
    path("dashboard/", statistics_views.show, name="dashboard"),
    path("first-steps/", first_steps_views.show, name="first_steps"),
    path("first-steps/hide/", first_steps_views.hide, name="first_steps_hide"),
    path("find/", palette_views.find, name="find"),
    path("", include("orders.listing.urls")),
    path("", include("orders.placement.urls")),
    path("bundles/", include("orders.bundles.urls")),
    path("clients/", include("orders.clients.urls")),
    path("", include("orders.aftercare.urls")),
    path("", include("orders.settlement.urls")),
    path("", include("orders.accounting.urls")),
    path("", include("orders.products.urls")),
    path("notices/", include("orders.notifications.urls")),
    path("people/", include("orders.people.urls")),
    path("routes/", include("orders.routes.urls")),
    path("", include("orders.detail.urls")),
    path("", include("orders.mass.urls")),
    path("", include("orders.schedules.urls")),
    path("", include("orders.tickets.urls")),
]
