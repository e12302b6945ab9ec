"""The Celery application."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orders.models import Order
from panelhub.background.dispatch import publish
from panelhub.celery import MOVED_TASKS, accept_moved_tasks, app
from panelhub.schedule import CLICKS
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, list_service, pick_service, queue_order
from tests.helpers.waiting import wait_until


def test_every_domain_with_tasks_is_found() -> None:
    app.loader.import_default_modules()

    assert {f"orders.{room}" for room in ("submission", "polling", "settlement", "accounting", "currency")} <= {
        name.rpartition(".tasks.")[0] for name in app.tasks
    }


def test_a_moved_task_is_the_one_of_today() -> None:
    app.loader.import_default_modules()
    before = dict(app.tasks)
    try:
        accept_moved_tasks()

        assert all(app.tasks[old] is before[new] for old, new in MOVED_TASKS.items())
    finally:
        for old in MOVED_TASKS:
            app.tasks.pop(old, None)


@pytest.mark.django_db(transaction=True)
def test_a_message_of_the_version_before_is_run(box: Sandbox, start_worker: Callable[..., object]) -> None:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    order = queue_order(list_service(join(box, "smmplus"), pick_service(panel)))
    start_worker()

    publish("orders.tasks.submit_provider", order.provider_id, queue=CLICKS)

    wait_until(lambda: Order.objects.get().status == "pending", what="the order to be placed")
