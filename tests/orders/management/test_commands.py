"""Jobs by hand: all open work now, figures at the end, failures by name."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Order, PollRound, ProductOrder, Refill
from panelhub.models import JobRun
from providers.models import Product, Provider, Service
from providers.sandbox import Fault, Sandbox
from tests.helpers.at_sandbox import LONG, calls_of, join, list_service, make_completed, pick_service, queue_order
from tests.helpers.commands import run, run_failing

pytestmark = pytest.mark.django_db
COMMANDS = ["submit_orders", "sync_statuses", "sync_refills", "sync_products"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_hub_without_anything_is_a_hub_where_all_is_well(name: str) -> None:
    out, err = run(name)

    assert out.endswith("\n")
    assert out.count("\n") == 1
    assert err == ""


# --- sync_statuses, sync_refills, sync_products -----------------------------------------------------------------------


def place(box: Sandbox, services: dict[str, Service], count: int = 3) -> None:
    for number in range(count):
        for service in services.values():
            queue_order(service, number=number)
    run("submit_orders")
    for slug in services:
        box.panel(slug).advance(LONG)


def test_all_open_orders_of_all_providers_are_polled(box: Sandbox, services: dict[str, Service]) -> None:
    place(box, services)
    PollRound.objects.update(due_at=timezone.now() + timedelta(days=1))

    out, err = run("sync_statuses")

    assert set(Order.objects.values_list("status", flat=True)) == {"completed"}
    assert {len(calls_of(box.panel(slug), "status")) for slug in services} == {1}
    assert out == "asked: 9, changed: 9, unanswered: 0, calls: 3\n"
    assert err == ""
    assert JobRun.objects.filter(job="sync_statuses").count() == 3


def test_a_provider_that_does_not_answer_is_named_and_harms_no_one_else(
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


def test_a_provider_that_is_off_is_not_called(box: Sandbox, services: dict[str, Service]) -> None:
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
