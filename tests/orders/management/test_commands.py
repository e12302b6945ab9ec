"""Jobs by hand: all open work now, figures at the end, failures by name."""

from __future__ import annotations

import io
import threading
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from orders.models import Cancellation, Order, PollRound, ProductOrder, Refill
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS
from panelhub.models import JobRun
from providers.calls import circuit_breaker
from providers.models import Product, Provider
from providers.sandbox import Fault
from tests.helpers.at_sandbox import LONG, calls_of, join, list_service, make_completed, pick_service, queue_order
from tests.helpers.makers import make_product

if TYPE_CHECKING:
    from providers.models import Service
    from providers.sandbox import Sandbox

pytestmark = pytest.mark.django_db

KEY = "sandbox-smmplus-key"


def run(name: str) -> tuple[str, str]:
    """Run a command that must succeed; what it wrote to stdout and to stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command(name, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def run_failing(name: str) -> tuple[str, str, CommandError]:
    """Run a command that must end with exit status 1."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as failed:
        call_command(name, stdout=out, stderr=err)
    assert failed.value.returncode == 1
    return out.getvalue(), err.getvalue(), failed.value


@pytest.fixture
def services(box: Sandbox) -> dict[str, Service]:
    """A service at each of three providers, all rich."""
    made = {}
    for slug in ("smmplus", "smpanelim", "smmvna"):
        box.panel(slug).balance = 1_000_000
        made[slug] = list_service(join(box, slug), pick_service(box.panel(slug)))
    return made


COMMANDS = ["submit_orders", "sync_statuses", "sync_refills", "sync_products"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_hub_without_anything_is_a_hub_where_all_is_well(name: str) -> None:
    out, err = run(name)

    assert out.endswith("\n")
    assert out.count("\n") == 1
    assert err == ""


# --- submit_orders ----------------------------------------------------------------------------------------------------


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


def test_a_provider_that_fails_is_named_and_harms_nobody_else(box: Sandbox, services: dict[str, Service]) -> None:
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
def test_by_hand_a_stopped_provider_is_asked_for_its_balance_first(
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


def test_what_has_to_wait_waits_also_when_asked_for_by_hand(box: Sandbox, services: dict[str, Service]) -> None:
    queue_order(services["smmplus"], not_before=timezone.now() + timedelta(minutes=1))

    with pytest.raises(CommandError, match="1 of 1 providers failed: smmplus"):
        run("submit_orders")

    assert not box.panel("smmplus").requests


def test_a_rate_limit_is_told_and_obeyed(box: Sandbox, services: dict[str, Service]) -> None:
    box.panel("smmplus").misbehave(Fault.rate_limited_retry_after, action="add", seconds=300)
    orders = [queue_order(services["smmplus"], number=number) for number in range(3)]

    out, err, _failed = run_failing("submit_orders")

    assert len(calls_of(box.panel("smmplus"), "add")) == 1
    assert "queued again: 1" in out
    assert err
    assert set(Order.objects.filter(pk__in=[order.pk for order in orders]).values_list("status", flat=True)) == {
        "queued"
    }


def test_what_is_left_to_another_workers_trial_is_told_and_is_no_failure(
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
    assert "smmplus: Another worker is trying one call first" in out
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


# --- sync_statuses, sync_refills, sync_products -----------------------------------------------------------------------


def place(box: Sandbox, services: dict[str, Service], count: int = 3) -> None:
    for number in range(count):
        for service in services.values():
            queue_order(service, number=number)
    run("submit_orders")
    for slug in services:
        box.panel(slug).advance(LONG)


def test_all_open_orders_of_all_providers_are_asked_about(box: Sandbox, services: dict[str, Service]) -> None:
    place(box, services)
    PollRound.objects.update(due_at=timezone.now() + timedelta(days=1))

    out, err = run("sync_statuses")

    assert set(Order.objects.values_list("status", flat=True)) == {"completed"}
    assert {len(calls_of(box.panel(slug), "status")) for slug in services} == {1}
    assert out == "asked: 9, changed: 9, unanswered: 0, calls: 3\n"
    assert err == ""
    assert JobRun.objects.filter(job="sync_statuses").count() == 3


def test_a_provider_that_does_not_answer_is_named_and_harms_nobody_else(
    box: Sandbox, services: dict[str, Service]
) -> None:
    place(box, services)
    box.panel("smpanelim").misbehave(Fault.html_500_before_accept, action="status")

    _out, err, failed = run_failing("sync_statuses")

    assert err.startswith("smpanelim: ")
    assert "1 of 3 providers failed: smpanelim" in str(failed)
    done = Order.objects.filter(status="completed").values_list("provider__name", flat=True)
    assert set(done) == {"smmplus", "smmvna"}
    assert JobRun.objects.get(job="sync_statuses", provider_name="smpanelim").failure


def test_a_provider_that_is_off_is_not_asked(box: Sandbox, services: dict[str, Service]) -> None:
    place(box, services)
    Provider.objects.filter(name="smmvna").update(is_active=False)

    run("sync_statuses")

    assert not calls_of(box.panel("smmvna"), "status")


@pytest.mark.django_db(transaction=True)
def test_twice_at_once_asks_once(box: Sandbox) -> None:
    """The second joins the first: together they ask about every order once."""
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    provider = join(box, "smmplus", overrides={"limits": {"multi_status": 2}})
    service = list_service(provider, pick_service(panel))
    for number in range(200):
        queue_order(service, number=number)
    run("submit_orders")
    panel.advance(LONG)
    panel.latency = 0.01
    begun, failures = threading.Barrier(2), []

    def work() -> None:
        try:
            begun.wait()
            run("sync_statuses")
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
    assert set(Order.objects.values_list("status", flat=True)) == {"completed"}
    asked = [one for call in calls_of(panel, "status") for one in call.params["orders"].split(",")]
    assert len(asked) == len(set(asked)) == 200


def test_refills_are_followed_by_hand(box: Sandbox, services: dict[str, Service]) -> None:
    orders = make_completed(box, services["smmplus"].provider, 2)
    for order in orders:
        Refill.objects.create(order=order)
    run("submit_orders")
    box.panel("smmplus").advance(LONG)

    out, _err = run("sync_refills")

    assert set(Refill.objects.values_list("status", flat=True)) <= {"completed", "rejected"}
    assert "asked: 2" in out


def test_products_and_product_orders_are_brought_up_to_date(box: Sandbox, services: dict[str, Service]) -> None:
    out, _err = run("sync_products")
    assert Product.objects.filter(provider__name="smmvna").exists()
    assert "listed: " in out
    product = Product.objects.filter(type__iexact="auto", in_stock=True).first()
    assert product is not None
    order = ProductOrder.objects.create(provider=product.provider, product=product, quantity=1, require="a@b.c")
    run("submit_orders")
    box.panel("smmvna").advance(LONG)

    out, _err = run("sync_products")

    order.refresh_from_db()
    assert order.status == "completed"
    assert "orders changed: 1" in out
    assert not calls_of(box.panel("smmplus"), "products")


def test_a_shop_that_does_not_answer_is_named(box: Sandbox, services: dict[str, Service]) -> None:
    box.panel("smmvna").misbehave(Fault.html_500_before_accept, action="products")

    _out, err, _failed = run_failing("sync_products")

    assert err.startswith("smmvna: ")
