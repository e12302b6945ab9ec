"""Addresses of the list of orders."""

from __future__ import annotations

from django.urls import path

from orders.listing import requests as requests_list
from orders.listing import rows
from orders.listing.views import bulk, export, requests, saved_views
from orders.listing.views import list as views
from panelhub.lists.columns import choose_columns

urlpatterns = [
    path("orders/", views.list_orders, name="list"),
    path("orders/live/", views.live_rows, name="live"),
    path("orders/columns/", choose_columns, {"table": rows.TABLE}, name="columns"),
    path("orders/export.<slug:form>", export.export, name="export"),
    path("orders/views/", saved_views.save, name="save_view"),
    path("orders/views/<int:pk>/rename/", saved_views.rename, name="rename_view"),
    path("orders/views/<int:pk>/delete/", saved_views.delete, name="delete_view"),
    path("orders/requests/", requests.list_requests, name="requests"),
    path("orders/requests/columns/", choose_columns, {"table": requests_list.TABLE}, name="requests_columns"),
    path("orders/requests/undo/", requests.undo_requests, name="undo_requests"),
    path("orders/bulk/", bulk.bulk, name="bulk"),
]
