"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from orders.notifications import views as notifications_views

urlpatterns = [
    path("", notifications_views.show, name="notices"),
    path("read/", notifications_views.mark_read, name="notices_read"),
    path("choices/", notifications_views.choose, name="notice_choices"),
]
