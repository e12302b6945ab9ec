"""Orders as a file: what is in it, and who gets it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from orders.models import ProductOrder
from orders.roles import ROLES
from panelhub.models import AuditEvent
from tests.helpers.makers import (
    grant,
    make_order,
    make_person,
    make_product,
    make_provider,
    make_service,
)
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db
LIST = reverse("orders:list")


def download(client: Any, form: str = "csv", **query: str) -> bytes:
    response = client.get(reverse("orders:export", args=[form]), query)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def rows_of(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


def test_the_orders_of_the_filter_and_no_others_are_in_it(as_manager: Any) -> None:
    service = make_service(name="Likes")
    older, newer = (make_order(service, status="partial", charge=Decimal("0.90000001"), remains=5) for _n in range(2))
    make_order(service)

    rows = rows_of(download(as_manager, status="partial"))

    assert [row["Order"] for row in rows] == [str(newer.pk), str(older.pk)]
    assert (rows[0]["Service"], rows[0]["Status"], rows[0]["Charge"]) == ("Likes", "Partial", "0.90000001")


def test_a_search_is_a_filter_too(as_manager: Any) -> None:
    wanted = make_order(external_id="A-1")
    make_order()

    assert [row["Order"] for row in rows_of(download(as_manager, q="A-1"))] == [str(wanted.pk)]


def test_the_workbook_holds_the_same(as_manager: Any) -> None:
    order = make_order(client_label="=HYPERLINK(1)")

    sheet = load_workbook(io.BytesIO(download(as_manager, "xlsx"))).active

    assert sheet is not None
    header, row = sheet.iter_rows(values_only=True)
    assert dict(zip(header, row, strict=True))["Order"] == order.pk
    assert dict(zip(header, row, strict=True))["Client"] == "=HYPERLINK(1)"
    # A text, and no formula, though nothing stands in front of it.
    assert {cell.data_type for cell in sheet[2] if cell.value == "=HYPERLINK(1)"} == {"s"}


def test_links_and_names_are_no_formulas(as_manager: Any) -> None:
    make_order(link="=cmd|' /C calc'!A0")

    assert rows_of(download(as_manager))[0]["Link"].startswith("'=")


class TestProductOrders:
    @pytest.fixture
    def order(self) -> ProductOrder:
        product = make_product(name="Accounts")
        return ProductOrder.objects.create(
            provider=product.provider,
            product=product,
            quantity=2,
            status="completed",
            external_id="A-7",
            charge=Decimal("5.00000001"),
            client_label="=HYPERLINK(1)",
            require="their password",
            goods="the goods",
            result="the way to them",
            goods_count=2,
        )

    def load(self, client: Any, form: str = "csv", **query: str) -> bytes:
        response = client.get(reverse("orders:product_export", args=[form]), query)
        assert response.status_code == 200
        return b"".join(response.streaming_content)

    def test_those_of_the_filter_are_in_it_and_nothing_that_is_secret(
        self, as_manager: Any, order: ProductOrder
    ) -> None:
        ProductOrder.objects.create(provider=order.provider, product=order.product, quantity=1)

        text = self.load(as_manager, status="completed")

        (row,) = rows_of(text)
        assert (row["Order"], row["Product"], row["Quantity"], row["Status"]) == (
            *(str(order.pk), "Accounts", "2", "Completed"),
        )
        assert (row["Charge"], row["Client"], row["Delivered items"]) == ("5.00000001", "'=HYPERLINK(1)", "2")
        for secret in (order.require, order.goods, order.result):
            assert secret not in text.decode()

    def test_the_workbook_holds_the_same(self, as_manager: Any, order: ProductOrder) -> None:
        sheet = load_workbook(io.BytesIO(self.load(as_manager, "xlsx"))).active

        assert sheet is not None
        header, row = sheet.iter_rows(values_only=True)
        assert dict(zip(header, row, strict=True))["Provider ID"] == "A-7"

    def test_it_takes_its_permission_and_is_kept_in_the_record(
        self, as_staff: Any, as_manager: Any, manager: Any, order: ProductOrder
    ) -> None:
        url, listed = reverse("orders:product_export", args=["csv"]), reverse("orders:product_orders")

        assert as_staff.get(url).status_code == 403
        assert url not in as_staff.get(listed).content.decode()
        assert f"{url}?status=completed" in as_manager.get(listed, {"status": "completed"}).content.decode()
        self.load(as_manager, status="completed")
        event = AuditEvent.objects.get(action="product_order.exported")
        assert (event.actor_id, event.summary, event.data) == (manager.pk, "status=completed", {"format": "csv"})

    def test_costs_and_other_providers_stay_with_those_who_may_see_them(self, order: ProductOrder) -> None:
        person = make_person("orders.view_productorder", "orders.export_order")

        assert not {"Charge", "Expected charge", "Currency"} & set(rows_of(self.load(log_in(person)))[0])
        grant(person, make_provider())
        assert rows_of(self.load(log_in(type(person).objects.get(pk=person.pk)))) == []


def test_it_takes_its_permission_and_is_kept_in_the_record(as_staff: Any, as_manager: Any, manager: Any) -> None:
    make_order()
    url = reverse("orders:export", args=["csv"])

    assert as_staff.get(url).status_code == 403
    assert url not in as_staff.get(LIST).content.decode()
    assert f"{url}?status=in_progress" in as_manager.get(LIST, {"status": "in_progress"}).content.decode()
    download(as_manager, status="in_progress")
    event = AuditEvent.objects.get(action="order.exported")
    assert (event.actor_id, event.summary, event.data) == (manager.pk, "status=in_progress", {"format": "csv"})


def test_neither_costs_nor_other_providers_orders_leave_with_it() -> None:
    mine, _other = make_order(charge=Decimal("7.5")), make_order()
    person = make_person("orders.view_order", "orders.export_order")
    grant(person, mine.provider)

    rows = rows_of(download(log_in(person)))

    assert [row["Order"] for row in rows] == [str(mine.pk)]
    assert not {"Charge", "Expected charge", "Currency"} & set(rows[0])
    assert "orders.view_cost" in ROLES["manager"]


def test_another_form_is_not_there(as_manager: Any) -> None:
    assert as_manager.get(reverse("orders:export", args=["pdf"])).status_code == 404
