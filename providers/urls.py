"""Addresses of everything about providers and what they sell."""

from __future__ import annotations

from django.urls import path

from providers.views import accounts, catalogue

app_name = "providers"

urlpatterns = [
    path("services/", catalogue.list_services, name="services"),
    path("services/<int:pk>/", catalogue.show_service, name="service"),
    path("providers/", accounts.list_providers, name="list"),
    path("providers/<int:pk>/", accounts.show_provider, name="detail"),
    path("providers/<int:pk>/check/", accounts.check, name="check"),
]
