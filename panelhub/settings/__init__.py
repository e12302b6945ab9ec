"""Settings of the hub, from the environment or a `.env` file at the root (the environment wins).

With nothing set, all that the hub writes lies under `var/`: an SQLite database, the embedded broker's
messages, and the two secrets made on first use. `panelhub.settings.production` builds on this module
and refuses to start when something is left unsafe.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from panelhub.background.transports import BROKER_SCHEMES, EMBEDDED_URL
from panelhub.encryption.vault import fernet_key
from panelhub.launcher.private_files import keep_files_private
from panelhub.settings.celery import celery_settings
from panelhub.settings.database import database_settings
from panelhub.settings.deadlines import read_deadlines
from panelhub.settings.logging import logging_settings
from panelhub.settings.secrets import keep, make_fernet_key, make_secret_key, open_folder
from panelhub.settings.values import (
    read_choice,
    read_days,
    read_hosts,
    read_list,
    read_mail_address,
    read_mail_server,
    read_networks,
    read_number,
    read_origin,
    read_origins,
    read_slug,
    read_switch,
    read_text,
    read_time_zone,
    read_url,
)

# Before anything is written: web servers, workers and commands all read their settings first.
keep_files_private()

BASE_DIR = Path(__file__).resolve().parents[2]

THIRTEEN_MONTHS = 396

env = environ.Env()
# The tests name a file that does not exist here, so that no one's own `.env` changes what they test.
env.read_env(os.environ.get("PANELHUB_ENV_FILE", str(BASE_DIR / ".env")))

PANELHUB_VAR = open_folder(Path(read_text(env, "PANELHUB_VAR", str(BASE_DIR / "var"))).resolve())
PANELHUB_KEYS: list[str] = read_list(env, "PANELHUB_KEYS") or [keep(PANELHUB_VAR / "panelhub_key", make_fernet_key)]
for _key in PANELHUB_KEYS:
    fernet_key(_key)
PANELHUB_ALLOW_PRIVATE_PROVIDERS = read_switch(env, "PANELHUB_ALLOW_PRIVATE_PROVIDERS")
# Whether notices may leave unencrypted, to a mail server or chat on this machine or in a network of one's own.
PANELHUB_ALLOW_PLAIN_CHANNELS = read_switch(env, "PANELHUB_ALLOW_PLAIN_CHANNELS")
# Whether pages and workers tell people of a part of the hub that is dead.
PANELHUB_ALARM = True
# Where the hub can be reached, for links in what it sends: https://hub.example.com
PANELHUB_ORIGIN = read_origin(env, "PANELHUB_ORIGIN")
# Set by `manage.py run` alone, to the exact origin of the sandbox it started.
PANELHUB_SANDBOX_ORIGIN = read_origin(env, "PANELHUB_SANDBOX_ORIGIN")
# Where a sheet of exchange rates lies, in the form of the European Central Bank's; empty: none are fetched.
PANELHUB_RATES_URL = read_url(env, "PANELHUB_RATES_URL", ("https", "http"))
# How many proxies of ours stand in front: that many entries at the end of X-Forwarded-For are believed.
PANELHUB_PROXIES = read_number(env, "PANELHUB_PROXIES", default=0, least=0, most=10)
# Networks (10.0.0.0/8, a comma list) from which /healthz and /metrics answer by address, without a name or a token.
PANELHUB_PROBE_NETWORKS = read_networks(env, "PANELHUB_PROBE_NETWORKS")
PANELHUB_PAID_SECONDS, PANELHUB_READ_SECONDS, PANELHUB_SWEEP_SECONDS = read_deadlines(env)
PANELHUB_SESSION_IDLE_SECONDS, PANELHUB_SESSION_SECONDS = (
    read_number(env, _name, default=_hours * 3600, least=60, most=30 * 24 * 3600, unit="seconds")
    for _name, _hours in (("PANELHUB_SESSION_IDLE_SECONDS", 1), ("PANELHUB_SESSION_SECONDS", 12))
)

SECRET_KEY = read_text(env, "SECRET_KEY") or keep(PANELHUB_VAR / "secret_key", make_secret_key)
SECRET_KEY_FALLBACKS: list[str] = read_list(env, "SECRET_KEY_FALLBACKS")
DEBUG = read_switch(env, "DEBUG")
ALLOWED_HOSTS: list[str] = read_hosts(env, "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = read_origins(env, "CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "panelhub",
    "orders",
    "providers",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_otp",
    "heroicons",
    # The explicit loaders below do what its automatic set-up would, visibly.
    "template_partials.apps.SimpleAppConfig",
]

MIDDLEWARE = [
    "panelhub.http.request_id.RequestIdMiddleware",
    "panelhub.monitoring.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "panelhub.http.middleware.ProgramsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "panelhub.http.middleware.PrivatePagesMiddleware",
    "panelhub.http.middleware.OutOfRangeMiddleware",
    "panelhub.http.htmx.HtmxRedirectMiddleware",
    "panelhub.http.middleware.SessionLimitsMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "panelhub.security.second_factor.SecondFactorMiddleware",
    "panelhub.security.handed_passwords.HandedPasswordMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "panelhub.http.htmx.HtmxMessagesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last, as its documentation asks: it answers in place of a view that a lockout ended.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "panelhub.urls"
WSGI_APPLICATION = "panelhub.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "panelhub.context_processors.hub",
                "panelhub.navigation.navigation",
                "orders.listing.header.header",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    },
]

DATABASES = {"default": database_settings(env, PANELHUB_VAR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "panelhub.security.backends.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A link to choose a new password is good for an hour.
PASSWORD_RESET_TIMEOUT = 60 * 60
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Which guesses are looked at: panelhub/security/login_throttle.py.
AXES_HANDLER = "panelhub.security.login_throttle.LoginThrottle"
AXES_COOLOFF_TIME = 0.25  # hours
# A try that is turned away is not counted.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_CLIENT_IP_CALLABLE = "panelhub.http.client_ip.client_ip"
AXES_USERNAME_CALLABLE = "panelhub.http.client_ip.tried_name"
AXES_VERBOSE = False

SESSION_COOKIE_AGE = PANELHUB_SESSION_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Crashes show no variables and nothing that was posted, in debug mode too.
DEFAULT_EXCEPTION_REPORTER = "panelhub.monitoring.crash_pages.ScrubbedReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "panelhub.monitoring.crash_pages.SecretsFilter"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, dict[str, Any]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
# A pasted list of ten thousand links fits; a body meant to fill the memory does not.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LANGUAGE_CODE = "en"
# Only what is translated whole can be chosen; `make messages` begins a further one.
# Each is named in itself: whoever looks for theirs cannot read the others.
LANGUAGES = [("en", "English"), ("th", "ไทย"), ("tr", "Türkçe"), ("vi", "Tiếng Việt")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = read_time_zone(env, "TIME_ZONE")

STATIC_URL = "static/"
STATIC_ROOT = open_folder(PANELHUB_VAR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Without a manifest there is nothing to collect: the files are served from where they lie.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

EMAIL_CONFIG: dict[str, Any] = read_mail_server(env, "EMAIL_URL")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = read_mail_address(env, "DEFAULT_FROM_EMAIL", "panelhub@localhost")

LOGGING = logging_settings(
    level=read_choice(env, "LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO"),
    json=read_switch(env, "LOG_JSON"),
)
# Off unless set: errors then go to this tracker, scrubbed.
SENTRY_DSN = read_url(env, "SENTRY_DSN", ("https", "http"))
SENTRY_ENVIRONMENT = read_text(env, "SENTRY_ENVIRONMENT", "production")
# Off unless set: who shows this token may read /metrics.
PANELHUB_METRICS_TOKEN = read_text(env, "PANELHUB_METRICS_TOKEN")
# How many days rows are kept; None is for ever. What only helps to find faults is kept for 13 months.
PANELHUB_CALL_RECORDS_DAYS = read_number(
    env, "PANELHUB_CALL_RECORDS_DAYS", default=THIRTEEN_MONTHS, least=1, most=36_500, unit="days"
)
PANELHUB_DIAGNOSTICS_DAYS = read_days(env, "PANELHUB_DIAGNOSTICS_DAYS", default=THIRTEEN_MONTHS)
PANELHUB_CATALOGUE_CHANGES_DAYS = read_days(env, "PANELHUB_CATALOGUE_CHANGES_DAYS", default=None)
PANELHUB_ORDERS_DAYS = read_days(env, "PANELHUB_ORDERS_DAYS", default=None, least=THIRTEEN_MONTHS)
PANELHUB_AUDIT_DAYS = read_days(env, "PANELHUB_AUDIT_DAYS", default=None, least=THIRTEEN_MONTHS)
# How much room all records of calls may take: 13 months at 200,000 orders a month.
PANELHUB_CALL_RECORDS_MB = read_number(
    env, "PANELHUB_CALL_RECORDS_MB", default=1_500, least=1, most=1_000_000, unit="megabytes"
)

PANELHUB_QUEUE_PREFIX = read_slug(env, "PANELHUB_QUEUE_PREFIX")
CELERY_BROKER_URL = read_url(env, "CELERY_BROKER_URL", BROKER_SCHEMES) or EMBEDDED_URL
vars().update(celery_settings(CELERY_BROKER_URL, PANELHUB_VAR, queue_prefix=PANELHUB_QUEUE_PREFIX))
CELERY_TIMEZONE = TIME_ZONE
