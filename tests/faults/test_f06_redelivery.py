"""F6: Redis delivers a message again while it is still being worked on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from orders.models import Order
from panelhub.background import dispatch
from panelhub.background.transports import transport_scheme
from panelhub.schedule import CLICKS
from providers.sandbox import Panel, Sandbox
from tests.faults.sizes import FULL_SIZE
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order
from tests.helpers.conservation import check_conservation
from tests.helpers.waiting import wait_until

SLOW_SECONDS = 15.0
ORDERS = 20
# Said by tests.helpers.redelivery, which only the workers import: it changes the process it is in.
MARK = "a message was handed out again"


@pytest.mark.skipif(not FULL_SIZE, reason="takes minutes; `make torture` tries it")
def test_f6_what_redis_delivers_again_while_it_runs_sends_nothing_twice(
    box: Sandbox, panel: Panel, start_worker: Callable[..., Any]
) -> None:
    if transport_scheme(settings.CELERY_BROKER_URL) != "redis":
        pytest.skip("only Redis delivers again what is not acknowledged in time")
    provider = join(box, "standard")
    service = list_service(provider, pick_service(panel))
    for number in range(ORDERS):
        queue_order(service, number=number)
    panel.latency = SLOW_SECONDS
    workers = [start_worker(options=("--include", "tests.helpers.redelivery")) for _ in range(2)]
    for _ring in range(4):
        dispatch.publish("orders.submission.tasks.submit_provider", provider.pk, queue=CLICKS)

    wait_until(
        lambda: not Order.objects.exclude(status="pending").exists(), seconds=600.0, what="all orders to be placed"
    )

    assert any(MARK in worker.log for worker in workers), "nothing was delivered again: this proves nothing"
    assert len(calls_of(panel, "add")) == ORDERS
    assert check_conservation(box.ledger, [provider], at_rest=True) == []
