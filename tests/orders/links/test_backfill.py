"""Orders from before get the keys of their links, step by step, however often it is begun."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.links import backfill, key_of
from orders.models import Order
from tests.helpers.makers import make_service

pytestmark = pytest.mark.django_db
LINKS = ["https://youtu.be/kT9_wQ2-LmA", "@ann", "#N/A", "münzladen.example/\u200b", "", "javascript:alert(1)"]


def make_orders() -> list[Order]:
    service = make_service()
    orders = [Order.objects.create(provider=service.provider, service=service, link=link) for link in LINKS]
    Order.objects.update(target_key=None)
    return orders


def keys() -> dict[int, bytes | None]:
    return {pk: None if key is None else bytes(key) for pk, key in Order.objects.values_list("pk", "target_key")}


def test_every_order_with_a_link_gets_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "STEP", 2)
    orders = make_orders()

    assert backfill.fill_link_keys(Order) == len(LINKS) - 1

    assert keys() == {order.pk: key_of(order.link) for order in orders}
    assert {len(key) for key in keys().values() if key} == {16}


def test_it_goes_on_where_it_stopped_and_leaves_what_is_there() -> None:
    orders = make_orders()
    Order.objects.filter(pk=orders[0].pk).update(target_key=b"0123456789abcdef")

    assert backfill.fill_link_keys(Order) == len(LINKS) - 2
    assert backfill.fill_link_keys(Order) == 0

    assert keys()[orders[0].pk] == b"0123456789abcdef"


def test_what_the_version_before_wrote_meanwhile_is_filled_in_by_hand() -> None:
    orders = make_orders()

    call_command("fill_link_keys", stdout=(said := io.StringIO()))

    assert said.getvalue() == f"keys written {len(LINKS) - 1}\n"
    assert keys()[orders[0].pk] == key_of(LINKS[0])


def test_after_a_rule_changed_all_are_written_again() -> None:
    orders = make_orders()
    Order.objects.update(target_key=b"0123456789abcdef")

    assert backfill.fill_link_keys(Order, every=True) == len(LINKS) - 1

    assert keys()[orders[0].pk] == key_of(LINKS[0])


def test_a_step_takes_a_statement_or_two_whatever_its_size() -> None:
    make_orders()
    with CaptureQueriesContext(
        connection,
    ) as few:
        backfill.fill_link_keys(Order)
    Order.objects.bulk_create(
        [
            Order(provider=order.provider, service=order.service, link=f"@a{n}")
            for n in range(200)
            for order in [Order.objects.first()]
            if order
        ]
    )
    with CaptureQueriesContext(connection) as many:
        backfill.fill_link_keys(Order)

    assert len(many) == len(few)
