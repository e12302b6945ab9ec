"""Addresses of products and of their orders. Part of :mod:`orders.urls`."""

from __future__ import annotations

from django.urls import path

from orders.detail.views import calls
from orders.products.views import export, shop
from orders.products.views import orders as views

urlpatterns = [
    path("products/", shop.list_products, name="products"),
    path("products/new/", shop.create, name="product_create"),
    path("products/new/quote/", shop.quote, name="product_quote"),
    path("products/orders/", views.list_orders, name="product_orders"),
    path("products/orders/live/", views.live_rows, name="product_live"),
    path("products/orders/export.<slug:form>", export.export_products, name="product_export"),
    path("products/orders/<int:pk>/", views.show, name="product_detail"),
    path("products/orders/<int:pk>/calls/", calls.of_product_order, name="product_calls"),
    path("products/orders/<int:pk>/check/", views.check, name="product_check"),
    path("products/orders/<int:pk>/withdraw/", views.withdraw, name="product_withdraw"),
    path("products/orders/<int:pk>/approve/", views.approve, name="product_approve"),
    path("products/orders/<int:pk>/note/", views.note, name="product_note"),
    path("products/orders/<int:pk>/goods/", views.show_goods, name="product_goods"),
]
