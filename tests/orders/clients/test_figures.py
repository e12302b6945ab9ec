"""Sums of clients: what was charged, what is billed, in the hub's currency."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from orders.clients.contexts import build_page, rows_of
from orders.clients.figures import HubMoney, Total, sum_by, visible_rows
from orders.clients.report import Report, table_of
from orders.models import Client, ExchangeRate, Order
from tests.helpers.makers import (
    grant,
    limit_to_clients,
    make_client,
    make_order,
    make_person,
    make_product_order,
    make_service,
)

pytestmark = pytest.mark.django_db
RIGHTS = ("orders.view_order", "orders.view_productorder", "orders.view_client", "orders.view_cost")


@pytest.fixture
def person() -> User:
    return make_person(*RIGHTS)


@pytest.fixture
def client_row() -> Client:
    return make_client("Acme", markup=Decimal(25))


def whole(client: Client, user: User) -> Total:
    sums = sum_by([one.filter(client=client) for one in visible_rows(user)], "client")
    return HubMoney().add_up(sums).get(client.pk, Total())


def put_at(order: Any, when: str) -> None:
    type(order)._default_manager.filter(pk=order.pk).update(
        created_at=datetime.fromisoformat(when).replace(tzinfo=timezone.get_default_timezone())
    )


def test_the_charge_counts_and_the_expected_one_while_there_is_none(person: User, client_row: Client) -> None:
    service = make_service()
    for fields in (
        {"charge": Decimal(8), "expected_charge": Decimal(9), "status": "completed"},
        {"expected_charge": Decimal(4), "status": "in_progress"},
        # Nothing was charged for these, as far as is known.
        {"expected_charge": Decimal(100), "status": "canceled"},
        {"expected_charge": Decimal(100), "status": "queued"},
        {"expected_charge": Decimal(100), "status": "rejected"},
    ):
        make_order(service, client=client_row, **fields)
    make_order(service, client=make_client(), charge=Decimal(50), status="completed")
    make_product_order(client=client_row, charge=Decimal(2), status="completed")

    total = whole(client_row, person)

    assert (total.orders, total.charged, total.billed, total.margin) == (
        4,
        Decimal(14),
        Decimal("17.5"),
        Decimal("3.5"),
    )


def test_an_order_keeps_the_markup_it_was_ordered_with(person: User, client_row: Client) -> None:
    make_order(client=client_row, charge=Decimal(100), status="completed", markup=Decimal(10))
    make_order(client=client_row, charge=Decimal(100), status="completed")

    assert whole(client_row, person).billed == Decimal(235)


def test_currencies_are_added_up_by_their_rates_and_missing_ones_are_named(person: User, client_row: Client) -> None:
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.10"))
    for currency in ("USD", "EUR", "TRY"):
        make_order(client=client_row, charge=Decimal(10), currency=currency, status="completed")

    total = whole(client_row, person)

    assert (total.charged, total.without_rate) == (Decimal(21), frozenset({"TRY"}))


def test_sums_hold_what_their_reader_sees(client_row: Client) -> None:
    mine = make_service()
    make_order(mine, client=client_row, charge=Decimal(1), status="completed")
    make_order(client=client_row, charge=Decimal(10), status="completed")
    limited = make_person(*RIGHTS, sees_all=False)
    grant(limited, mine.provider)
    outsider = limit_to_clients(make_person(*RIGHTS), make_client())

    assert whole(client_row, User.objects.get(pk=limited.pk)).charged == 1
    assert whole(client_row, outsider).charged == 0


def test_the_page_has_its_months_links_and_open_orders(person: User, client_row: Client) -> None:
    service = make_service(name="Followers")
    for month in (10, 11):
        order = make_order(service, client=client_row, charge=Decimal(month), status="completed")
        put_at(order, f"{timezone.localdate().year - 1}-{month}-30T23:59")
    here = make_order(service, client=client_row, link="https://b.example/2")
    make_order(service, client=client_row, link="https://b.example/2", status="held")

    page = build_page(client_row, person)

    assert [line["number"] for line in page["open"]] == [f"#{here.pk + 1}", f"#{here.pk}"]
    assert (page["open_count"], page["attention"]) == ("2", 1)
    assert [(row["link"], row["orders"]) for row in page["links"]] == [
        ("https://b.example/2", "2"),
        ("https://a.example/p/1", "2"),
    ]
    assert "10.00" in [month.charged[:5] for month in page["months"]] or len(page["months"]) >= 1


def test_a_report_is_of_its_month_alone(person: User, client_row: Client) -> None:
    service = make_service(name="Followers")
    for number, moment in enumerate(("2026-10-31T23:59", "2026-11-01", "2026-11-30T23:59", "2026-12-01")):
        order = make_order(service, client=client_row, charge=Decimal(10**number), status="completed", remains=100)
        put_at(order, moment)
    report = Report(client_row, datetime(2026, 11, 1).date(), person)

    lines = list(report.lines())

    assert [(line.cost, line.delivered) for line in lines] == [(Decimal(10), 900), (Decimal(100), 900)]
    assert (report.total().charged, report.total().billed) == (Decimal(110), Decimal("137.5"))
    assert (report.count_in("completed"), report.by_name()[0][0]) == (2, "Followers")


@pytest.mark.parametrize(("sees_cost", "internal", "columns"), [(False, True, 7), (True, False, 9), (True, True, 11)])
def test_a_workbook_has_costs_for_who_may_see_them(
    person: User, client_row: Client, sees_cost: bool, internal: bool, columns: int
) -> None:
    make_order(client=client_row, charge=Decimal(10), status="completed")
    make_product_order(client=client_row, charge=Decimal(2), status="completed")
    report = Report(client_row, timezone.localdate().replace(day=1), person)

    header, rows = table_of(report, sees_cost=sees_cost, internal=internal)
    table = [list(row) for row in rows]

    assert len(header) == columns
    assert {len(row) for row in table} == {columns}
    assert len(table) == (3 if sees_cost else 2)
    if sees_cost:
        assert Decimal(15) in table[-1]


def test_the_list_takes_the_same_statements_for_many(person: User, django_assert_num_queries: Any) -> None:
    service = make_service()
    for number in range(60):
        client = make_client(f"C{number:03}", manager=person)
        Order.objects.bulk_create(
            Order(
                provider=service.provider,
                service=service,
                client=client,
                charge=Decimal(1),
                status="completed",
                currency="USD",
            )
            for _order in range(3)
        )
    few = list(Client.objects.select_related("manager")[:2])
    many = list(Client.objects.select_related("manager"))
    rows_of(few, person)
    # Open orders and sums, each of orders and of product orders; the rates and the hub's currency.
    with django_assert_num_queries(6):
        rows = rows_of(many, person)

    assert {row["month"].orders for row in rows} == {"3"}
