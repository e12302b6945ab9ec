"""Addresses of tickets."""

from __future__ import annotations

from django.urls import path

from orders.tickets import views

urlpatterns = [
    path("orders/tickets/", views.show_list, name="tickets"),
    path("orders/tickets/new/", views.create, name="ticket_create"),
    path("orders/tickets/<int:pk>/", views.show, name="ticket"),
    path("orders/tickets/<int:pk>/answer/", views.act, {"step": "answer"}, name="ticket_answer"),
    path("orders/tickets/<int:pk>/remind/", views.act, {"step": "remind"}, name="ticket_remind"),
]
