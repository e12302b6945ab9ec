"""Addresses of the API for programs: the endpoint itself, and the pages about it."""

from __future__ import annotations

from django.urls import path

from orders.views import api

urlpatterns = [
    path("api/v2", api.endpoint, name="api_v2"),
    path("api/v2/", api.endpoint),
]
