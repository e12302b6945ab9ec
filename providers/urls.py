"""Addresses of everything about providers and what they sell."""

from __future__ import annotations

from django.urls import include, path

from panelhub.lists.columns import choose_columns
from providers.catalogue.contexts import TABLE
from providers.catalogue.views import catalogue as catalogue_views_catalogue
from providers.catalogue.views import changes as catalogue_views_changes
from providers.catalogue.views import service

app_name = "providers"

urlpatterns = [
    path("services/", catalogue_views_catalogue.list_services, name="services"),
    path("services/columns/", choose_columns, {"table": TABLE}, name="services_columns"),
    path("services/export/<slug:form>/", catalogue_views_catalogue.export, name="services_export"),
    path("services/changes/", catalogue_views_changes.list_changes, name="changes"),
    path("services/<int:pk>/", service.show_service, name="service"),
    path("services/<int:pk>/open/", service.open_again, name="service_open"),
    path("services/<int:pk>/orders/", service.show_orders, name="service_orders"),
    path("services/<int:pk>/facts/", service.change_facts, name="service_facts"),
    path("services/<int:pk>/favourite/", catalogue_views_catalogue.favourite, name="favourite"),
    path("providers/", include("providers.accounts.urls")),
]
