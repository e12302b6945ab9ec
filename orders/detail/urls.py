"""Addresses of one order's page."""

from __future__ import annotations

from django.urls import path

from orders.detail.views import calls
from orders.detail.views import order as views

urlpatterns = [
    path("orders/<int:pk>/", views.show, name="detail"),
    path("orders/<int:pk>/note/", views.note, name="note"),
    path("orders/<int:pk>/calls/", calls.of_order, name="calls"),
    path("orders/<int:pk>/check/", views.check, name="check"),
    path("orders/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("orders/<int:pk>/approve/", views.approve, name="approve"),
]
