"""F5, F7 and F8: messages delivered thrice, messages lost with their broker, and no broker while staff order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from orders.models import Order
from orders.placement.services import create_order
from orders.submission import services as submission_services
from panelhub.background import dispatch
from panelhub.schedule import CLICKS
from providers.models import Provider, Service
from providers.sandbox import Panel, Sandbox
from tests.faults.conftest import PLENTY
from tests.faults.sizes import size
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order
from tests.helpers.brokers import broker_at, unused_port
from tests.helpers.conservation import check_conservation
from tests.helpers.waiting import wait_until
from tests.helpers.workers import purge_queues

pytestmark = pytest.mark.long

StartWorker = Callable[..., Any]
PATIENCE = 180.0


def all_are(status: str) -> bool:
    return not Order.objects.exclude(status=status).exists()


def test_f5_every_message_delivered_three_times_at_once_sends_each_order_once(
    box: Sandbox, start_worker: StartWorker
) -> None:
    slugs = ("standard", "servsmm", "smmplus", "smmprovider", "smmvna")
    providers = []
    for slug in slugs:
        box.panel(slug).balance = PLENTY
        providers.append(join(box, slug))
    services = [list_service(provider, pick_service(box.panel(provider.dialect))) for provider in providers]
    count = size(500, sample=50)
    for number in range(count):
        queue_order(services[number % len(services)], number=number)
        for _delivery in range(3):
            dispatch.publish(
                "orders.submission.tasks.submit_provider", services[number % len(services)].provider_id, queue=CLICKS
            )

    start_worker(concurrency=8)

    wait_until(lambda: all_are("pending"), seconds=PATIENCE, what="all orders to be placed")
    assert sum(len(calls_of(box.panel(slug), "add")) for slug in slugs) == count
    assert check_conservation(box.ledger, providers, at_rest=True) == []


def test_f7_what_is_queued_when_the_broker_loses_everything_is_sent_all_the_same(
    box: Sandbox, panel: Panel, start_worker: StartWorker
) -> None:
    provider = join(box, "standard")
    service = list_service(provider, pick_service(panel))
    count = size(500, sample=40)
    for number in range(count):
        create_order(
            user=None,
            service=service,
            fields={"link": f"https://e.example/{number}", "quantity": str(service.min_quantity)},
        )
    purge_queues()

    start_worker(options=("--with-schedule",))

    wait_until(lambda: all_are("pending"), seconds=PATIENCE, what="the schedule to find what no message named")
    assert len(calls_of(panel, "add")) == count
    assert check_conservation(box.ledger, [provider], at_rest=True) == []


@pytest.mark.django_db(transaction=True)
def test_f8_staff_order_while_the_broker_is_down(
    box: Sandbox, panel: Panel, provider: Provider, service: Service, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, count = Client(), size(200, sample=20)
    client.force_login(User.objects.create_superuser("staff"))
    dialled: list[float] = []
    real = dispatch._Notifier._send

    def send(self: Any, *args: Any, **kwargs: Any) -> None:
        dialled.append(1)
        real(self, *args, **kwargs)

    monkeypatch.setattr(dispatch._Notifier, "_send", send)
    # A quiet that does not end while the test lasts, however slow the machine.
    monkeypatch.setattr(dispatch, "QUIET_SECONDS", 3_600.0)
    with unused_port() as port, broker_at(f"redis://127.0.0.1:{port}/0", settings):
        for number in range(count):
            typed = {"service": service.pk, "link": f"https://e.example/{number}", "quantity": service.min_quantity}
            response = client.post(reverse("orders:create"), typed)
            assert response.status_code == 302
    assert Order.objects.filter(status="queued").count() == count
    # One order waits for a broker that does not answer; the others are not held up by trying again.
    assert len(dialled) == 1

    dispatch.forget_broker()
    assert django_settings.CELERY_BROKER_URL
    submission_services.send_due(provider)

    assert all_are("pending")
    assert len(calls_of(panel, "add")) == count
    assert check_conservation(box.ledger, [provider], at_rest=True) == []
