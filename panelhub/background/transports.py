"""The brokers that the hub speaks to, and how: addresses, time limits, options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

EMBEDDED_SCHEME = "panelhub"


# The host means nothing; kombu grumbles without one.
EMBEDDED_URL = f"{EMBEDDED_SCHEME}://localhost//"
BROKER_SCHEMES: Final = ("redis", "rediss", "amqp", "amqps", "pyamqp", EMBEDDED_SCHEME)


EMBEDDED_POLL_SECONDS = 0.2


# Redis hands a message that is not acknowledged to a second worker after this long. It must exceed the longest
# task by far: within it, nothing runs twice for this reason. What a killed worker held is found sooner, by the
# sweeper, in the database.
REDIS_VISIBILITY_SECONDS = 6 * 60 * 60


# For messages and looks that must never hold anyone up; by the scheme of the broker's URL.
SHORT_LIMITS: Final[Mapping[str, Mapping[str, Any]]] = {
    "redis": {"socket_connect_timeout": 1, "socket_timeout": 1, "retry_on_timeout": False, "max_retries": 0},
    "amqp": {"read_timeout": 1, "write_timeout": 1, "max_retries": 0},
}


def is_embedded(url: str) -> bool:
    """Return whether `url` means the broker that lives in a folder."""
    return transport_scheme(url) == EMBEDDED_SCHEME


def transport_scheme(url: str) -> str:
    """Return the kind of broker `url` means: "panelhub" (embedded), "redis" or "amqp"; others as they are written."""
    scheme = urlsplit(url).scheme
    return {"rediss": "redis", "amqps": "amqp", "pyamqp": "amqp"}.get(scheme, scheme)


def transport_options(url: str, var: Path) -> dict[str, Any]:
    """Return what kombu needs to know about the broker beyond its address."""
    scheme = transport_scheme(url)
    if scheme == EMBEDDED_SCHEME:
        return {"folder": str(var / "broker"), "polling_interval": EMBEDDED_POLL_SECONDS}
    if scheme == "redis":
        return {
            "visibility_timeout": REDIS_VISIBILITY_SECONDS,
            "socket_connect_timeout": 4,
            "socket_timeout": 30,
            "socket_keepalive": True,
            "health_check_interval": 25,
        }
    return {}
