"""Addresses of everything about providers and what they sell."""

from __future__ import annotations

from django.urls import include, path

from providers.views import catalogue, changes, service

app_name = "providers"

urlpatterns = [
    path("services/", catalogue.list_services, name="services"),
    path("services/export/<slug:form>/", catalogue.export, name="services_export"),
    path("services/changes/", changes.list_changes, name="changes"),
    path("services/<int:pk>/", service.show_service, name="service"),
    path("services/<int:pk>/orders/", service.show_orders, name="service_orders"),
    path("services/<int:pk>/favourite/", catalogue.favourite, name="favourite"),
    path("providers/", include("providers.urls_accounts")),
]
