"""Addresses of mass orders."""

from __future__ import annotations

from django.urls import path

from orders.mass import line_views, views

urlpatterns = [
    path("orders/mass/", views.begin, name="mass"),
    path("orders/mass/<int:pk>/", views.show, name="mass_detail"),
    path("orders/mass/<int:pk>/lines/<int:number>/", line_views.mend, name="mass_line"),
    path("orders/mass/<int:pk>/outcome.csv", views.download, name="mass_download"),
    *(path(f"orders/mass/<int:pk>/{step}/", views.act, {"step": step}, name=f"mass_{step}") for step in views.STEPS),
]
