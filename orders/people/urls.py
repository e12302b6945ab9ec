"""Addresses of people."""

from __future__ import annotations

from django.urls import path

from orders.people import views as people_views

urlpatterns = [
    path("", people_views.list_people, name="people"),
    path("add/", people_views.add, name="person_add"),
    path("<int:pk>/", people_views.show, name="person"),
    path("<int:pk>/access/", people_views.access, name="person_access"),
    path("<int:pk>/log-out/", people_views.log_out, name="person_log_out"),
    path("<int:pk>/second-factor/", people_views.forget_factor, name="person_forget_factor"),
]
