"""Many calls at once: one key makes one order, and a limit is not passed together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from orders.models import ApiOrder, ApiToken, Order
from tests.helpers.makers import set_limits
from tests.orders.api.conftest import make_program, open_service

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Do ``work`` in several threads that start together; what each returned."""
    barrier = threading.Barrier(THREADS)
    results: list[Any] = []

    def run(number: int) -> None:
        try:
            barrier.wait(30)
            results.append(work(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_key_sent_many_times_at_once_makes_one_order() -> None:
    program = make_program()
    offered = open_service()
    fields = {"service": offered.pk, "link": "https://a.example/", "quantity": 100, "idempotency_key": "k"}

    answers = at_once(lambda _number: program.call("add", **fields))

    assert Order.objects.count() == ApiOrder.objects.count() == 1
    assert answers == [{"order": Order.objects.get().pk}] * THREADS


def test_one_key_at_once_under_a_limit_that_fits_one_order_is_not_refused() -> None:
    program = make_program()
    set_limits(program.person, daily_limit=Decimal("0.1"))
    offered = open_service()
    fields = {"service": offered.pk, "link": "https://a.example/", "quantity": 100, "idempotency_key": "k"}

    answers = at_once(lambda _number: program.call("add", **fields))

    assert answers == [{"order": Order.objects.get().pk}] * THREADS


def test_orders_at_once_do_not_pass_the_limit_together() -> None:
    program = make_program()
    set_limits(program.person, daily_limit=Decimal("0.2"))
    offered = open_service()

    answers = at_once(
        lambda number: program.call("add", service=offered.pk, link=f"https://a.example/{number}", quantity=100)
    )

    assert sum("order" in answer for answer in answers) == Order.objects.count() == 2
    assert sum(answer.get("error") == "Not enough funds on balance" for answer in answers) == THREADS - 2


def test_calls_at_once_are_counted_one_by_one() -> None:
    program = make_program(requests_per_minute=4)

    answers = at_once(lambda _number: program.post("balance").status_code)

    assert sorted(answers) == [200] * 4 + [429] * (THREADS - 4)
    assert ApiToken.objects.get().window_calls == 4
