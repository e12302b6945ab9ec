"""Addresses of the order form."""

from __future__ import annotations

from django.urls import path

from orders.placement import views

urlpatterns = [
    path("orders/new/", views.create, name="create"),
    path("orders/new/quote/", views.quote, name="quote"),
]
