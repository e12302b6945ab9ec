"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from orders.notifications import channel_views
from orders.notifications import views as notifications_views

urlpatterns = [
    path("", notifications_views.show, name="notices"),
    path("read/", notifications_views.mark_read, name="notices_read"),
    path("channels/", channel_views.list_channels, name="channels"),
    path("channels/add/<slug:way>/", channel_views.add, name="channel_add"),
    path("channels/<int:pk>/", channel_views.change, name="channel"),
    path("channels/<int:pk>/test/", channel_views.test, name="channel_test"),
    path("channels/<int:pk>/remove/", channel_views.remove, name="channel_remove"),
    path("choices/", notifications_views.choose, name="notice_choices"),
]
