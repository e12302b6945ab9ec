"""Addresses of what is unconfirmed: settling and adopting."""

from __future__ import annotations

from django.urls import path

from orders.settlement import views

urlpatterns = [
    path("orders/unconfirmed/", views.list_all, name="unconfirmed"),
    path("orders/<int:pk>/search/", views.search, name="search"),
    path("orders/settle/<slug:kind>/<int:pk>/", views.settle, name="settle"),
    path("orders/second/<int:pk>/seen/", views.second_seen, name="second_seen"),
    path("orders/adopt/", views.adopt, name="adopt"),
    path("orders/adoptions/<int:pk>/", views.adoption, name="adoption"),
    path("orders/adoptions/<int:pk>/stop/", views.stop_adoption, name="stop_adoption"),
]
