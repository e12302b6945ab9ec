"""PanelHub orders from PanelHub: a second hub, in a process of its own, is a provider of this one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from orders.aftercare import services as aftercare_services
from orders.models import Order, Refill
from orders.placement.services import create_order
from providers.models import Provider, Service
from tests.helpers.at_sandbox import LONG, calls_of, pick_service
from tests.helpers.makers import make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
SECONDS = 120


class SecondHub:
    """The process, and what it said about itself."""

    def __init__(self, process: subprocess.Popen[str], facts: dict[str, Any]) -> None:
        self.process = process
        self._write(json.dumps(facts))
        reported = self._read()
        self.url, self.key, self.number = reported["url"], reported["key"], str(reported["number"])

    def run(self, *commands: str) -> None:
        """Run management commands there, one after the other."""
        self._write(" ".join(commands))
        assert self._read() == "done"

    def _write(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def _read(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the second hub ended"
        return json.loads(line)


@pytest.fixture
def panel(box: Any) -> Any:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    return panel


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with all tables and no rows, made once."""
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    reported = {"DATABASE_URL": f"sqlite:///{file}", "CELERY_BROKER_URL": "", "PANELHUB_VAR": str(file.parent)}
    gone = {"DJANGO_SETTINGS_MODULE", "PANELHUB_TEST_VAR"}
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0"], cwd=settings.BASE_DIR, env=kept | reported, check=True
    )
    return file


@pytest.fixture
def second(box: Any, panel: Any, tmp_path: Path, empty_database: Path) -> Iterator[SecondHub]:
    """Yield a hub whose provider is the sandbox, with one service open at a markup of 20 %."""
    offered = pick_service(panel, refill=True, cancel=True)
    facts = {
        "provider": {"dialect": "smmplus", "api_url": box.url("smmplus"), "api_key": box.key("smmplus")}
        | {"currency": "USD"},
        "service": str(offered.id),
        "share": "20",
    }
    folder = tmp_path / "second"
    folder.mkdir()
    shutil.copy(empty_database, folder / "second.sqlite3")
    command = [sys.executable, "-m", "tests.orders.api.second_hub", str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR
    ) as process:
        try:
            yield SecondHub(process, facts)
        finally:
            assert process.stdin
            process.stdin.close()
            process.terminate()
            process.wait(SECONDS)


@pytest.fixture
def provider(second: SecondHub) -> Provider:
    """Return the second hub as a provider of this one."""
    provider = Provider.objects.create(
        name="second hub",
        dialect="standard",
        api_url=second.url,
        api_key=second.key,
        requests_per_minute=60_000,
    )
    call_command("sync_services")
    call_command("sync_balances")
    provider.refresh_from_db()
    return provider


def place(provider: Provider, second: SecondHub, number: int = 1) -> Order:
    """Return an order made here, sent to the second hub."""
    service = Service.objects.get(provider=provider, external_id=second.number)
    order = create_order(
        user=make_person(is_superuser=True),
        service=service,
        fields={"link": f"https://example.com/p/{number}", "quantity": str(service.min_quantity)},
    )
    call_command("submit_orders")
    order.refresh_from_db()
    return order


def test_the_catalogue_of_a_hub_is_read_by_another_with_its_markup(
    second: SecondHub, provider: Provider, panel: Any
) -> None:
    offered = pick_service(panel, refill=True, cancel=True)

    (service,) = Service.objects.filter(provider=provider)

    assert service.external_id == second.number
    assert service.rate == (offered.rate * Decimal("1.2")).quantize(Decimal("0.00001"), rounding="ROUND_UP")
    assert (service.min_quantity, service.max_quantity) == (offered.minimum, offered.maximum)
    assert (service.refill, service.cancel) == (True, True)
    assert (provider.balance, provider.currency) == (Decimal(1_000), "USD")


def test_an_order_completes_through_both_hubs_and_is_refilled_through_both(
    second: SecondHub, provider: Provider, panel: Any
) -> None:
    order = place(provider, second)
    assert order.status == "pending"
    assert order.external_id
    assert not panel.orders, "the second hub has it, and has not sent it yet"

    second.run("submit_orders")
    (bought,) = panel.orders.values()
    assert bought.link == order.link
    panel.advance(LONG)
    second.run("sync_statuses")
    call_command("sync_statuses")
    order.refresh_from_db()
    assert order.status == "completed"
    assert order.charge is not None
    assert order.service is not None
    assert order.charge == pytest.approx(
        order.service.rate * Decimal(order.quantity or 0) / 1000, abs=Decimal("0.0001")
    )
    assert order.currency == "USD"

    done = aftercare_services.request_refills(Order.objects.all(), by=order.created_by, ids=[order.pk])
    assert done.created == 1
    call_command("submit_orders")
    refill = Refill.objects.get()
    assert refill.status == "pending"
    assert refill.external_id
    second.run("submit_orders")
    panel.advance(LONG)
    second.run("sync_refills")
    call_command("sync_refills")
    refill.refresh_from_db()
    assert refill.status in {"completed", "rejected"}
    assert len(calls_of(panel, "refill")) == 1


def test_a_cancel_before_it_was_sent_takes_it_back_and_costs_nothing(
    second: SecondHub, provider: Provider, panel: Any
) -> None:
    order = place(provider, second)

    done = aftercare_services.request_cancels(Order.objects.all(), by=order.created_by, ids=[order.pk])
    assert done.created == 1
    call_command("submit_orders")
    second.run("submit_orders")
    call_command("sync_statuses")

    order.refresh_from_db()
    assert order.status == "canceled"
    assert order.charge == 0
    assert not panel.orders


def test_a_cancel_passes_through_to_the_panel(second: SecondHub, provider: Provider, panel: Any) -> None:
    order = place(provider, second)
    second.run("submit_orders", "sync_statuses")
    call_command("sync_statuses")

    done = aftercare_services.request_cancels(Order.objects.all(), by=order.created_by, ids=[order.pk])
    assert done.created == 1, done.skipped
    call_command("submit_orders")
    second.run("submit_orders")

    assert len(calls_of(panel, "cancel")) == 1
    panel.advance(LONG)
    second.run("sync_statuses")
    call_command("sync_statuses")
    order.refresh_from_db()
    assert order.status in {"canceled", "partial", "completed"}
