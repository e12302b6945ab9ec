"""Addresses of provider accounts and of what waits for a person there. Part of :mod:`providers.urls`."""

from __future__ import annotations

from django.urls import path

from providers.accounts.views import accounts as accounts_views_accounts
from providers.accounts.views import practice, records, setup
from providers.catalogue.views import held

urlpatterns = [
    path("", accounts_views_accounts.list_providers, name="list"),
    path("add/", setup.add, name="add"),
    path("practice/", practice.practise, name="practice"),
    path("alerts/", practice.set_alerts, name="alerts"),
    path("held/", held.show_held, name="held"),
    path("held/accept/", held.accept, name="accept_prices"),
    path("held/<int:pk>/", held.decide, name="decide_hold"),
    path("<int:pk>/", accounts_views_accounts.show_provider, name="detail"),
    path("<int:pk>/setup/", setup.set_up, name="setup"),
    path("<int:pk>/edit/", setup.edit, name="edit"),
    path("<int:pk>/remove/", setup.remove, name="remove"),
    path("<int:pk>/check/", accounts_views_accounts.check, name="check"),
    path("<int:pk>/sync/", accounts_views_accounts.sync, name="sync"),
    path("<int:pk>/pause/", accounts_views_accounts.pause, name="pause"),
    path("<int:pk>/resume/", accounts_views_accounts.resume, name="resume"),
    path("<int:pk>/word/", accounts_views_accounts.map_word, name="map_word"),
    path("<int:pk>/calls/", records.list_calls, name="calls"),
]
