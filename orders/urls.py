"""Addresses of everything about orders."""

from __future__ import annotations

from django.urls import include, path

from orders.detail.views import calls
from orders.detail.views import order as detail_views_order
from orders.listing.views import export, saved_views
from orders.listing.views import list as listing_views_list
from orders.mass import views as mass_views
from orders.palette import views as palette_views
from orders.placement import views as placement_views
from orders.statistics import views as statistics_views

app_name = "orders"

urlpatterns = [
    path("dashboard/", statistics_views.show, name="dashboard"),
    path("orders/", listing_views_list.list_orders, name="list"),
    path("orders/live/", listing_views_list.live_rows, name="live"),
    path("find/", palette_views.find, name="find"),
    path("orders/export.<slug:form>", export.export, name="export"),
    path("orders/views/", saved_views.save, name="save_view"),
    path("orders/views/<int:pk>/rename/", saved_views.rename, name="rename_view"),
    path("orders/views/<int:pk>/delete/", saved_views.delete, name="delete_view"),
    path("orders/new/", placement_views.create, name="create"),
    path("orders/new/quote/", placement_views.quote, name="quote"),
    path("", include("orders.settlement.urls")),
    path("", include("orders.products.urls")),
    path("notices/", include("orders.notifications.urls")),
    path("orders/<int:pk>/", detail_views_order.show, name="detail"),
    path("orders/<int:pk>/note/", detail_views_order.note, name="note"),
    path("orders/<int:pk>/calls/", calls.of_order, name="calls"),
    path("orders/<int:pk>/check/", detail_views_order.check, name="check"),
    path("orders/<int:pk>/withdraw/", detail_views_order.withdraw, name="withdraw"),
    path("orders/<int:pk>/approve/", detail_views_order.approve, name="approve"),
    path("orders/mass/", mass_views.begin, name="mass"),
    path("orders/mass/<int:pk>/", mass_views.show, name="mass_detail"),
    path("orders/mass/<int:pk>/outcome.csv", mass_views.download, name="mass_download"),
    *(
        path(f"orders/mass/<int:pk>/{step}/", mass_views.act, {"step": step}, name=f"mass_{step}")
        for step in mass_views.STEPS
    ),
]
