"""The Celery application of the hub."""

from __future__ import annotations

import os

from celery import Celery

from panelhub.background.folder_broker import register_embedded_broker, register_redis_broker
from panelhub.background.worker import set_up_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panelhub.settings")

register_embedded_broker()
register_redis_broker()
app = Celery("panelhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
set_up_worker(app)
