"""Scale: 100,000 open orders over five panels, brought up to date by four worker processes of which one is killed.

Real workers on Redis, a real schedule, the sandbox over real HTTP, 300 calls a minute at each panel. Halfway a worker
that is in the middle of a stretch of orders is killed (SIGKILL). In the end each order must stand as the panel's own
books say, charge included, and no order may have the same line of history twice. Only where there is a database server.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import connection

from tests.bench.harness import Row

PANELS: Final = ("servsmm", "smmplus", "smpanelim", "smmprovider", "smmvna")
WORKERS: Final = 4
RATE: Final = 300
BATCH: Final = 100
QUANTITY: Final = 2_000
LONG: Final = 14 * 24 * 3600.0
PATIENCE: Final = 900.0
ROOT: Final = Path(__file__).resolve().parents[2]


Books = dict[int, tuple[str, Decimal | None]]
"""By an order's key: its state and its charge."""


def run(size: int) -> list[Row]:
    """Measure ``size`` orders; nothing without a database server and a broker."""
    from django.conf import settings

    if connection.vendor == "sqlite" or not settings.CELERY_BROKER_URL.startswith(("redis", "amqp")):
        return []
    from providers.sandbox import LIFELIKE, Sandbox

    with Sandbox(fates=LIFELIKE, only=PANELS) as box, ExitStack() as stack:
        expected = _prepare(box, size // len(PANELS))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="panelhub-bench-"))
        environment = os.environ | {"PANELHUB_SANDBOX_ORIGIN": box.address}
        workers = [_start(stack, environment, folder, f"worker{number}") for number in range(WORKERS)]
        beat = _start(stack, environment, folder, "beat")
        return _watch(box, workers, beat, expected, size)


def _watch(box: Any, workers: list[Any], beat: Any, expected: Books, size: int) -> list[Row]:
    from orders.models import Order
    from panelhub.models import JobLease

    batches = -(-size // len(PANELS) // BATCH) * len(PANELS)
    began = _wait(lambda: _calls(box) and time.perf_counter(), "the first call")
    _wait(lambda: _calls(box) >= batches // 2, "half of the calls")
    victim = _wait(lambda: _at_work(workers, JobLease), "a worker in the middle of a round")
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    died = time.perf_counter() - began
    _wait(lambda: not Order.objects.filter(pk__in=_few_left(expected)).exists(), "the last order")
    took = time.perf_counter() - began
    calls = _calls(box)
    living = sum(worker.poll() is None for worker in [*workers, beat])
    wrong, twice = _check(expected)
    at_budget = batches / len(PANELS) * 60 / RATE
    return [
        Row("scale", f"{size:,} orders, {len(PANELS)} panels, {WORKERS} workers, one killed after {died:.0f} s",
            "all up to date", f"{at_budget:.0f} s of budget", f"{took:.0f} s", f"{took / at_budget:.2f}",
            living == WORKERS),
        Row("scale", "orders that differ from the panels' books", "0", "", str(wrong), "", wrong == 0),
        Row("scale", "orders with a line of history twice", "0", "", str(twice), "", twice == 0),
        Row("scale", "status calls", "N / 100, and what the killed one had begun", str(batches), str(calls), ""),
    ]  # fmt: skip


def _prepare(box: Any, count: int) -> Books:
    """Return orders at the panels and here; by key, how each stands there."""
    from orders.models import Order
    from providers.models import Provider

    expected: Books = {}
    for slug in PANELS:
        panel = box.panel(slug)
        panel.balance = 10**9
        ids = _place(panel, count)
        panel.advance(LONG)
        provider = Provider.objects.create(
            name=f"scale {slug}", dialect=slug, api_url=box.url(slug), api_key=box.key(slug), is_sandbox=True,
            requests_per_minute=RATE, currency=panel.document.currency,
        )  # fmt: skip
        Order.objects.bulk_create(
            (Order(provider=provider, external_id=one, status="pending", link="https://example.com/") for one in ids),
            batch_size=2_000,
        )
        keys = dict(Order.objects.filter(provider=provider).values_list("external_id", "pk"))
        expected |= {keys[one]: figures for one, figures in _books(panel, ids)}
        panel.requests.clear()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return expected


def _place(panel: Any, count: int) -> list[str]:
    # Above what always completes: some end partial or canceled.
    service = next(one for one in panel.services.values() if one.type == "Default" and one.maximum >= QUANTITY)
    ids = []
    for number in range(count):
        reply = panel.receive(
            {
                "key": panel.key, "action": "add", "service": str(service.id), "quantity": str(QUANTITY),
                "link": f"https://example.com/scale/{number}",
            }
        )  # fmt: skip
        ids.append(str(json.loads(reply.body)["order"]))
    return ids


def _books(panel: Any, ids: list[str]) -> Any:
    """Return what the panel itself says of its orders, read without the hub's readers."""
    for start in range(0, len(ids), BATCH):
        asked = ",".join(ids[start : start + BATCH])
        reply = panel.receive({"key": panel.key, "action": "status", "orders": asked})
        for one, row in json.loads(reply.body, parse_float=Decimal).items():
            charge = row.get("charge")
            word = str(row["status"]).lower().replace(" ", "_")
            yield str(one), (word, None if charge is None else Decimal(str(charge)))


def _start(stack: ExitStack, environment: dict[str, str], folder: str, name: str) -> subprocess.Popen[bytes]:
    quiet = ("-W", "ignore:You're running the worker with superuser")
    options = ["beat"] if name == "beat" else [
        "worker", "--hostname", f"{name}-{os.getpid()}@localhost", "--concurrency", "4", "--prefetch-multiplier", "1",
        "--queues", ",".join(f"{environment['PANELHUB_QUEUE_PREFIX']}{queue}" for queue in ("clicks", "background")),
        "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    log = stack.enter_context((Path(folder) / f"{name}.log").open("wb"))
    process = subprocess.Popen(
        [sys.executable, *quiet, "-m", "celery", "--quiet", "--app", "panelhub", *options, "--loglevel", "WARNING"],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )  # fmt: skip
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _calls(box: Any) -> int:
    return sum(call.action == "status" for slug in PANELS for call in list(box.panel(slug).requests))


def _at_work(workers: list[Any], leases: Any) -> Any:
    """Return a worker that asks a provider at this moment, or None."""
    holders = {
        holder.split("|")[2]
        for holder in leases.objects.filter(job="sync_statuses").values_list("holder", flat=True)
        if "|" in holder
    }
    return next((worker for worker in workers if str(worker.pid) in holders), None)


def _few_left(expected: dict[int, Any]) -> Any:
    """Return keys of orders that do not stand as expected yet; at most a few."""
    from orders.models import Order

    still = Order.objects.filter(status="pending").values_list("pk", flat=True)[:1_000]
    return [pk for pk in still if expected[pk][0] != "pending"]


def _check(expected: Books) -> tuple[int, int]:
    from orders.models import Order, OrderEvent

    found = Order.objects.values_list("pk", "status", "charge")
    wrong = sum((status, charge) != expected[pk] for pk, status, charge in found.iterator())
    lines = Counter(OrderEvent.objects.filter(kind__in=["state", "reopened"]).values_list("order_id", "after"))
    return wrong + len(expected) - Order.objects.count(), sum(count > 1 for count in lines.values())


def _wait(look: Any, what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Waited {PATIENCE:g} s in vain for {what}.")
        time.sleep(0.2)
    return found
