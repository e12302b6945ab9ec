"""Addresses of everything about orders."""

from __future__ import annotations

from django.urls import include, path

from orders.views import calls, create, dashboard, detail, exporting, listing, mass, palette, saved

app_name = "orders"

urlpatterns = [
    path("dashboard/", dashboard.show, name="dashboard"),
    path("orders/", listing.list_orders, name="list"),
    path("orders/live/", listing.live_rows, name="live"),
    path("find/", palette.find, name="find"),
    path("orders/export.<slug:form>", exporting.export, name="export"),
    path("orders/views/", saved.save, name="save_view"),
    path("orders/views/<int:pk>/rename/", saved.rename, name="rename_view"),
    path("orders/views/<int:pk>/delete/", saved.delete, name="delete_view"),
    path("orders/new/", create.create, name="create"),
    path("orders/new/quote/", create.quote, name="quote"),
    path("", include("orders.urls_settling")),
    path("", include("orders.urls_products")),
    path("notices/", include("orders.urls_notices")),
    path("orders/<int:pk>/", detail.show, name="detail"),
    path("orders/<int:pk>/note/", detail.note, name="note"),
    path("orders/<int:pk>/calls/", calls.of_order, name="calls"),
    path("orders/<int:pk>/check/", detail.check, name="check"),
    path("orders/<int:pk>/withdraw/", detail.withdraw, name="withdraw"),
    path("orders/<int:pk>/approve/", detail.approve, name="approve"),
    path("orders/mass/", mass.begin, name="mass"),
    path("orders/mass/<int:pk>/", mass.show, name="mass_detail"),
    path("orders/mass/<int:pk>/outcome.csv", mass.download, name="mass_download"),
    *(path(f"orders/mass/<int:pk>/{step}/", mass.act, {"step": step}, name=f"mass_{step}") for step in mass.STEPS),
]
