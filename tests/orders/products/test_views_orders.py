"""Orders of products in the browser: their list and the page of one."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.models import Attempt, OrderEvent, PollRound, ProductOrder, Settlement
from orders.products.rows import PAGE_SIZE
from panelhub.models import AuditEvent
from tests.helpers.makers import (
    grant,
    make_person,
    make_product,
    make_product_order,
    make_provider,
)
from tests.helpers.pages import HTMX, log_in, text_of
from tests.helpers.product_orders import make_delivered
from tests.helpers.product_pages import do, page_of

pytestmark = pytest.mark.django_db
CATALOGUE = reverse("orders:products")
ORDERS = reverse("orders:product_orders")
SECRET = "user@example.com / correct-horse"


def orders_on(response: Any) -> list[int]:
    return [int(key) for key in re.findall(r'<tr id="product-order-(\d+)"', text_of(response))]


class TestList:
    def test_it_shows_what_was_bought_and_how_far_it_is(self, as_staff: Any, staff: Any) -> None:
        make_product_order(
            make_product(name="Netflix <i>"), quantity=4, remains=1, external_id="77", created_by=staff,
            charge=Decimal("7.5"), goods_count=3, client_label="Acme", provider_status="<b>Odd</b>",
        )  # fmt: skip

        page = text_of(as_staff.get(ORDERS))

        for words in (
            "Netflix &lt;i&gt;",
            "77",
            "Acme",
            staff.username,
            "7.50",
            "3 delivered",
            "&lt;b&gt;Odd&lt;/b&gt;",
        ):
            assert words in page
        assert 'value="75"' in page

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, "held open done lost refused"),
            ({"tab": "attention"}, "held lost"),
            ({"tab": "active"}, "open"),
            ({"tab": "done"}, "done"),
            ({"tab": "refused"}, "refused"),
            ({"status": "completed"}, "done"),
            ({"q": "gmail old"}, "done"),
            ({"q": "EXT-9"}, "open"),
            ({"client": "Acme"}, "refused"),
            ({"person": "me"}, "held"),
            ({"tab": "nonsense", "status": "nonsense", "provider": "x", "person": "7"}, "held open done lost refused"),
        ],
        ids=str,
    )
    def test_tabs_filters_and_search_are_in_the_address(
        self, as_staff: Any, staff: Any, query: dict[str, str], found: str
    ) -> None:
        shop = make_provider("smmvna")
        product = make_product(shop, name="Netflix")
        made = {
            "held": make_product_order(product, status="held", created_by=staff),
            "open": make_product_order(product, external_id="EXT-9"),
            "done": make_product_order(make_product(shop, name="Gmail, 2 years old"), status="completed"),
            "lost": make_product_order(product, status="unconfirmed"),
            "refused": make_product_order(product, status="rejected", client_label="Acme"),
        }
        assert set(orders_on(as_staff.get(ORDERS, query))) == {made[name].pk for name in found.split()}

    def test_it_is_found_by_our_number(self, as_staff: Any) -> None:
        shop = make_product()
        wanted, _other = make_product_order(shop), make_product_order(shop)

        assert orders_on(as_staff.get(ORDERS, {"q": f"#{wanted.pk}"})) == [wanted.pk]

    def test_what_needs_attention_is_counted_on_both_pages(self, as_staff: Any) -> None:
        make_product_order(status="held")
        make_product_order(status="unconfirmed")

        for url in (ORDERS, CATALOGUE):
            assert re.search(r'Needs attention\s*<span class="count alert">2<', text_of(as_staff.get(url)))

    def test_pages_hold_every_order_once(self, as_staff: Any) -> None:
        product = make_product()
        ProductOrder.objects.bulk_create(
            ProductOrder(provider=product.provider, product=product, status="completed") for _n in range(PAGE_SIZE + 7)
        )

        first = as_staff.get(ORDERS)
        on = re.search(r'rel="next" href="([^"]+)"', text_of(first))
        assert on
        second = as_staff.get(ORDERS + on[1].replace("&amp;", "&"))

        found = orders_on(first) + orders_on(second)
        assert found == sorted(ProductOrder.objects.values_list("pk", flat=True), reverse=True)

    def test_only_orders_of_granted_providers_are_there(self, staff: Any, as_staff: Any) -> None:
        mine, other = make_product_order(), make_product_order()
        grant(staff, mine.provider)

        assert orders_on(as_staff.get(ORDERS)) == [mine.pk]
        assert as_staff.get(reverse("orders:product_live"), {"rows": f"{other.pk}:x"}).status_code == 204
        for step in ("check", "withdraw", "goods", "note"):
            assert do(as_staff, step, other).status_code in {403, 404}
        assert as_staff.get(reverse("orders:product_detail", args=[other.pk])).status_code == 404

    def test_rows_that_look_different_come_back_and_others_do_not(self, as_staff: Any) -> None:
        order, same = make_product_order(), make_product_order()
        marks = re.findall(r'data-live="([^"]+)"', text_of(as_staff.get(ORDERS)))
        assert len(marks) == 2
        live = reverse("orders:product_live")
        assert as_staff.get(live, {"rows": ",".join(marks)}).status_code == 204
        ProductOrder.objects.filter(pk=order.pk).update(remains=1)

        response = as_staff.get(live, {"rows": ",".join(marks)}, headers=HTMX)

        assert orders_on(response) == [order.pk]
        assert 'hx-swap-oob="true"' in text_of(response)
        assert f"product-order-{same.pk}" not in text_of(response)

    def test_costs_are_shown_to_those_who_may_see_them(self, viewer: Any, as_manager: Any) -> None:
        make_product_order(charge=Decimal("7.125"))
        assert "7.125" in text_of(as_manager.get(ORDERS))

        assert "7.125" not in text_of(log_in(viewer).get(ORDERS))

    def test_a_page_takes_the_same_few_statements_however_many_orders(self, as_staff: Any) -> None:
        make_product_order()
        as_staff.get(ORDERS)
        with CaptureQueriesContext(connection) as one:
            as_staff.get(ORDERS)
        for _number in range(20):
            make_product_order()
        with CaptureQueriesContext(connection) as many:
            as_staff.get(ORDERS)

        assert len(many) == len(one) <= 8

    def test_it_needs_its_permission(self, client: Any) -> None:
        assert client.get(ORDERS).status_code == 302
        assert log_in(make_person()).get(ORDERS).status_code == 403


class TestPage:
    def test_it_shows_what_happened_in_the_providers_own_words(self, as_staff: Any, staff: Any) -> None:
        order = make_product_order(
            quantity=4, remains=1, external_id="900", provider_note="Wait <1> day", created_by=staff, note="for Ann"
        )
        OrderEvent.objects.create(product_order=order, kind="created", actor=staff, after="queued")
        OrderEvent.objects.create(product_order=order, kind="state", after="in_progress", words="<Working>")
        Attempt.objects.create(
            product_order=order,
            provider=order.provider,
            action="add_product_order",
            outcome="accepted",
            http_status=200,
        )

        page = page_of(as_staff, order)

        for words in ("&lt;Working&gt;", "Wait &lt;1&gt; day", "900", "HTTP 200", "for Ann", f"by {staff.username}"):
            assert words in page

    def test_what_was_handed_over_is_never_on_it(self, as_manager: Any) -> None:
        order = make_product_order(make_product(require="Input your account"), require=SECRET, result="leads-to-goods")

        page = page_of(as_manager, order)

        assert "Input your account" in page
        assert SECRET not in page
        assert "leads-to-goods" not in page

    def test_a_partial_delivery_says_what_came_and_what_is_expected_back(self, as_staff: Any) -> None:
        order = make_product_order(
            quantity=5, remains=2, status="partial", external_id="9", expected_charge=Decimal("12.5"),
            charge=Decimal("7.5"), goods_count=3, goods_final=True, goods_at=timezone.now(),
        )  # fmt: skip

        page = page_of(as_staff, order)

        assert "3 of 5" in page
        assert "Expected refund" in page
        assert re.search("Expected refund</dt>\\s*<dd[^>]*>\\s*5\\.00", page)
        assert "Refund outstanding" not in page

    def test_it_goes_on_asking_until_all_goods_are_here(self, as_staff: Any) -> None:
        order = make_product_order(status="completed", external_id="9")
        assert "Delivered. Fetching the goods now" in page_of(as_staff, order)
        mark = re.search(r'data-live="([^"]+)"', page_of(as_staff, order))
        assert mark
        url = reverse("orders:product_detail", args=[order.pk])
        assert as_staff.get(url, {"rows": mark[1]}, headers=HTMX).status_code == 204

        ProductOrder.objects.update(goods_count=2, goods_final=True, goods_at=timezone.now())

        page = text_of(as_staff.get(url, {"rows": mark[1]}, headers=HTMX))
        assert "2 of 2 fetched" in page
        assert "data-live=" not in page

    def test_an_open_one_says_when_it_was_polled(self, as_staff: Any) -> None:
        order = make_product_order(external_id="9", placed_at=timezone.now() - timedelta(hours=1))
        PollRound.objects.create(
            provider=order.provider, kind="product_order", tier=1, round_before=timezone.now() - timedelta(seconds=40)
        )

        assert re.search(r"checked <time [^>]*>4\d s ago", page_of(as_staff, order))

    def test_an_adopted_one_without_anything_has_a_page(self, as_staff: Any) -> None:
        order = ProductOrder.objects.create(provider=make_provider("smmvna"), external_id="9", status="pending")

        assert "Unknown product" in page_of(as_staff, order)
        assert str(order.pk) in text_of(as_staff.get(ORDERS))

    def test_it_is_withdrawn_until_it_is_sent(self, as_staff: Any, viewer: Any) -> None:
        order = make_product_order(status="queued")
        assert "Withdraw" in page_of(as_staff, order)
        assert "Withdraw" not in page_of(log_in(viewer), order)
        assert do(log_in(viewer), "withdraw", order).status_code == 403

        page = text_of(do(as_staff, "withdraw", order, follow=True))

        order.refresh_from_db()
        assert order.status == "withdrawn"
        assert f"Product order #{order.pk} withdrawn. Nothing was sent." in page
        assert AuditEvent.objects.filter(action="product_order.withdrawn").count() == 1
        assert "can’t be withdrawn. It has already been sent" in text_of(do(as_staff, "withdraw", order, follow=True))

    def test_colleagues_write_notes_that_stay(self, as_staff: Any, staff: Any, viewer: Any) -> None:
        order = make_product_order(note="for Ann")

        do(as_staff, "note", order, data={"text": "ask for <another> mailbox"})

        page = page_of(as_staff, order)
        assert "for Ann" in page
        assert "ask for &lt;another&gt; mailbox" in page
        assert OrderEvent.objects.get().actor == staff
        assert "Enter a note." in text_of(do(as_staff, "note", order, data={"text": " "}, follow=True))
        assert do(log_in(viewer), "note", order, data={"text": "x"}).status_code == 403

    def test_a_worker_is_notified_for_a_look_now(self, as_staff: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        notified: list[Any] = []
        monkeypatch.setattr("orders.detail.actions.notify_worker", lambda *args, **options: notified.append(args))
        order, without = make_product_order(external_id="9"), make_product_order()

        do(as_staff, "check", order)
        do(as_staff, "check", without)

        assert notified == [("orders.products.tasks.check_product_order", order.pk)]

    @pytest.mark.parametrize("status", ["queued", "in_progress", "completed"])
    def test_the_page_takes_the_same_few_statements_however_long_the_story(
        self, as_staff: Any, django_assert_max_num_queries: Any, status: str
    ) -> None:
        order = make_delivered(status=status)
        for number in range(50):
            OrderEvent.objects.create(product_order=order, kind="state", after="pending", words=str(number))
        page_of(as_staff, order)

        with django_assert_max_num_queries(8):
            page_of(as_staff, order)

    def test_it_needs_its_permission(self, client: Any) -> None:
        url = reverse("orders:product_detail", args=[make_product_order().pk])

        assert client.get(url).status_code == 302
        assert log_in(make_person()).get(url).status_code == 403


class TestSettling:
    def test_an_unconfirmed_one_is_settled_on_its_own_page(self, as_manager: Any, as_staff: Any) -> None:
        order = make_product_order(status="unconfirmed", error="reset by peer")
        page = page_of(as_manager, order)
        assert "Resolve this order" in page
        assert 'name="external_id"' in page
        assert "reset by peer" in page
        assert 'name="way"' not in page_of(as_staff, order)

        response = as_manager.post(
            reverse("orders:settle", args=["product_order", order.pk]),
            {"way": "give_up", "reason": "nobody knows"},
        )

        order.refresh_from_db()
        assert response["Location"] == reverse("orders:product_detail", args=[order.pk])
        assert order.status == "given_up"
        assert "nobody knows" in page_of(as_manager, order)

    def test_an_id_that_belongs_to_another_is_refused_by_its_name(self, as_manager: Any) -> None:
        product = make_product()
        other = make_product_order(product, external_id="900")
        order = make_product_order(product, status="unconfirmed")

        response = as_manager.post(
            reverse("orders:settle", args=["product_order", order.pk]),
            {"way": "adopt", "external_id": "900", "reason": "it is on their page"},
            follow=True,
        )

        order.refresh_from_db()
        assert f"is already product order #{other.pk}" in text_of(response)
        assert (order.status, order.external_id) == ("unconfirmed", None)
        assert not Settlement.objects.exists()
