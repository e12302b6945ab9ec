"""Addresses of one order's page."""

from __future__ import annotations

from django.urls import path

from orders.detail.views import calls, chain
from orders.detail.views import order as views

urlpatterns = [
    path("orders/<int:pk>/", views.show, name="detail"),
    path("orders/<int:pk>/note/", views.note, name="note"),
    path("orders/<int:pk>/calls/", calls.of_order, name="calls"),
    path("orders/<int:pk>/check/", views.check, name="check"),
    path("orders/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("orders/<int:pk>/approve/", views.approve, name="approve"),
    path("chains/<int:pk>/", chain.show, name="chain"),
    path("chains/<int:pk>/stop/", chain.stop, name="chain_stop"),
    path("chains/<int:pk>/move/", chain.move, name="chain_move"),
    path("chains/<int:pk>/buy/", chain.buy, name="chain_buy"),
    path("chains/<int:pk>/continue/", chain.go_on, name="chain_continue"),
    path("chains/<int:pk>/close/", chain.close, name="chain_close"),
]
