"""Addresses of schedules."""

from __future__ import annotations

from django.urls import path

from orders.schedules.views import pages, setup, steps

urlpatterns = [
    path("orders/schedules/", pages.show_list, name="schedules"),
    path("orders/schedules/calendar/", pages.show_calendar, name="schedule_calendar"),
    path("orders/schedules/new/", setup.create, name="schedule_create"),
    path("orders/schedules/<int:pk>/", pages.show, name="schedule_detail"),
    *(
        path(f"orders/schedules/<int:pk>/{step}/", steps.act, {"step": step}, name=f"schedule_{step}")
        for step in steps.STEPS
    ),
]
