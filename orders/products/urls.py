"""Addresses of products and of their orders. Part of :mod:`orders.urls`."""

from __future__ import annotations

from django.urls import path

from orders.detail.views import calls
from orders.listing.views import export
from orders.products.views import orders as products_views_orders
from orders.products.views import shop

urlpatterns = [
    path("products/", shop.list_products, name="products"),
    path("products/new/", shop.create, name="product_create"),
    path("products/new/quote/", shop.quote, name="product_quote"),
    path("products/orders/", products_views_orders.list_orders, name="product_orders"),
    path("products/orders/live/", products_views_orders.live_rows, name="product_live"),
    path("products/orders/export.<slug:form>", export.export_products, name="product_export"),
    path("products/orders/<int:pk>/", products_views_orders.show, name="product_detail"),
    path("products/orders/<int:pk>/calls/", calls.of_product_order, name="product_calls"),
    path("products/orders/<int:pk>/check/", products_views_orders.check, name="product_check"),
    path("products/orders/<int:pk>/withdraw/", products_views_orders.withdraw, name="product_withdraw"),
    path("products/orders/<int:pk>/approve/", products_views_orders.approve, name="product_approve"),
    path("products/orders/<int:pk>/note/", products_views_orders.note, name="product_note"),
    path("products/orders/<int:pk>/goods/", products_views_orders.show_goods, name="product_goods"),
]
