"""Addresses of clients."""

from __future__ import annotations

from django.urls import path

from orders.clients import views

urlpatterns = [
    path("", views.list_clients, name="clients"),
    path("names/", views.suggest, name="client_names"),
    path("new/", views.add, name="client_add"),
    path("<int:pk>/", views.show, name="client"),
    path("<int:pk>/edit/", views.edit, name="client_edit"),
    path("<int:pk>/report/", views.report, name="client_report"),
    path("<int:pk>/report/xlsx/", views.report_workbook, name="client_workbook"),
    path("<int:pk>/export/", views.export, name="client_export"),
    path("<int:pk>/anonymise/", views.anonymise, name="client_anonymise"),
]
