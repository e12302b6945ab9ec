"""Addresses of what is unconfirmed: settling and adopting."""

from __future__ import annotations

from django.urls import path

from orders.settlement import batch_views, views

urlpatterns = [
    path("orders/unconfirmed/", views.list_all, name="unconfirmed"),
    path("orders/<int:pk>/search/", views.search, name="search"),
    path("orders/settle/<slug:kind>/<int:pk>/", views.settle, name="settle"),
    path("orders/settle/<slug:kind>/batch/<uuid:call>/", batch_views.settle_batch, name="settle_batch"),
    path("orders/settle/<slug:kind>/batch/<uuid:call>/check/", batch_views.check_batch, name="check_batch"),
    path("orders/second/<int:pk>/seen/", views.second_seen, name="second_seen"),
    path("orders/adopt/", views.adopt, name="adopt"),
    path("orders/adoptions/<int:pk>/", views.adoption, name="adoption"),
    path("orders/adoptions/<int:pk>/stop/", views.stop_adoption, name="stop_adoption"),
]
