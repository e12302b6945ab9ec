"""The Celery application of the hub."""

from __future__ import annotations

import os
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from celery import Celery
from celery.signals import celeryd_after_setup

from panelhub.background.folder_broker import register_embedded_broker, register_redis_broker
from panelhub.background.worker import set_up_worker
from panelhub.monitoring.heartbeat import SignOfLife

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panelhub.settings")

# What messages of the version before may still name; the next version drops this.
MOVED_TASKS: Final = {
    **{f"orders.tasks.{name}": f"orders.polling.tasks.{name}" for name in (
        "sync_statuses", "sync_refills", "sync_product_orders", "check_order", "check_product_order",
    )},
    **{f"orders.tasks_settling.{name}": f"orders.settlement.tasks.{name}" for name in (
        "search_window", "run_searches", "confirm_adoption",
    )},
    **{f"orders.tasks_products.{name}": f"orders.products.tasks.{name}" for name in (
        "fetch_goods", "check_product_order",
    )},
    "orders.tasks.submit_provider": "orders.submission.tasks.submit_provider",
    "orders.tasks_notices.try_channel": "orders.notifications.tasks.try_channel",
}  # fmt: skip


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


@celeryd_after_setup.connect(weak=False)
def accept_moved_tasks(**kwargs: Any) -> None:
    """Let a worker run tasks under the names that they had in the version before."""
    for old, new in MOVED_TASKS.items():
        app.tasks[old] = app.tasks[new]
