"""A clock that jumps by an hour, forth or back, between any two steps: nothing twice, nothing stuck."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from orders.models import Order
from orders.submission import services as submission_services
from orders.submission import sweeper
from orders.submission.call_types import ORDERS
from providers.accounts.balances import providers_due
from providers.models import Provider, Service
from providers.sandbox import Panel, Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order
from tests.helpers.conservation import check_conservation

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("standard")
    panel.balance = 1_000_000
    return panel


@pytest.fixture
def service(box: Sandbox, panel: Panel) -> Service:
    return list_service(join(box, "standard"), pick_service(panel))


def send_at(service: Service, jump: timedelta) -> submission_services.Sent:
    """Send with the clock of this process an hour off; those of the database and of the panel are not."""
    with time_machine.travel(timezone.now() + jump, tick=True):
        return submission_services.send_due(Provider.objects.get(pk=service.provider_id))


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_worker_whose_clock_is_an_hour_off_sends_once(
    box: Sandbox, panel: Panel, service: Service, jump: timedelta
) -> None:
    for number in range(3):
        queue_order(service, number=number)

    send_at(service, jump)
    send_at(service, -jump)
    sweeper.sweep()
    submission_services.send_due(service.provider)

    assert len(calls_of(panel, "add")) == 3
    assert {order.status for order in Order.objects.all()} == {"pending"}
    assert check_conservation(box.ledger, [service.provider], at_rest=True) == []


def test_a_call_in_hand_is_not_swept_by_a_clock_that_jumped_forth(service: Service) -> None:
    order = queue_order(service)
    submission_services.claim(ORDERS, service.provider, [order.pk], uuid.uuid4())

    with time_machine.travel(timezone.now() + HOUR, tick=True):
        assert sum(sweeper.sweep().values()) == 0

    order.refresh_from_db()
    assert order.status == "sending"


def test_a_provider_broken_by_a_clock_that_was_ahead_is_probed(panel: Panel, service: Service) -> None:
    rule = panel.misbehave(Fault.html_502_before_accept)
    for number in range(4):
        queue_order(service, number=number)
    send_at(service, HOUR)
    assert Provider.objects.get().breaker_until is not None
    panel.behave(rule)

    assert providers_due().filter(pk=service.provider_id).exists()
    submission_services.send_due(service.provider)
    assert len(calls_of(panel, "balance")) == 1
    assert Order.objects.filter(status="pending").count() == 1, "the one that waited"
