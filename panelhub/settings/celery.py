"""Celery's settings, for the embedded broker and for Redis or RabbitMQ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kombu import Exchange, Queue

from panelhub.background.transports import is_embedded, transport_options
from panelhub.schedule import BACKGROUND, CLICKS

WORKER_THREADS = 8
TASK_SOFT_SECONDS = 15 * 60
TASK_HARD_SECONDS = 20 * 60


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


def _queue(name: str) -> Queue:
    # Without an exchange and key of its own, Celery would bind every queue to the default one's.
    return Queue(name, Exchange(name, type="direct"), routing_key=name)
