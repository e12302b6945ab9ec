"""Addresses of bundles."""

from __future__ import annotations

from django.urls import path

from orders.bundles import views

urlpatterns = [
    path("", views.list_bundles, name="bundles"),
    path("new/", views.add, name="bundle_add"),
    path("<int:pk>/", views.show, name="bundle"),
    path("<int:pk>/edit/", views.edit, name="bundle_edit"),
]
