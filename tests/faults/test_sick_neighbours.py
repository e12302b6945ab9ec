"""Providers that hang or ask for pauses hold up no one but themselves: real sockets, a real worker, one of each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from orders.models import Order
from tests.chaos.neighbours import make_accounts, order_beside
from tests.helpers.sick_panels import DRIPPING, HELD, MUTE, SICK, SLOW_TLS, Panel
from tests.helpers.waiting import wait_until
from tests.helpers.workers import WorkerProcess

pytestmark = pytest.mark.long

# A call that hangs does so for this long: whoever waited for one would be seen.
HANGS_FOR = 20.0
LONGEST_WAIT = 8.0
"""Beyond the call itself, on a machine that has other tests to run; a quiet one needs less than two seconds."""
SECONDS = 10.0


def _run(start_worker: Callable[..., WorkerProcess], kinds: list[str]) -> None:
    with ExitStack() as stack:
        panels = [stack.enter_context(Panel(kind)) for kind in kinds]
        healthy = stack.enter_context(Panel())
        accounts = make_accounts([*panels, healthy], orders=8)
        start_worker(
            concurrency=16,
            options=("--with-schedule",),
            environment={"PANELHUB_PAID_SECONDS": str(HANGS_FOR), "PANELHUB_READ_SECONDS": str(HANGS_FOR)},
        )
        wait_until(lambda: all(panel.touched for panel in panels), seconds=40, what="the sick ones to be called")

        found = order_beside(accounts[-1], healthy, seconds=SECONDS, grace=30)

        assert found.is_well(longest=LONGEST_WAIT), found
        assert len(found.orders) > 5
        # One that hangs has one call out: a read gives way to an order.
        assert max(panel.most_old for panel in panels) <= 1
        assert not Order.objects.filter(provider__in=accounts[:-1], external_id__isnull=False).exists()


@pytest.mark.parametrize("kind", [HELD, DRIPPING, MUTE, SLOW_TLS])
def test_five_of_a_kind_hold_up_no_one(start_worker: Any, kind: str) -> None:
    _run(start_worker, [kind] * 5)


@pytest.mark.parametrize("count", [5, 20])
def test_some_of_each_kind_hold_up_no_one(start_worker: Any, count: int) -> None:
    _run(start_worker, [SICK[number % len(SICK)] for number in range(count)])
