"""In which order rows are locked: orders by their keys, then people, so that two who meet wait and never both."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.listing.bulk_actions import approve_all
from orders.models import Order, ProductOrder
from orders.placement.services import approve_order
from orders.products.services import approve_product_order
from panelhub.db.bulk import lock_rows, update_rows
from providers.catalogue.seen_prices import mark_of_price
from tests.helpers.makers import (
    make_person,
    make_product,
    make_provider,
    make_service,
    set_limits,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock for all rows"),
]
LOCKED = re.compile(r'FROM "(\w+)".* FOR (NO KEY )?UPDATE')
WRITTEN = re.compile(r'UPDATE "(\w+)"')


def locks_of(captured: CaptureQueriesContext) -> list[str]:
    """Return the tables whose rows were locked or written, in that order, each the first time."""
    found = [LOCKED.search(query["sql"]) or WRITTEN.match(query["sql"]) for query in captured.captured_queries]
    return list(dict.fromkeys(match[1] for match in found if match))


def make_own(person: Any, **fields: Any) -> Order:
    """Return an order of 1 that its author may approve, and that costs 2 by now."""
    service = make_service(make_provider(), rate=Decimal(2))
    held = {"status": "held", "held_for": "price_jump", "rate": Decimal(1), "expected_charge": Decimal(1)}
    return Order.objects.create(
        provider=service.provider, service=service, created_by=person, reserved=Decimal(1), **held, **fields
    )


@pytest.fixture
def person() -> Any:
    made = make_person()
    set_limits(made, daily_limit=Decimal(1_000))
    return made


def test_one_order_is_locked_before_its_maker(person: Any) -> None:
    order = make_own(person)

    with CaptureQueriesContext(connection) as captured:
        assert approve_order(order, by=person)

    assert locks_of(captured)[:2] == ["orders_order", "orders_person"]


def test_a_product_order_likewise(person: Any) -> None:
    product = make_product()
    order = ProductOrder.objects.create(
        provider=product.provider,
        product=product,
        quantity=2,
        status="held",
        held_for="price_jump",
        created_by=person,
        created_at=timezone.now() - timedelta(days=1),
        reserved=Decimal(1),
    )

    with CaptureQueriesContext(connection) as captured:
        assert approve_product_order(order, by=person)

    assert locks_of(captured)[:2] == ["orders_productorder", "orders_person"]


def test_many_are_locked_before_their_maker(person: Any) -> None:
    orders = [make_own(person) for _number in range(2)]
    seen = {order.service.pk: mark_of_price(order.service.rate) for order in orders if order.service}

    with CaptureQueriesContext(connection) as captured:
        assert approve_all(Order.objects.all(), by=person, seen=seen).created == 2

    assert locks_of(captured)[:3] == ["orders_chain", "orders_order", "orders_person"]


def test_rows_are_locked_by_their_keys_before_they_are_written(person: Any) -> None:
    keys = [make_own(person).pk for _number in range(3)]

    with CaptureQueriesContext(connection) as captured:
        assert update_rows(Order, ["note"], [(pk, "x") for pk in keys[::-1]]) == set(keys)

    begin, lock, write, end = [query["sql"] for query in captured.captured_queries]
    assert (begin, end) == ("BEGIN", "COMMIT")
    assert lock.endswith("ORDER BY id FOR NO KEY UPDATE")
    assert write.startswith('UPDATE "orders_order"')


def test_rows_are_written_by_their_keys_whatever_order_they_come_in(person: Any) -> None:
    """Two who write the same rows, one forwards and one backwards, end both."""
    keys = [make_own(person).pk for _number in range(40)]
    start, failures = Barrier(2), []

    def write(rows: list[int]) -> None:
        try:
            start.wait(10)
            for _round in range(20):
                with transaction.atomic():
                    lock_rows(Order, rows)
                update_rows(Order, ["note"], [(pk, "x") for pk in rows])
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=write, args=(rows,)) for rows in (keys, keys[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failures == []
