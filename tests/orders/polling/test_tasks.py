"""What the schedule and the doorbell start."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Order, PollRound, Refill
from orders.polling import services as polling_services
from orders.polling import tasks as polling_tasks
from orders.polling.subjects import EVERYTHING, ORDERS
from orders.submission import services as submission_services
from panelhub.background.jobs import take_lease
from panelhub.models import JobRun
from providers.sandbox import Fault
from tests.helpers.at_sandbox import LONG, calls_of, join, list_service, make_completed, pick_service, queue_order

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
    monkeypatch.setattr(polling_tasks, "publish", lambda task, *args, **how: sent.append((task, *args)))
    return sent


@pytest.mark.parametrize("task", [polling_tasks.sync_statuses, polling_tasks.sync_refills, polling_tasks.check_order])
def test_a_message_for_what_is_no_more_does_nothing(task: Any) -> None:
    task(424242)


def placed(service: Service) -> Order:
    order = queue_order(service)
    submission_services.send_due(service.provider)
    order.refresh_from_db()
    return order


def test_an_order_is_followed_by_the_schedule_alone(
    panel: Panel, service: Service, notified: list[tuple[Any, ...]]
) -> None:
    order = placed(service)
    panel.advance(LONG)
    polling_tasks.sync_statuses_due()
    assert notified == [("orders.polling.tasks.sync_statuses", service.provider_id)]

    polling_tasks.sync_statuses(service.provider_id)

    order.refresh_from_db()
    assert order.status == "completed"
    run = JobRun.objects.get(job="sync_statuses")
    assert (run.provider_name, run.counts["changed"], run.failure) == (service.provider.name, 1, "")
    notified.clear()
    polling_tasks.sync_statuses_due()
    assert notified == []


def test_a_round_that_finds_nothing_new_leaves_no_record(panel: Panel, service: Service) -> None:
    placed(service)
    polling_tasks.sync_statuses_due()
    polling_tasks.sync_statuses(service.provider_id)
    JobRun.objects.all().delete()
    PollRound.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    polling_tasks.sync_statuses(service.provider_id)

    assert not JobRun.objects.exists()


def test_a_failure_is_recorded(panel: Panel, service: Service, notified: list[tuple[Any, ...]]) -> None:
    placed(service)
    panel.misbehave(Fault.html_500_before_accept, action="status")

    polling_tasks.sync_statuses(service.provider_id)

    assert "500" in JobRun.objects.get(job="sync_statuses").failure
    assert notified == []


def test_the_same_job_does_not_run_twice_for_a_provider(panel: Panel, service: Service) -> None:
    placed(service)
    take_lease("sync_statuses", service.provider.name)

    polling_tasks.sync_statuses(service.provider_id)

    assert not calls_of(panel, "status")


def test_work_left_by_the_time_box_is_queued(
    panel: Panel, service: Service, notified: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(service)
    monkeypatch.setattr(polling_tasks, "SYNC_SECONDS", 0.0)

    polling_tasks.sync_statuses(service.provider_id)

    assert notified == [("orders.polling.tasks.sync_statuses", service.provider_id)]


def test_a_day_without_a_schedule_makes_one_round_and_no_flood(panel: Panel, service: Service) -> None:
    placed(service)
    polling_services.providers_due(ORDERS)
    PollRound.objects.update(due_at=timezone.now() - timedelta(days=1))

    for _tick in range(5):
        polling_tasks.sync_statuses(service.provider_id)

    assert len(calls_of(panel, "status")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_schedules_and_three_workers_ask_once_a_round(box: Sandbox) -> None:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    service = list_service(join(box, "smmplus"), pick_service(panel))
    for number in range(250):
        queue_order(service, number=number)
    submission_services.send_due(service.provider)
    polling_services.providers_due(ORDERS)

    def work() -> None:
        try:
            polling_tasks.sync_statuses(service.provider_id)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(calls_of(panel, "status")) == 3


def test_refills_are_followed_by_the_schedule(
    box: Sandbox, panel: Panel, service: Service, notified: list[tuple[Any, ...]]
) -> None:
    (order,) = make_completed(box, service.provider, 1)
    refill = Refill.objects.create(order=order)
    submission_services.send_due(service.provider)
    panel.advance(LONG)
    polling_tasks.sync_refills_due()
    assert notified == [("orders.polling.tasks.sync_refills", service.provider_id)]

    polling_tasks.sync_refills(service.provider_id)

    refill.refresh_from_db()
    assert refill.status in ("completed", "rejected")


def test_product_orders_are_polled_only_where_there_is_a_shop(
    box: Sandbox, service: Service, notified: list[tuple[Any, ...]]
) -> None:
    shop = join(box, "smmvna")

    polling_tasks.sync_product_orders_due()

    assert notified == [("orders.polling.tasks.sync_product_orders", shop.pk)]
    polling_tasks.sync_product_orders(shop.pk)
    polling_tasks.sync_product_orders(service.provider_id)


def test_a_person_can_have_one_order_checked(panel: Panel, service: Service) -> None:
    order = placed(service)
    panel.advance(LONG)

    polling_tasks.check_order(order.pk)

    order.refresh_from_db()
    assert order.status == "completed"


def test_a_new_provider_gets_its_rounds_by_itself(service: Service) -> None:
    assert polling_services.providers_due(ORDERS) == [service.provider_id]

    assert PollRound.objects.filter(kind="order").count() == 1 + len(ORDERS.paces)
    assert {tracked.job for tracked in EVERYTHING} == {"sync_statuses", "sync_refills", "sync_product_orders"}
