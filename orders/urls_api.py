"""Addresses of the API for programs: the endpoint itself, and the pages about it."""

from __future__ import annotations

from django.urls import include, path, re_path

from orders.views import api, api_pages, api_shelf, api_tokens

pages = [
    path("", api_pages.docs, name="docs"),
    path("openapi.json", api_pages.openapi, name="openapi"),
    path("tokens/", api_tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/", api_tokens.token, name="token"),
    path("tokens/<int:pk>/switch/", api_tokens.switch_token, name="switch_token"),
    path("services/", api_shelf.services, name="shelf"),
    path("products/", api_shelf.products, name="products"),
    re_path(r"^(?P<tab>shelf|products)/change/$", api_shelf.change_shelf, name="change_shelf"),
    path("open/<int:pk>/", api_shelf.open_service, name="open_service"),
    path("markups/", api_shelf.markups, name="markups"),
]

urlpatterns = [
    path("api/v2", api.endpoint, name="api_v2"),
    path("api/v2/", api.endpoint),
    path("api/", include((pages, "api"))),
]
