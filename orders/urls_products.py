"""Addresses of products and of their orders. Part of :mod:`orders.urls`."""

from __future__ import annotations

from django.urls import path

from orders.views import calls, exporting, product_orders, products

urlpatterns = [
    path("products/", products.list_products, name="products"),
    path("products/new/", products.create, name="product_create"),
    path("products/new/quote/", products.quote, name="product_quote"),
    path("products/orders/", product_orders.list_orders, name="product_orders"),
    path("products/orders/live/", product_orders.live_rows, name="product_live"),
    path("products/orders/export.<slug:form>", exporting.export_products, name="product_export"),
    path("products/orders/<int:pk>/", product_orders.show, name="product_detail"),
    path("products/orders/<int:pk>/calls/", calls.of_product_order, name="product_calls"),
    path("products/orders/<int:pk>/check/", product_orders.check, name="product_check"),
    path("products/orders/<int:pk>/withdraw/", product_orders.withdraw, name="product_withdraw"),
    path("products/orders/<int:pk>/approve/", product_orders.approve, name="product_approve"),
    path("products/orders/<int:pk>/note/", product_orders.note, name="product_note"),
    path("products/orders/<int:pk>/goods/", product_orders.show_goods, name="product_goods"),
]
