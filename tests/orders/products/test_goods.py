"""Delivered goods are fetched once, kept secret, and each look at them is recorded."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from orders.models import Attempt, OrderEvent, ProductOrder
from orders.polling import services as polling_services
from orders.polling.subjects import PRODUCT_ORDERS
from orders.products import goods
from orders.products import services as products_services
from orders.submission import services as submission_services
from panelhub.models import AuditEvent
from providers.catalogue.product_sync import sync_products
from providers.client.errors import OrderRefused, Unknown
from providers.models import CallRecord, Product, Provider
from providers.sandbox import Fault, Panel, Sandbox
from tests.helpers.at_sandbox import LONG, calls_of, join
from tests.helpers.makers import (
    make_person,
    make_product,
)

pytestmark = pytest.mark.django_db
SECRET = "mailbox@example.com / correct-horse"


class TestGoods:
    """From the order to the delivered goods, over real HTTP against the sandbox."""

    @pytest.fixture
    def provider(self, box: Sandbox) -> Provider:
        provider = join(box, "smmvna")
        sync_products(provider)
        return provider

    @pytest.fixture
    def panel(self, box: Sandbox) -> Panel:
        return box.panel("smmvna")

    @pytest.fixture
    def order(self, provider: Provider) -> ProductOrder:
        """Five pieces at the panel, not delivered yet."""
        product = Product.objects.select_related("provider").get(provider=provider, external_id="1")
        order = products_services.create_product_order(user=make_person(), product=product, quantity=5)
        assert submission_services.send_due(provider).outcomes["accepted"] == 1
        return ProductOrder.objects.select_related("provider").get(pk=order.pk)

    def deliver(self, panel: Panel, provider: Provider) -> None:
        panel.advance(LONG)
        polling_services.sync_now(PRODUCT_ORDERS, provider)

    def test_are_fetched_once_when_they_are_complete(
        self, order: ProductOrder, panel: Panel, provider: Provider
    ) -> None:
        assert goods.fetch_due_goods(provider).asked == 0
        self.deliver(panel, provider)

        assert goods.providers_with_due_goods() == [provider.pk]
        assert goods.fetch_due_goods(provider).delivered == 5
        assert goods.fetch_due_goods(provider).asked == 0

        order.refresh_from_db()
        assert (order.status, order.goods_count, order.goods_final) == ("completed", 5, True)
        assert len(calls_of(panel, "result_product")) == 1
        assert len(set(goods.goods_of(order).items)) == 5

    def test_are_encrypted_in_their_column_and_in_no_other(
        self, order: ProductOrder, panel: Panel, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        self.deliver(panel, provider)
        goods.fetch_due_goods(provider)
        order.refresh_from_db()
        line = goods.goods_of(order).items[0]

        assert "example.com" in line
        assert line not in dump_of_tables()
        assert line not in caplog.text

    def test_of_a_partial_delivery_are_fetched_again_while_something_is_missing(
        self, order: ProductOrder, panel: Panel, provider: Provider
    ) -> None:
        panel.set_stock(1, 2)
        self.deliver(panel, provider)

        assert goods.fetch_due_goods(provider).delivered == 2
        order.refresh_from_db()
        assert (order.status, order.remains, order.goods_count) == ("partial", 3, 2)
        assert order.goods_final
        # The panel says later that more was delivered.
        ProductOrder.objects.update(remains=1, moved_at=timezone.now(), goods_final=False)
        assert goods.providers_with_due_goods() == [provider.pk]

    def test_that_are_fewer_than_said_are_requested_again_ever_more_rarely(
        self, order: ProductOrder, panel: Panel, provider: Provider
    ) -> None:
        self.deliver(panel, provider)
        ProductOrder.objects.update(quantity=6)
        goods.fetch_due_goods(provider)
        order.refresh_from_db()
        assert not order.goods_final

        for since_move, since_asked, due in (
            (timedelta(minutes=5), timedelta(seconds=30), False),
            (timedelta(minutes=5), timedelta(seconds=90), True),
            (timedelta(hours=5), timedelta(minutes=10), False),
            (timedelta(hours=5), timedelta(minutes=20), True),
            (timedelta(days=5), timedelta(hours=7), True),
            (timedelta(days=31), timedelta(days=1), False),
        ):
            now = timezone.now()
            ProductOrder.objects.update(moved_at=now - since_move, goods_at=now - since_asked)
            assert bool(goods.providers_with_due_goods()) is due, since_move

    def test_that_were_delivered_once_are_never_thrown_away(
        self, order: ProductOrder, panel: Panel, provider: Provider
    ) -> None:
        self.deliver(panel, provider)
        goods.fetch_due_goods(provider)
        order.refresh_from_db()
        first = goods.goods_of(order).items

        goods._keep(order, ["a new one", first[0]], timezone.now())
        order.refresh_from_db()
        assert goods.goods_of(order) == goods.Goods(("a new one", first[0]), first[1:])
        goods._keep(order, [], timezone.now())
        order.refresh_from_db()
        assert goods.goods_of(order).items == ("a new one", first[0])
        assert not order.goods_final

    def test_that_are_refused_leave_the_next_ones_alone(
        self, order: ProductOrder, panel: Panel, provider: Provider
    ) -> None:
        ProductOrder.objects.create(provider=provider, external_id="777", status="completed", quantity=1)
        self.deliver(panel, provider)

        fetched = goods.fetch_due_goods(provider)

        assert (fetched.asked, fetched.delivered) == (2, 5)
        assert "Incorrect order ID" in fetched.failure

    @pytest.mark.parametrize(
        "fault",
        [
            Fault.cut_body,
            Fault.php_notice,
            Fault.html_500_after_accept,
            Fault.reset_in_body,
            Fault.json_502_after_accept,
        ],
    )
    def test_in_an_unreadable_answer_are_in_no_record(
        self, order: ProductOrder, panel: Panel, provider: Provider, fault: Fault, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        self.deliver(panel, provider)
        panel.misbehave(fault, action="result_product")

        with pytest.raises((Unknown, OrderRefused)):
            goods.fetch_goods(order)

        record = CallRecord.objects.get(action="result_product")
        assert record.excerpt == ""
        secrets = panel.shop.goods_of(panel.books.product_orders[int(str(order.external_id))])
        for text in (dump_of_tables(), caplog.text):
            assert not [line for line in secrets if line[:20] in text]
        order.refresh_from_db()
        assert order.goods_count == 0
        assert order.goods_at is not None

    def test_are_fetched_by_the_command_whatever_is_due(
        self, order: ProductOrder, panel: Panel, provider: Provider, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.deliver(panel, provider)
        panel.misbehave(Fault.cut_body, action="result_product", times=1)

        with pytest.raises(CommandError):
            call_command("sync_products")
        assert provider.name in capsys.readouterr().err
        call_command("sync_products")

        order.refresh_from_db()
        assert order.goods_count == 5

    def test_are_not_requested_again_at_once_after_a_failure(
        self, order: ProductOrder, panel: Panel, provider: Provider
    ) -> None:
        self.deliver(panel, provider)
        panel.misbehave(Fault.cut_body, action="result_product")

        assert goods.fetch_due_goods(provider).failure
        assert goods.fetch_due_goods(provider).asked == 0

    def test_need_no_call_where_nothing_was_delivered(
        self, order: ProductOrder, panel: Panel, provider: Provider
    ) -> None:
        panel.set_stock(1, 0)
        self.deliver(panel, provider)

        assert goods.fetch_due_goods(provider).asked == 0
        order.refresh_from_db()
        assert (order.status, order.provider_note) == ("canceled", "Out of stock")


def dump_of_tables() -> str:
    """Everything that is in the database, as text."""
    written = io.StringIO()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            written.write(repr(cursor.fetchall()))
    return written.getvalue()


class TestSecrets:
    @pytest.fixture
    def order(self) -> ProductOrder:
        order = products_services.create_product_order(
            user=make_person(), product=make_product(require="Input your account"), quantity=1, require=SECRET
        )
        order.goods = json.dumps({"items": ["user | pass"], "earlier": ["old | pass"]})
        order.goods_count = 1
        order.save()
        return order

    def test_what_the_buyer_handed_over_is_encrypted_and_masked(self, order: ProductOrder, box: Sandbox) -> None:
        assert SECRET not in dump_of_tables()
        provider = order.provider
        provider.api_url, provider.api_key, provider.requests_per_minute = box.url("smmvna"), box.key("smmvna"), 60_000
        provider.save()
        box.panel("smmvna").misbehave(Fault.refused, action="add_product_order")

        submission_services.send_due(provider)

        assert Attempt.objects.get().payload["require"] == "•••"
        assert SECRET not in dump_of_tables()
        assert calls_of(box.panel("smmvna"), "add_product_order")[0].params["require"] == SECRET

    def test_goods_are_shown_to_those_who_may_and_each_look_is_kept(self, order: ProductOrder) -> None:
        person = make_person("orders.view_goods")

        for _look in range(2):
            assert products_services.show_goods(order, by=person) == ["user | pass", "old | pass"]

        seen = AuditEvent.objects.filter(action="goods.seen", target_id=str(order.pk), actor=person)
        assert seen.count() == OrderEvent.objects.filter(product_order=order, kind="goods", actor=person).count() == 2
        assert not [event for event in seen if "pass" in repr((event.summary, event.data))]

    def test_goods_are_not_shown_to_others_and_nothing_is_kept_of_the_try(self, order: ProductOrder) -> None:
        with pytest.raises(PermissionDenied):
            products_services.show_goods(order, by=make_person())
        assert not AuditEvent.objects.exists()
