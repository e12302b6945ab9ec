"""Celery's settings, for the embedded broker and for Redis or RabbitMQ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from kombu import Exchange, Queue

from panelhub.schedule import BACKGROUND, CLICKS

EMBEDDED_SCHEME = "panelhub"
# The host means nothing; kombu grumbles without one.
EMBEDDED_URL = f"{EMBEDDED_SCHEME}://localhost//"
EMBEDDED_POLL_SECONDS = 0.2
WORKER_THREADS = 8
TASK_SOFT_SECONDS = 15 * 60
TASK_HARD_SECONDS = 20 * 60
# Redis hands a message that is not acknowledged to a second worker after this long. It must exceed the longest
# task by far: within it, nothing runs twice for this reason. What a killed worker held is found sooner, by the
# sweeper, in the database.
REDIS_VISIBILITY_SECONDS = 6 * 60 * 60
# For messages and looks that must never hold anybody up; by the scheme of the broker's URL.
SHORT_LIMITS: Final[Mapping[str, Mapping[str, Any]]] = {
    "redis": {"socket_connect_timeout": 1, "socket_timeout": 1, "retry_on_timeout": False, "max_retries": 0},
    "amqp": {"read_timeout": 1, "write_timeout": 1, "max_retries": 0},
}


def celery_settings(url: str, var: Path, *, queue_prefix: str = "") -> dict[str, Any]:
    """Return Django settings (names begin with CELERY_) for the broker at `url`; the embedded one lives in `var`.

    `queue_prefix` goes before the names of the queues, for several hubs on one broker.
    """
    return {
        "CELERY_BROKER_TRANSPORT_OPTIONS": transport_options(url, var),
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_CONNECTION_TIMEOUT": 4,
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_RESULT_SERIALIZER": "json",
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED": False,
        "CELERY_TASK_PUBLISH_RETRY": False,
        "CELERY_TASK_QUEUES": tuple(_queue(f"{queue_prefix}{name}") for name in (CLICKS, BACKGROUND)),
        "CELERY_TASK_DEFAULT_QUEUE": f"{queue_prefix}{BACKGROUND}",
        "CELERY_TASK_SOFT_TIME_LIMIT": TASK_SOFT_SECONDS,
        "CELERY_TASK_TIME_LIMIT": TASK_HARD_SECONDS,
        "CELERY_WORKER_POOL": "panelhub.background.pool:TaskPool",
        "CELERY_WORKER_CONCURRENCY": WORKER_THREADS,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_WORKER_REDIRECT_STDOUTS": False,
        # Remote control needs a mailbox per worker; the embedded broker would keep those of dead workers for ever.
        "CELERY_WORKER_ENABLE_REMOTE_CONTROL": not is_embedded(url),
        "CELERY_WORKER_SEND_TASK_EVENTS": False,
        "CELERY_BEAT_SCHEDULER": "panelhub.background.scheduler:HubScheduler",
    }


def is_embedded(url: str) -> bool:
    """Whether `url` means the broker that lives in a folder."""
    return transport_scheme(url) == EMBEDDED_SCHEME


def transport_scheme(url: str) -> str:
    """The kind of broker `url` means: "panelhub" (embedded), "redis" or "amqp"; others as they are written."""
    scheme = urlsplit(url).scheme
    return {"rediss": "redis", "amqps": "amqp", "pyamqp": "amqp"}.get(scheme, scheme)


def transport_options(url: str, var: Path) -> dict[str, Any]:
    """What kombu needs to know about the broker beyond its address."""
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


def _queue(name: str) -> Queue:
    # Without an exchange and key of its own, Celery would bind every queue to the default one's.
    return Queue(name, Exchange(name, type="direct"), routing_key=name)
