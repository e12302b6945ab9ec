"""Settings of a hub that others can reach. Refuses to start when something unsafe is set.

Secrets come from the environment here, never from files made on the way: a machine that is replaced, or a second
one, would make its own, and could not read the provider keys of the first. SQLite and the embedded broker are
not refused: one machine with FULL synchronous writes loses nothing that was confirmed, only speed.
"""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from panelhub.settings import *  # noqa: F403
from panelhub.settings import (
    ALLOWED_HOSTS,
    CONTENT_SECURITY_POLICY,
    DEBUG,
    PANELHUB_ALLOW_PRIVATE_PROVIDERS,
    PANELHUB_KEYS,
    PANELHUB_METRICS_TOKEN,
    SECRET_KEY,
    SECRET_KEY_FALLBACKS,
    env,
)
from panelhub.settings.values import is_monotonous, read_list, read_number, read_switch, read_text

SHORTEST_SECRET_KEY = 50
SHORTEST_TOKEN = 20
YEAR = 365 * 24 * 60 * 60


def find_dangers() -> list[str]:
    """Return everything that must not be so in production, as sentences."""
    dangers = {
        "DEBUG is on: it shows the inside of the program to everybody.": DEBUG,
        "SECRET_KEY is not set in the environment.": not read_text(env, "SECRET_KEY"),
        f"SECRET_KEY is shorter than {SHORTEST_SECRET_KEY} characters.": len(SECRET_KEY) < SHORTEST_SECRET_KEY,
        "PANELHUB_KEYS is not set in the environment.": not read_list(env, "PANELHUB_KEYS"),
        "ALLOWED_HOSTS is not set: name the hosts under which the hub is reached.": not read_list(env, "ALLOWED_HOSTS"),
        "ALLOWED_HOSTS allows every host.": any(host.strip() in {"*", "."} for host in ALLOWED_HOSTS),
        "PANELHUB_ALLOW_PRIVATE_PROVIDERS is on: any provider's URL could point into your network.": (
            PANELHUB_ALLOW_PRIVATE_PROVIDERS
        ),
        f"PANELHUB_METRICS_TOKEN is shorter than {SHORTEST_TOKEN} characters.": (
            0 < len(PANELHUB_METRICS_TOKEN) < SHORTEST_TOKEN
        ),
        "PANELHUB_SQLITE_SYNCHRONOUS is weakened: confirmed orders could be lost with the power.": (
            read_text(env, "PANELHUB_SQLITE_SYNCHRONOUS", "FULL").upper() not in {"FULL", "EXTRA"}
        ),
        **{
            f"{name} repeats a few characters: make a random one.": any(map(is_monotonous, secrets))
            for name, secrets in {
                "SECRET_KEY": [SECRET_KEY],
                "SECRET_KEY_FALLBACKS": SECRET_KEY_FALLBACKS,
                "PANELHUB_KEYS": [key.rstrip("=") for key in PANELHUB_KEYS],
                "PANELHUB_METRICS_TOKEN": [PANELHUB_METRICS_TOKEN] if PANELHUB_METRICS_TOKEN else [],
            }.items()
        },
    }
    return [sentence for sentence, is_so in dangers.items() if is_so]


if found := find_dangers():
    raise ImproperlyConfigured("PanelHub does not start with these production settings: " + " ".join(found))

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
# The prefix makes browsers refuse cookies that a neighbouring host or an unencrypted page tries to plant.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"

SECURE_HSTS_SECONDS = read_number(env, "SECURE_HSTS_SECONDS", default=YEAR, least=0, most=10 * YEAR, unit="seconds")
SECURE_HSTS_INCLUDE_SUBDOMAINS = read_switch(env, "SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = read_switch(env, "SECURE_HSTS_PRELOAD", default=True)
SECURE_SSL_REDIRECT = read_switch(env, "SECURE_SSL_REDIRECT", default=True)
# Asked by load balancers and Prometheus from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
if read_switch(env, "PANELHUB_BEHIND_PROXY"):
    # The proxy must set this header itself and drop what clients send under its name.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "panelhub.http.static_files.HashedStaticFiles"},
}
# `manage.py prepare` has put them together; nothing is searched for while serving.
WHITENOISE_USE_FINDERS = False
