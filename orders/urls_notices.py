"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from orders.views import notices

urlpatterns = [
    path("", notices.show, name="notices"),
    path("read/", notices.mark_read, name="notices_read"),
    path("choices/", notices.choose, name="notice_choices"),
]
