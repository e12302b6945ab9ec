"""Addresses of what follows a sale: refills and cancels, settling, adopting, money. Part of :mod:`orders.urls`."""

from __future__ import annotations

from django.urls import path

from orders.accounting import views as accounting_views
from orders.aftercare import views as aftercare_views
from orders.settlement import views as settlement_views

urlpatterns = [
    path("orders/bulk/", aftercare_views.bulk, name="bulk"),
    path("orders/<int:pk>/ask/<slug:wish>/", aftercare_views.ask, name="ask"),
    path("orders/requests/<slug:kind>/<int:pk>/withdraw/", aftercare_views.withdraw, name="withdraw_request"),
    path("orders/unconfirmed/", settlement_views.list_all, name="unconfirmed"),
    path("orders/<int:pk>/search/", settlement_views.search, name="search"),
    path("orders/settle/<slug:kind>/<int:pk>/", settlement_views.settle, name="settle"),
    path("orders/second/<int:pk>/seen/", settlement_views.second_seen, name="second_seen"),
    path("orders/adopt/", settlement_views.adopt, name="adopt"),
    path("orders/adoptions/<int:pk>/", settlement_views.adoption, name="adoption"),
    path("orders/adoptions/<int:pk>/stop/", settlement_views.stop_adoption, name="stop_adoption"),
    path("money/", accounting_views.show, name="money"),
    path("money/export/<slug:table>.<slug:form>", accounting_views.export, name="money_export"),
    path("money/entries/", accounting_views.enter, name="money_enter"),
    path("money/entries/<int:pk>/confirm/", accounting_views.confirm, name="money_confirm"),
    path("money/entries/<int:pk>/delete/", accounting_views.delete, name="money_delete"),
]
