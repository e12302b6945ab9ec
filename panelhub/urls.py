"""Every address of the hub."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from panelhub.health import healthz
from panelhub.views import jobs, second_factor

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="orders:list"), name="home"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("jobs/", jobs.list_jobs, name="jobs"),
    path("jobs/<slug:slug>/run/", jobs.run_now, name="run_job"),
    path("second-factor/", second_factor.show, name="second_factor"),
    path("second-factor/verify/", second_factor.verify, name="second_factor_verify"),
    path("second-factor/remove/", second_factor.remove, name="second_factor_remove"),
    path("healthz", healthz, name="healthz"),
    path("", include("orders.urls_api")),
]
urlpatterns += [path("", include(f"{app}.urls")) for app in ("orders", "providers") if find_spec(f"{app}.urls")]
