"""Brokers that lose, double and delay messages, and databases that go away: rows are the queue, all else is bells.

The table of all such faults and their tests is in ``test_killed_workers``.
"""

from __future__ import annotations

import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from orders.models import Attempt, Order
from orders.roles import ROLES
from orders.submission import records
from orders.submission import services as submission_services
from orders.submission.runner import TASK
from panelhub.background.dispatch import publish
from panelhub.schedule import CLICKS
from providers.models import Provider, Service
from providers.sandbox import Panel, Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order
from tests.helpers.brokers import broker_at, unused_port
from tests.helpers.conservation import check_conservation
from tests.helpers.makers import make_person
from tests.helpers.waiting import wait_until
from tests.helpers.workers import WorkerProcess, name_test_database, purge_queues

StartWorker = Callable[..., WorkerProcess]
WITH_SCHEDULE = {"options": ("--with-schedule",)}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("standard")
    panel.balance = 1_000_000
    return panel


@pytest.fixture
def service(box: Sandbox, panel: Panel) -> Service:
    return list_service(join(box, "standard"), pick_service(panel))


@pytest.fixture(autouse=True)
def _books_agree(box: Sandbox, service: Service) -> Iterator[None]:
    """Each of these tests ends with what matters: nothing twice, nothing lost, nothing guessed."""
    yield
    assert check_conservation(box.ledger, [service.provider]) == []


def queue(service: Service, count: int, *, first: int = 0) -> list[Order]:
    return [queue_order(service, number=number) for number in range(first, first + count)]


def count_placed() -> int:
    return Order.objects.filter(status="pending", external_id__isnull=False).count()


# --- The broker -------------------------------------------------------------------------------------------------------


def test_what_no_one_was_notified_of_is_found(panel: Panel, service: Service, start_worker: StartWorker) -> None:
    queue(service, 5)
    for _ring in range(3):
        publish(TASK, service.provider_id, queue=CLICKS)
    purge_queues()

    start_worker(**WITH_SCHEDULE)

    wait_until(lambda: count_placed() == 5, seconds=30, what="the schedule's look at the rows")
    assert len(calls_of(panel, "add")) == 5


def test_a_message_that_comes_many_times_buys_once(panel: Panel, service: Service, start_worker: StartWorker) -> None:
    panel.latency = 0.02
    queue(service, 30)
    for _again in range(12):
        publish(TASK, service.provider_id, queue=CLICKS)

    start_worker()
    start_worker()

    wait_until(lambda: count_placed() == 30, seconds=60)
    assert len(calls_of(panel, "add")) == 30


def test_a_message_that_comes_late_changes_nothing(panel: Panel, service: Service, start_worker: StartWorker) -> None:
    orders = queue(service, 4)
    for order, status in zip(orders, ("unconfirmed", "withdrawn", "given_up", "held"), strict=True):
        Order.objects.filter(pk=order.pk).update(status=status)
    waits = queue_order(service, number=99)
    for order in (*orders, waits):
        publish(TASK, service.provider_id, queue=CLICKS)
        publish("orders.polling.tasks.check_order", order.pk, queue=CLICKS)

    start_worker()

    wait_until(lambda: count_placed() == 1)
    assert [call.params["link"] for call in calls_of(panel, "add")] == [waits.link]
    assert sorted(Order.objects.exclude(pk=waits.pk).values_list("status", flat=True)) == [
        "given_up",
        "held",
        "unconfirmed",
        "withdrawn",
    ]


def test_staff_order_while_the_broker_is_gone(
    client: Any, settings: Any, panel: Panel, service: Service, start_worker: StartWorker
) -> None:
    client.force_login(make_person(*ROLES["staff"]), backend="panelhub.security.backends.RoleBackend")
    quantity = service.min_quantity or 1
    with unused_port() as port, broker_at(f"redis://127.0.0.1:{port}/0", settings):
        for number in range(3):
            fields = {"service": service.pk, "link": f"https://example.com/{number}", "quantity": quantity}
            response = client.post(reverse("orders:create"), fields)
            assert response.status_code == 302, "an order is accepted whatever becomes of its bell"
    assert Order.objects.filter(status="queued").count() == 3

    start_worker(**WITH_SCHEDULE)

    wait_until(lambda: count_placed() == 3, seconds=30)


def test_two_schedules_buy_once(panel: Panel, service: Service, start_worker: StartWorker) -> None:
    queue(service, 20)

    start_worker(**WITH_SCHEDULE)
    start_worker(**WITH_SCHEDULE)

    wait_until(lambda: count_placed() == 20, seconds=30)
    assert len(calls_of(panel, "add")) == 20


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="there is no Redis server to be stopped here")
def test_a_worker_survives_a_broker_that_was_restarted(
    settings: Any, tmp_path: Path, panel: Panel, service: Service, start_worker: StartWorker
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"redis://127.0.0.1:{port}/0"
    with broker_at(url, settings):
        with run_redis(port, tmp_path):
            worker = start_worker(options=("--with-schedule",), environment={"CELERY_BROKER_URL": url})
            queue(service, 2)
            wait_until(lambda: count_placed() == 2, seconds=30)
        # Gone with everything in it; orders are taken meanwhile.
        queue(service, 2, first=2)
        with run_redis(port, tmp_path):
            wait_until(lambda: count_placed() == 4, seconds=120, what="the worker to come back to the broker")
            assert worker.is_running, worker.log
    assert len(calls_of(panel, "add")) == 4


@contextmanager
def run_redis(port: int, folder: Path) -> Iterator[None]:
    """A Redis of the test's own that keeps nothing, for as long as the block lasts."""
    nothing_kept = ("--save", "", "--appendonly", "no", "--dir", str(folder))
    with subprocess.Popen(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(port), *nothing_kept],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            wait_until(lambda: _listens(port), what="Redis")
            yield
        finally:
            server.send_signal(signal.SIGKILL)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# --- The database -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection that could be lost")
def test_an_outcome_survives_a_lost_connection(panel: Panel, service: Service, start_worker: StartWorker) -> None:
    panel.latency = 1.0
    (order,) = queue(service, 1)
    start_worker()
    publish(TASK, service.provider_id, queue=CLICKS)
    wait_until(lambda: calls_of(panel, "add"), what="the call")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.rowcount > 0

    wait_until(lambda: count_placed() == 1, what="the outcome")
    order.refresh_from_db()
    assert order.tries == 1
    assert Attempt.objects.get().outcome == "accepted"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows, not the whole database")
def test_an_outcome_waits_for_another_writer(panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    (order,) = queue(service, 1)
    locked_out, real = threading.Event(), records._record_once

    def record_once(*args: Any, **how: Any) -> None:
        try:
            real(*args, **how)
        except OperationalError:
            locked_out.set()
            raise

    def answered(params: Any) -> bool:
        other.execute("BEGIN IMMEDIATE")
        return False

    def send() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 20")
            submission_services.send_due(Provider.objects.get())
        finally:
            connection.close()

    monkeypatch.setattr(records, "_record_once", record_once)
    path = name_test_database().removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        # From the moment that the panel reads the call, another writer has the database for itself.
        panel.misbehave(Fault.html_500_before_accept, action="add", times=1, match=answered)
        sender = threading.Thread(target=send)
        sender.start()
        assert locked_out.wait(60)
        other.execute("ROLLBACK")
        sender.join(60)

    order.refresh_from_db()
    assert (order.status, order.tries) == ("pending", 1)
