"""What the tests of numbered faults share: accounts at the sandbox, senders side by side, and a short wire."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection

from providers.client.transport import Limits, Transport
from providers.models import Provider, Service
from providers.sandbox import Panel, Sandbox
from tests.helpers.at_sandbox import join, list_service, pick_service
from tests.helpers.makers import make_person

PLENTY = 10**9
QUICK = Limits(connect=1.0, paid=0.6, read=0.6)


@pytest.fixture
def _quick_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wire as it is, with deadlines that a test can wait for."""
    transport = Transport(limits=QUICK)
    monkeypatch.setattr("providers.client.client.shared_transport", lambda: transport)


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("standard")
    panel.balance = PLENTY
    return panel


@pytest.fixture
def provider(box: Sandbox, panel: Panel) -> Provider:
    return join(box, "standard", refill_pause_hours=0)


@pytest.fixture
def service(provider: Provider, panel: Panel) -> Service:
    return list_service(provider, pick_service(panel, refill=True, cancel=True))


@pytest.fixture
def person() -> User:
    return make_person()


def side_by_side(*works: Callable[[], object]) -> None:
    """Do all of `works` at once, each in a thread that begins when all are there; the first error is raised."""
    start, failed = threading.Barrier(len(works)), []

    def do(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
