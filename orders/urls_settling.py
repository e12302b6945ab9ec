"""Addresses of what follows a sale: refills and cancels, settling, adopting, money. Part of :mod:`orders.urls`."""

from __future__ import annotations

from django.urls import path

from orders.views import aftercare, reconcile, settling

urlpatterns = [
    path("orders/bulk/", aftercare.bulk, name="bulk"),
    path("orders/<int:pk>/ask/<slug:wish>/", aftercare.ask, name="ask"),
    path("orders/requests/<slug:kind>/<int:pk>/withdraw/", aftercare.withdraw, name="withdraw_request"),
    path("orders/unconfirmed/", settling.list_all, name="unconfirmed"),
    path("orders/<int:pk>/search/", settling.search, name="search"),
    path("orders/settle/<slug:kind>/<int:pk>/", settling.settle, name="settle"),
    path("orders/second/<int:pk>/seen/", settling.second_seen, name="second_seen"),
    path("orders/adopt/", settling.adopt, name="adopt"),
    path("orders/adoptions/<int:pk>/", settling.adoption, name="adoption"),
    path("orders/adoptions/<int:pk>/stop/", settling.stop_adoption, name="stop_adoption"),
    path("money/", reconcile.show, name="money"),
    path("money/export/<slug:table>.<slug:form>", reconcile.export, name="money_export"),
    path("money/entries/", reconcile.enter, name="money_enter"),
    path("money/entries/<int:pk>/confirm/", reconcile.confirm, name="money_confirm"),
    path("money/entries/<int:pk>/delete/", reconcile.delete, name="money_delete"),
]
