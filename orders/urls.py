"""Addresses of everything about orders."""

from __future__ import annotations

from django.urls import path

from orders.views import create, detail, listing

app_name = "orders"

urlpatterns = [
    path("orders/", listing.list_orders, name="list"),
    path("orders/live/", listing.live_rows, name="live"),
    path("orders/new/", create.create, name="create"),
    path("orders/new/quote/", create.quote, name="quote"),
    path("orders/<int:pk>/", detail.show, name="detail"),
    path("orders/<int:pk>/check/", detail.check, name="check"),
    path("orders/<int:pk>/withdraw/", detail.withdraw, name="withdraw"),
    path("orders/<int:pk>/approve/", detail.approve, name="approve"),
]
