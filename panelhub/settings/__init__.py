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
from django.utils.translation import gettext_lazy as _

from panelhub.background.transports import EMBEDDED_URL
from panelhub.launcher.private_files import keep_files_private
from panelhub.settings.celery import celery_settings
from panelhub.settings.database import database_settings
from panelhub.settings.deadlines import read_deadlines
from panelhub.settings.logging import logging_settings
from panelhub.settings.secrets import keep, make_fernet_key, make_secret_key, open_folder

# Before anything is written: web servers, workers and commands all read their settings first.
keep_files_private()

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()
# The tests name a file that does not exist here, so that nobody's own `.env` changes what they test.
env.read_env(os.environ.get("PANELHUB_ENV_FILE", str(BASE_DIR / ".env")))

PANELHUB_VAR = open_folder(Path(env.str("PANELHUB_VAR", default=str(BASE_DIR / "var"))).resolve())
PANELHUB_KEYS: list[str] = env.list("PANELHUB_KEYS", default=[]) or [
    keep(PANELHUB_VAR / "panelhub_key", make_fernet_key)
]
PANELHUB_ALLOW_PRIVATE_PROVIDERS = env.bool("PANELHUB_ALLOW_PRIVATE_PROVIDERS", default=False)
# Whether notices may leave unencrypted, to a mail server or chat on this machine or in a network of one's own.
PANELHUB_ALLOW_PLAIN_CHANNELS = env.bool("PANELHUB_ALLOW_PLAIN_CHANNELS", default=False)
# Whether pages and workers tell people of a part of the hub that is dead.
PANELHUB_ALARM = True
# Where the hub can be reached, for links in what it sends: https://hub.example.com
PANELHUB_ORIGIN = env.str("PANELHUB_ORIGIN", default="").rstrip("/")
# Set by `manage.py run` alone, to the exact origin of the sandbox it started.
PANELHUB_SANDBOX_ORIGIN = env.str("PANELHUB_SANDBOX_ORIGIN", default="")
# Where a sheet of exchange rates lies, in the form of the European Central Bank's; empty: none are fetched.
PANELHUB_RATES_URL = env.str("PANELHUB_RATES_URL", default="")
# How many proxies of ours stand in front: that many entries at the end of X-Forwarded-For are believed.
PANELHUB_PROXIES = env.int("PANELHUB_PROXIES", default=0)
PANELHUB_PAID_SECONDS, PANELHUB_READ_SECONDS, PANELHUB_SWEEP_SECONDS = read_deadlines(env)
PANELHUB_SESSION_IDLE_SECONDS = env.int("PANELHUB_SESSION_IDLE_SECONDS", default=60 * 60)
PANELHUB_SESSION_SECONDS = env.int("PANELHUB_SESSION_SECONDS", default=12 * 60 * 60)

SECRET_KEY = env.str("SECRET_KEY", default="") or keep(PANELHUB_VAR / "secret_key", make_secret_key)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

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
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# One name tried from one address: a guesser is stopped, and cannot lock a colleague out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
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
LANGUAGES = [("en", _("English")), ("vi", _("Vietnamese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

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

EMAIL_CONFIG: dict[str, Any] = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="panelhub@localhost")

LOGGING = logging_settings(level=env.str("LOG_LEVEL", default="INFO"), json=env.bool("LOG_JSON", default=False))
# Off unless set: errors then go to this tracker, scrubbed.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default="production")
# Off unless set: who shows this token may read /metrics.
PANELHUB_METRICS_TOKEN = env.str("PANELHUB_METRICS_TOKEN", default="")
# Records of calls: how long paid ones are kept, and how much room all of them may take.
PANELHUB_CALL_RECORDS_DAYS = env.int("PANELHUB_CALL_RECORDS_DAYS", default=365)
PANELHUB_CALL_RECORDS_MB = env.int("PANELHUB_CALL_RECORDS_MB", default=500)

PANELHUB_QUEUE_PREFIX = env.str("PANELHUB_QUEUE_PREFIX", default="")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or EMBEDDED_URL
vars().update(celery_settings(CELERY_BROKER_URL, PANELHUB_VAR, queue_prefix=PANELHUB_QUEUE_PREFIX))
CELERY_TIMEZONE = TIME_ZONE
