"""Clients for the protocol that others published run every action they have against the hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from orders.models import Cancellation, Order, Refill
from tests.helpers.makers import make_service
from tests.orders.api.clients.drive import CLIENTS
from tests.orders.api.conftest import make_program, open_service

HERE = Path(__file__).parent / "clients"
SECONDS = 120


@cache
def install() -> tuple[Path, str]:
    """Return the folder the clients are installed in, and why they are not; once a run."""
    folder = Path(settings.PANELHUB_VAR) / "api-clients"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"),
            *("--only-binary", ":all:", "--require-hashes", "--target", str(folder)),
            *("-r", str(HERE / "requirements.txt")),
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return folder, "" if done.returncode == 0 else done.stderr.strip()[-500:]


def drive(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what every method of a client gave."""
    folder, fault = install()
    if fault:
        sentence = f"{name} could not be installed and was NOT run against the hub: {fault}"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    done = subprocess.run(
        [sys.executable, str(HERE / "drive.py"), name],
        input=json.dumps(facts),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_PROXY": "*", "no_proxy": "*"},
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", CLIENTS)
def test_a_published_client_runs_every_action_it_has(live_server: Any, name: str) -> None:
    program = make_program()
    service = make_service(refill=True, cancel=True)
    offered = open_service(service)

    def order(status: str, number: int) -> Order:
        return Order.objects.create(
            provider=service.provider,
            service=service,
            created_by=program.person,
            status=status,
            external_id=str(number),
            quantity=100,
        )

    running, completed, other = order("in_progress", 1), order("completed", 2), order("partial", 3)
    refill = Refill.objects.create(order=other, created_by=program.person, status="completed", external_id="7")
    facts = {
        "url": f"{live_server.url}/api/v2",
        "key": program.key,
        "service": offered.pk,
        "link": "https://example.com/p/1",
        "quantity": 100,
        "running": running.pk,
        "completed": completed.pk,
        "many": [running.pk, completed.pk, 999999],
        "refillable": [completed.pk, 999999],
        "refill": refill.pk,
        "refills": [refill.pk, 999999],
        "cancelable": [running.pk, completed.pk],
    }

    answers = drive(name, facts)

    reported = {name.removeprefix("get_").removeprefix("create_"): answer for name, answer in answers.items()}
    assert [row["service"] for row in reported["services"]] == [offered.pk]
    assert set(reported["balance"]) == {"balance", "currency"}
    assert Order.objects.get(pk=reported["add_order"]["order"]).link == "https://example.com/p/1"
    assert reported["status"]["status"] == "In progress"
    assert reported["multi_status"][str(completed.pk)]["status"] == "Completed"
    assert reported["multi_status"]["999999"] == {"error": "Incorrect order ID"}
    assert reported["refill"] == {"refill": str(Refill.objects.get(order=completed).pk)}
    cancel = reported.get("cancel_orders") or reported["cancel"]
    assert cancel[0] == {"order": running.pk, "cancel": 1}
    assert "error" in cancel[1]["cancel"]
    assert Cancellation.objects.get().order == running
    assert reported["wrong key"] == "Invalid API key"
    if "multi_refill" in reported:
        assert "A refill request is already queued" in reported["multi_refill"][0]["refill"]["error"]
        assert reported["multi_refill"][1]["refill"] == {"error": "Incorrect order ID"}
        assert reported["refill_status"] == {"status": "Completed"}
        assert reported["multi_refill_status"][1]["status"] == {"error": "Refill not found"}


def test_at_least_three_clients_are_tried() -> None:
    assert len(CLIENTS) >= 3
