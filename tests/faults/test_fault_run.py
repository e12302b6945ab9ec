"""The fault run itself, small: on SQLite and the embedded broker always, on servers of its own with the services."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.chaos import servers
from tests.chaos.guard import ForeignServer, refuse_foreign
from tests.helpers.chaos import run_torture

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]


def check_report(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No violation: none doubled, none lost, every unconfirmed one settled." in done.stdout
    assert "so it is caught" in done.stdout


@pytest.mark.skipif(connection.vendor != "sqlite", reason="with the services the run on them is tried")
def test_nothing_is_doubled_or_lost_on_one_machine() -> None:
    check_report(run_torture("--small", "--orders", "40", "--minutes", "3"))


# What asks for a database is run first: the longest test must not be the last.
@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs servers; `make test-services` tries it")
def test_nothing_is_doubled_or_lost_with_four_workers_on_servers() -> None:
    try:
        servers.find_postgresql()
        servers.find("redis-server")
    except servers.NotInstalled as missing:
        pytest.skip(f"{missing} is not installed on this machine, and the fault run uses servers of its own alone")
    check_report(run_torture("--only", "services", "--orders", "200", "--minutes", "5"))


@pytest.mark.parametrize("name", ["DATABASE_URL", "CELERY_BROKER_URL"])
def test_it_takes_no_server_that_is_not_its_own(name: str) -> None:
    done = run_torture("--small", "--orders", "1", **{name: "postgres://somebody@db.example.com/production"})

    assert done.returncode == 2
    assert f"{name} is set" in done.stderr
    with pytest.raises(ForeignServer):
        refuse_foreign({name: "redis://127.0.0.1:6379/0"})
    refuse_foreign({name: ""})


@pytest.mark.parametrize(
    ("code", "dials"),
    [
        ("socket.create_connection(('192.0.2.1', 80), timeout=1)", False),
        ("socket.getaddrinfo('panel.example.com', 443)", False),
        ("socket.create_connection(('127.0.0.1', 9), timeout=1)", True),
        ("socket.create_connection(('localhost', 9), timeout=1)", True),
    ],
)
def test_it_dials_no_one_outside_this_machine(code: str, dials: bool) -> None:
    guarded = f"import socket; from tests.chaos.guard import stay_on_this_machine as stay; stay(); {code}"

    done = subprocess.run([sys.executable, "-c", guarded], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert ("dials nothing outside this machine" in done.stderr) is not dials
