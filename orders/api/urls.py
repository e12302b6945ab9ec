"""Addresses of the API for programs: the endpoint itself, and the pages about it."""

from __future__ import annotations

from django.urls import include, path, re_path

from orders.api.views import docs, endpoint, offers, tokens

pages = [
    path("", docs.docs, name="docs"),
    path("openapi.json", docs.openapi, name="openapi"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/", tokens.token, name="token"),
    path("tokens/<int:pk>/switch/", tokens.switch_token, name="switch_token"),
    path("services/", offers.services, name="shelf"),
    path("products/", offers.products, name="products"),
    re_path(r"^(?P<tab>shelf|products)/change/$", offers.change_offers, name="change_shelf"),
    path("open/<int:pk>/", offers.open_service, name="open_service"),
    path("markups/", offers.markups, name="markups"),
]

urlpatterns = [
    path("api/v2", endpoint.endpoint, name="api_v2"),
    path("api/v2/", endpoint.endpoint),
    path("api/", include((pages, "api"))),
]
