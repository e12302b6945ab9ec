"""Every address of the hub."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from django.views.i18n import set_language

from panelhub import handbook
from panelhub.audit import views as audit_views
from panelhub.monitoring import job_views
from panelhub.monitoring.health import healthz
from panelhub.monitoring.metrics import show_metrics
from panelhub.security import profile_views
from panelhub.security import views as security_views
from panelhub.security.password_reset import ForgottenPasswordView, NewPasswordView, has_mail, show_sent
from panelhub.security.password_views import OwnPasswordView

handler500 = "panelhub.monitoring.crash_pages.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="orders:list", http_method_names=("get", "head")), name="home"),
    path(
        "login/",
        LoginView.as_view(http_method_names=("get", "head", "post"), extra_context={"has_mail": has_mail}),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("i18n/setlang/", require_POST(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path("audit/", audit_views.list_events, name="audit"),
    path("handbook/", handbook.show, name="handbook"),
    path("handbook/<slug:slug>/", handbook.show, name="handbook_page"),
    path("jobs/", job_views.list_jobs, name="jobs"),
    path("jobs/<slug:slug>/run/", job_views.run_now, name="run_job"),
    path("password/forgotten/", ForgottenPasswordView.as_view(), name="password_forgotten"),
    path("password/forgotten/sent/", show_sent, name="password_forgotten_sent"),
    path("password/new/<uidb64>/<token>/", NewPasswordView.as_view(), name="password_new"),
    path("profile/", profile_views.show_profile, name="profile"),
    path("profile/sessions/end/", profile_views.end_others, name="end_other_sessions"),
    path("profile/sessions/<slug:slug>/end/", profile_views.end, name="end_session"),
    path("password/", OwnPasswordView.as_view(), name="password_change"),
    path("second-factor/", security_views.show, name="second_factor"),
    path("second-factor/verify/", security_views.verify, name="second_factor_verify"),
    path("second-factor/remove/", security_views.remove, name="second_factor_remove"),
    path("healthz", healthz, name="healthz"),
    path("metrics", show_metrics, name="metrics"),
    path("", include("orders.api.urls")),
]
urlpatterns += [path("", include(f"{app}.urls")) for app in ("orders", "providers") if find_spec(f"{app}.urls")]
