"""Addresses of routes."""

from __future__ import annotations

from django.urls import path

from orders.routes import order_views, views

urlpatterns = [
    path("", views.list_routes, name="routes"),
    path("suggestions/", views.suggest, name="route_suggestions"),
    path("add/", views.add, name="route_add"),
    path("<int:pk>/", views.show, name="route"),
    path("<int:pk>/edit/", views.edit, name="route_edit"),
    path("<int:pk>/delete/", views.delete, name="route_delete"),
    path("<int:pk>/order/", order_views.order, name="route_order"),
]
