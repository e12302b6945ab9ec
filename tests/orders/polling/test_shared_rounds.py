"""Several processes at one round, one of them killed: all is polled, and nothing is in history twice."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from orders.models import Order, OrderEvent, PollRound
from panelhub.models import JobLease
from tests.helpers.at_sandbox import LONG, calls_of, join, pick_service, place_directly
from tests.helpers.waiting import wait_until
from tests.helpers.workers import ROOT, name_test_database

if TYPE_CHECKING:
    from providers.sandbox import Sandbox

pytestmark = pytest.mark.long

PANELS = ("servsmm", "smmplus", "smpanelim", "smmprovider", "smmvna")
ORDERS_EACH = 600
BATCH = 10


def start(stack: ExitStack) -> subprocess.Popen[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": name_test_database()}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sync_statuses"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    stack.enter_context(process)
    stack.callback(process.kill)
    return process


@pytest.mark.django_db(transaction=True)
def test_four_processes_share_the_work_and_one_is_killed_halfway(box: Sandbox) -> None:
    for slug in PANELS:
        panel = box.panel(slug)
        panel.balance = 1_000_000
        provider = join(box, slug, overrides={"limits": {"multi_status": BATCH}})
        ids = place_directly(panel, pick_service(panel), ORDERS_EACH)
        Order.objects.bulk_create([Order(provider=provider, external_id=one, status="pending") for one in ids])
        panel.advance(LONG)
        panel.latency = 0.02

    def asked() -> int:
        return sum(len(calls_of(box.panel(slug), "status")) for slug in PANELS)

    with ExitStack() as stack:
        processes = [start(stack) for _number in range(4)]
        wait_until(lambda: asked() > 30, seconds=60, what="the first calls")
        victim = wait_until(lambda: _holder_among(processes), what="a process with work in hand")
        victim.kill()
        others = [process for process in processes if process is not victim]
        for process in others:
            out, err = process.communicate(timeout=120)
            assert (process.returncode, err) == (0, ""), out

    orders = len(PANELS) * ORDERS_EACH
    assert Order.objects.filter(status="completed").count() == orders
    assert OrderEvent.objects.filter(after="completed").values("order").distinct().count() == orders
    assert OrderEvent.objects.count() == orders
    assert not PollRound.objects.exclude(started_at=None).exists()
    assert asked() >= orders // BATCH


def _holder_among(processes: list[subprocess.Popen[str]]) -> subprocess.Popen[str] | None:
    """Return a process that is asking a provider right now."""
    holders = JobLease.objects.filter(job="sync_statuses").values_list("holder", flat=True)
    pids = {holder.split("|")[2] for holder in holders if holder.count("|") == 3}
    return next((process for process in processes if str(process.pid) in pids), None)
