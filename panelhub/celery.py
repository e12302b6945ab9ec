"""The Celery application of the hub."""

from __future__ import annotations

import os
from importlib import import_module
from pkgutil import iter_modules

from celery import Celery

from panelhub.background.folder_broker import register_embedded_broker, register_redis_broker
from panelhub.background.worker import set_up_worker
from panelhub.monitoring.heartbeat import SignOfLife

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panelhub.settings")


def find_domains() -> list[str]:
    """Return the packages one level below the apps of the hub; those with a module ``tasks`` hold work for workers."""
    return [
        f"{app}.{module.name}"
        for app in ("providers", "orders")
        for module in iter_modules(import_module(app).__path__)
        if module.ispkg
    ]


register_embedded_broker()
register_redis_broker()
app = Celery("panelhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(find_domains)
set_up_worker(app, SignOfLife)
