"""Celery's settings, for the embedded broker and for Redis or RabbitMQ."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kombu import Queue

from panelhub.schedule import BACKGROUND, CLICKS, beat_schedule

EMBEDDED_SCHEME = "panelhub"
EMBEDDED_POLL_SECONDS = 0.2
TASK_SOFT_SECONDS = 15 * 60
TASK_HARD_SECONDS = 20 * 60
# Redis hands a message that is not acknowledged to a second worker after this long. It must exceed the longest
# task by far: within it, nothing runs twice for this reason. What a killed worker held is found sooner, by the
# sweeper, in the database.
REDIS_VISIBILITY_SECONDS = 6 * 60 * 60


def celery_settings(broker_url: str, var: Path) -> dict[str, Any]:
    """Return Django settings (names begin with CELERY_) for `broker_url`; empty means the embedded broker in `var`."""
    url = broker_url or f"{EMBEDDED_SCHEME}://"
    return {
        "CELERY_BROKER_URL": url,
        "CELERY_BROKER_TRANSPORT_OPTIONS": transport_options(url, var),
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_CONNECTION_TIMEOUT": 4,
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_RESULT_SERIALIZER": "json",
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED": False,
        "CELERY_TASK_PUBLISH_RETRY": False,
        "CELERY_TASK_QUEUES": (Queue(CLICKS), Queue(BACKGROUND)),
        "CELERY_TASK_DEFAULT_QUEUE": BACKGROUND,
        "CELERY_TASK_SOFT_TIME_LIMIT": TASK_SOFT_SECONDS,
        "CELERY_TASK_TIME_LIMIT": TASK_HARD_SECONDS,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_WORKER_REDIRECT_STDOUTS": False,
        # Remote control needs a mailbox per worker; on the embedded broker those of dead workers would fill up for ever.
        "CELERY_WORKER_ENABLE_REMOTE_CONTROL": not is_embedded(url),
        "CELERY_WORKER_SEND_TASK_EVENTS": False,
        "CELERY_BEAT_SCHEDULE": dict(beat_schedule()),
        "CELERY_BEAT_SCHEDULER": "panelhub.beat:HubScheduler",
        "CELERY_BEAT_MAX_LOOP_INTERVAL": 5,
    }


def is_embedded(url: str) -> bool:
    """Whether `url` means the broker that lives in a folder."""
    return urlsplit(url).scheme == EMBEDDED_SCHEME


def transport_options(url: str, var: Path) -> dict[str, Any]:
    """What kombu needs to know about the broker beyond its address."""
    scheme = urlsplit(url).scheme
    if scheme == EMBEDDED_SCHEME:
        return {"folder": str(var / "broker"), "polling_interval": EMBEDDED_POLL_SECONDS}
    if scheme in {"redis", "rediss"}:
        return {
            "visibility_timeout": REDIS_VISIBILITY_SECONDS,
            "socket_connect_timeout": 4,
            "socket_timeout": 30,
            "socket_keepalive": True,
            "health_check_interval": 25,
        }
    return {}
