"""Addresses of the money page."""

from __future__ import annotations

from django.urls import path

from orders.accounting import views

urlpatterns = [
    path("money/", views.show, name="money"),
    path("money/export/<slug:table>.<slug:form>", views.export, name="money_export"),
    path("money/entries/", views.enter, name="money_enter"),
    path("money/entries/<int:pk>/confirm/", views.confirm, name="money_confirm"),
    path("money/entries/<int:pk>/delete/", views.delete, name="money_delete"),
]
