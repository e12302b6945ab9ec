"""Addresses of refills and cancels."""

from __future__ import annotations

from django.urls import path

from orders.aftercare import views

urlpatterns = [
    path("orders/<int:pk>/ask/<slug:wish>/", views.ask, name="ask"),
    path("orders/<int:pk>/refill-care/", views.care, name="refill_care"),
    path("orders/requests/<slug:kind>/<int:pk>/withdraw/", views.withdraw, name="withdraw_request"),
]
