"""Product orders of programs: one key makes one of them, at once and one after the other, and only for one content."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from orders.models import ApiOrder, ProductOrder
from tests.helpers.makers import make_product
from tests.orders.api.conftest import make_program, open_product

THREADS = 6


@pytest.mark.django_db(transaction=True)
def test_one_key_for_a_product_sent_many_times_at_once_makes_one_order() -> None:
    program = make_program()
    offered = open_product(make_product(inventory=1_000))
    barrier = threading.Barrier(THREADS)
    answers: list[Any] = []

    def buy() -> None:
        try:
            barrier.wait(30)
            answers.append(program.call("add_product_order", product=offered.pk, quantity=1, idempotency_key="k"))
        finally:
            connection.close()

    threads = [threading.Thread(target=buy) for _number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ProductOrder.objects.count() == ApiOrder.objects.count() == 1
    assert answers == [{"order": ProductOrder.objects.get().pk}] * THREADS


@pytest.mark.django_db
def test_one_key_for_another_product_order_is_refused_and_without_a_key_each_call_buys() -> None:
    program = make_program()
    offered = open_product(make_product(inventory=1_000))
    first = program.call("add_product_order", product=offered.pk, quantity=1, idempotency_key="k")

    again = program.call("add_product_order", product=offered.pk, quantity=1, idempotency_key="k")
    changed = program.call("add_product_order", product=offered.pk, quantity=2, idempotency_key="k")

    assert again == first
    assert "error" in changed
    assert ProductOrder.objects.count() == 1
    plain = [program.call("add_product_order", product=offered.pk, quantity=1) for _time in range(2)]
    assert ProductOrder.objects.count() == 3
    assert len({answer["order"] for answer in plain}) == 2
