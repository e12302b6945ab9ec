"""What the schedule and the doorbell start."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from orders.models import Order
from orders.submission import runner
from orders.submission import services as submission_services
from orders.submission import tasks as submission_tasks
from panelhub.background.jobs import give_back_lease, take_lease
from panelhub.models import JobLease
from providers.models import Provider
from providers.sandbox import Fault
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order

if TYPE_CHECKING:
    from providers.models import Service
    from providers.sandbox import Panel, Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    return panel


@pytest.fixture
def service(box: Sandbox, panel: Panel) -> Service:
    return list_service(join(box, "smmplus"), pick_service(panel))


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return messages that were sent, in place of a broker."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(submission_tasks, "publish", lambda task, *args, **how: sent.append((task, *args)))
    return sent


def test_the_schedule_notifies_for_providers_with_something_due(
    service: Service, notified: list[tuple[Any, ...]], box: Sandbox
) -> None:
    join(box, "smpanelim")
    submission_tasks.submit_due()
    assert notified == []
    queue_order(service)

    submission_tasks.submit_due()

    assert notified == [("orders.submission.tasks.submit_provider", service.provider_id)]


def test_a_message_sends_what_is_queued(panel: Panel, service: Service) -> None:
    order = queue_order(service)

    submission_tasks.submit_provider(service.provider_id)

    order.refresh_from_db()
    assert order.status == "pending"
    assert not JobLease.objects.exclude(token="").exists()


def test_a_message_for_what_is_no_more_does_nothing() -> None:
    submission_tasks.submit_provider(424242)


def test_a_provider_that_was_switched_off_meanwhile_is_not_called(panel: Panel, service: Service) -> None:
    queue_order(service)
    Provider.objects.update(is_active=False)

    submission_tasks.submit_provider(service.provider_id)

    assert not panel.requests


def test_no_more_than_two_workers_send_for_a_provider(panel: Panel, service: Service) -> None:
    queue_order(service)
    taken = [(name, take_lease(name, service.provider.name)) for name in runner.SENDERS]

    assert runner.submit_for_a_while(service.provider) is None
    assert not panel.requests
    give_back_lease(taken[0][0], service.provider.name, taken[0][1])
    assert runner.submit_for_a_while(service.provider) is not None
    assert calls_of(panel, "add")


def test_work_that_came_while_the_worker_was_leaving_is_queued(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    queue_order(service)
    real, notified = submission_services.send_due, []
    monkeypatch.setattr(runner, "notify_worker", lambda *args, **how: notified.append(args))

    def send_and_get_more(*args: Any, **how: Any) -> Any:
        sent = real(*args, **how)
        queue_order(service, number=2)
        return sent

    monkeypatch.setattr(submission_services, "send_due", send_and_get_more)
    runner.submit_for_a_while(service.provider)

    assert notified == [("orders.submission.tasks.submit_provider", service.provider_id)]


def test_no_worker_is_notified_for_a_provider_that_is_stopped(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.misbehave(Fault.bad_key, action="add")
    queue_order(service)
    queue_order(service, number=2)
    notified: list[Any] = []
    monkeypatch.setattr(runner, "notify_worker", lambda *args, **how: notified.append(args))

    sent = runner.submit_for_a_while(service.provider)

    assert sent is not None
    assert sent.stopped
    assert notified == []


def test_the_sweeper_sweeps(service: Service) -> None:
    order = queue_order(service)
    Order.objects.filter(pk=order.pk).update(
        status="sending", claim="6f1c2cba-5a5e-4f21-8f9b-7a1c6f1c2cba", claimed_at=timezone.now() - timedelta(minutes=5)
    )

    submission_tasks.sweep()

    order.refresh_from_db()
    assert order.status == "unconfirmed"
