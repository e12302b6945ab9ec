"""`submit_orders`: everything due is sent now, figures at the end, failures by name."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from orders.models import Cancellation, Order, ProductOrder, Refill
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS
from providers.calls import circuit_breaker
from providers.models import Provider, Service
from providers.sandbox import Fault, Sandbox
from tests.helpers.at_sandbox import calls_of, join, list_service, make_completed, pick_service, queue_order
from tests.helpers.commands import run, run_failing
from tests.helpers.makers import make_product

pytestmark = pytest.mark.django_db
KEY = "sandbox-smmplus-key"


def test_every_kind_of_paid_call_is_sent(box: Sandbox, services: dict[str, Service]) -> None:
    smmplus = services["smmplus"].provider
    completed, open_order = make_completed(box, smmplus, 1)[0], queue_order(services["smpanelim"])
    placed = queue_order(services["smmplus"], number=7)
    run("submit_orders")
    placed.refresh_from_db()
    offered = next(product for product in box.panel("smmvna").shop.products.values() if product.type == "Auto")
    box.panel("smmvna").set_stock(offered.id, 10)
    product = make_product(services["smmvna"].provider, external_id=str(offered.id))
    rows: list[Any] = [
        queue_order(services["smmplus"], number=8),
        ProductOrder.objects.create(provider=product.provider, product=product, quantity=1, require="a@b.c"),
        Refill.objects.create(order=completed),
        Cancellation.objects.create(order=placed),
    ]

    out, err = run("submit_orders")

    for row in (*rows, open_order):
        row.refresh_from_db()
    assert {row.status for row in rows} <= {"pending", "accepted"}
    assert open_order.status == "pending"
    assert "accepted: 4" in out
    assert err == ""


def test_a_row_with_the_names_relied_on_is_sent_at_a_provider_without_a_balance(
    box: Sandbox, services: dict[str, Service]
) -> None:
    service = services["smmplus"]
    assert service.provider.balance is None
    order = Order.objects.create(
        provider=service.provider,
        service=service,
        link="https://example.com/",
        quantity=service.min_quantity,
        parameters={},
        status="queued",
    )

    run("submit_orders")

    order.refresh_from_db()
    assert (order.status, order.external_id) == ("pending", str(max(box.panel("smmplus").orders)))


def test_a_provider_that_fails_is_named_and_harms_no_one_else(box: Sandbox, services: dict[str, Service]) -> None:
    box.panel("smmplus").misbehave(Fault.html_502_before_accept, action="add")
    broken, fine = queue_order(services["smmplus"]), queue_order(services["smpanelim"])

    out, err, failed = run_failing("submit_orders")

    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.status, fine.status) == ("unconfirmed", "pending")
    assert err.startswith("smmplus: ")
    assert "502" in err
    assert "smpanelim" not in err
    assert "1 of 2 providers failed: smmplus" in str(failed)
    assert "accepted: 1" in out
    assert "unknown: 1" in out


def test_a_refusal_is_no_failure_of_the_provider(box: Sandbox, services: dict[str, Service]) -> None:
    box.panel("smmplus").misbehave(Fault.refused, action="add", times=1)
    order = queue_order(services["smmplus"])

    out, _err = run("submit_orders")

    order.refresh_from_db()
    assert order.status == "rejected"
    assert "refused: 1" in out


def test_a_provider_that_echoes_the_key_does_not_get_it_into_the_output(
    box: Sandbox, services: dict[str, Service], caplog: pytest.LogCaptureFixture
) -> None:
    Provider.objects.filter(dialect="smmplus").update(pause_kind="", last_failure="")
    service = services["smmplus"]
    circuit_breaker.pause(service.provider, kind="by_hand", text=f"refused key={KEY} for good")
    queue_order(service)

    _out, err, failed = run_failing("submit_orders")

    assert "smmplus" in err
    assert KEY not in f"{err}{failed}{caplog.text}"


@pytest.mark.parametrize("state", ["paused", "broken"])
def test_by_hand_a_stopped_provider_answers_with_its_balance_first(
    box: Sandbox, services: dict[str, Service], state: str
) -> None:
    service, panel = services["smmplus"], box.panel("smmplus")
    if state == "paused":
        circuit_breaker.pause(service.provider, kind="bad_key", text="Invalid API key")
    else:
        later = timezone.now() + timedelta(minutes=10)
        Provider.objects.filter(pk=service.provider.pk).update(breaker_until=later, failures_in_a_row=5)
    order = queue_order(service)

    run("submit_orders")

    order.refresh_from_db()
    assert order.status == "pending"
    assert [call.action for call in panel.requests] == ["balance", "add"]


def test_by_hand_a_provider_that_is_still_down_is_left_alone(box: Sandbox, services: dict[str, Service]) -> None:
    service, panel = services["smmplus"], box.panel("smmplus")
    circuit_breaker.pause(service.provider, kind="bad_key", text="Invalid API key")
    panel.misbehave(Fault.bad_key)
    order = queue_order(service)

    _out, err, _failed = run_failing("submit_orders")

    order.refresh_from_db()
    assert order.status == "queued"
    assert [call.action for call in panel.requests] == ["balance"]
    assert "Invalid API key" in err


def test_what_has_to_wait_waits_also_when_requested_by_hand(box: Sandbox, services: dict[str, Service]) -> None:
    queue_order(services["smmplus"], not_before=timezone.now() + timedelta(minutes=1))

    with pytest.raises(CommandError, match="1 of 1 providers failed: smmplus"):
        run("submit_orders")

    assert not box.panel("smmplus").requests


def test_a_rate_limit_is_reported_and_obeyed(box: Sandbox, services: dict[str, Service]) -> None:
    box.panel("smmplus").misbehave(Fault.rate_limited_retry_after, action="add", seconds=300)
    orders = [queue_order(services["smmplus"], number=number) for number in range(3)]

    out, err, _failed = run_failing("submit_orders")

    assert len(calls_of(box.panel("smmplus"), "add")) == 1
    assert "queued again: 1" in out
    assert err
    assert set(Order.objects.filter(pk__in=[order.pk for order in orders]).values_list("status", flat=True)) == {
        "queued"
    }


def test_what_is_left_to_another_workers_trial_is_reported_and_is_no_failure(
    box: Sandbox, services: dict[str, Service]
) -> None:
    provider = services["smmplus"].provider
    trial, waits = queue_order(services["smmplus"]), queue_order(services["smmplus"], number=2)
    Provider.objects.filter(pk=provider.pk).update(
        paid_failures=circuit_breaker.FAILURES_TO_OPEN, last_failure="HTTP 502"
    )
    provider.refresh_from_db()
    assert circuit_breaker.admit_paid_call(provider)
    submission_services.claim(ORDERS, provider, [trial.pk], uuid.uuid4())

    out, err = run("submit_orders")

    waits.refresh_from_db()
    assert "smmplus: Waiting for the result of a test call" in out
    assert err == ""
    assert waits.status == "queued"
    assert not box.panel("smmplus").requests


def test_what_a_dead_worker_left_is_swept(services: dict[str, Service]) -> None:
    order = queue_order(services["smmplus"])
    Order.objects.filter(pk=order.pk).update(
        status="sending", claim="6f1c2cba-5a5e-4f21-8f9b-7a1c6f1c2cba", claimed_at=timezone.now() - timedelta(minutes=5)
    )

    out, _err = run("submit_orders")

    order.refresh_from_db()
    assert order.status == "unconfirmed"
    assert "swept: 1" in out


@pytest.mark.django_db(transaction=True)
def test_twice_at_once_neither_fails_nor_sends_twice(box: Sandbox) -> None:
    services = []
    for slug in ("smmplus", "smpanelim"):
        box.panel(slug).balance = 1_000_000
        services.append(list_service(join(box, slug), pick_service(box.panel(slug))))
    for number in range(40):
        queue_order(services[number % 2], number=number)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            run("submit_orders")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert not failures
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}
    assert sum(len(calls_of(box.panel(slug), "add")) for slug in ("smmplus", "smpanelim")) == 40
