"""Addresses of mass orders."""

from __future__ import annotations

from django.urls import path

from orders.mass.views import batch, form, lines, steps

urlpatterns = [
    path("orders/mass/", form.begin, name="mass"),
    path("orders/mass/<int:pk>/", batch.show, name="mass_detail"),
    path("orders/mass/<int:pk>/lines/<int:number>/", lines.mend, name="mass_line"),
    path("orders/mass/<int:pk>/outcome.csv", batch.download, name="mass_download"),
    *(path(f"orders/mass/<int:pk>/{step}/", steps.act, {"step": step}, name=f"mass_{step}") for step in steps.STEPS),
]
