"""Products in the browser: the catalogue, ordering one, the list of orders, the page of one, the look at the goods."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.models import Attempt, HubRules, OrderEvent, Person, ProductOrder, Settlement, Walk
from orders.product_rows import PAGE_SIZE
from orders.roles import ROLES
from panelhub.models import AuditEvent
from providers.models import Product
from tests.helpers.makers import make_person, make_product, make_provider
from tests.orders.views.conftest import log_in
from tests.orders.views.test_create import text_of, token_in
from tests.orders.views.test_listing import HTMX

pytestmark = pytest.mark.django_db
CATALOGUE = reverse("orders:products")
NEW = reverse("orders:product_create")
ORDERS = reverse("orders:product_orders")
SECRET = "user@example.com / correct-horse"
LINES = ["one@example.com | a1", "two@example.com | b2"]


def make_product_order(product: Product | None = None, **fields: Any) -> ProductOrder:
    product = product or make_product()
    plain: dict[str, Any] = {"quantity": 2, "status": "in_progress", "external_id": str(fields.get("pk", "")) or None}
    plain |= {"currency": "USD", "expected_charge": Decimal(5)}
    return ProductOrder.objects.create(provider=product.provider, product=product, **(plain | fields))


def make_delivered(**fields: Any) -> ProductOrder:
    goods = json.dumps({"items": LINES, "earlier": ["old@example.com | z9"]})
    plain: dict[str, Any] = {"status": "completed", "external_id": "900", "goods": goods, "goods_count": 2}
    return make_product_order(**(plain | {"goods_final": True, "goods_at": timezone.now()} | fields))


def page_of(client: Any, order: ProductOrder, **options: Any) -> str:
    response = client.get(reverse("orders:product_detail", args=[order.pk]), **options)
    assert response.status_code == 200
    return text_of(response)


def do(client: Any, step: str, order: ProductOrder, **options: Any) -> Any:
    return client.post(reverse(f"orders:product_{step}", args=[order.pk]), **options)


def products_on(response: Any) -> list[int]:
    return [int(key) for key in re.findall(r'<tr id="product-(\d+)"', text_of(response))]


def orders_on(response: Any) -> list[int]:
    return [int(key) for key in re.findall(r'<tr id="product-order-(\d+)"', text_of(response))]


class TestCatalogue:
    def test_it_shows_stock_price_limits_and_what_is_asked_for(self, as_staff: Any) -> None:
        make_product(
            name="Netflix <b>Premium</b>",
            require="Input your account",
            rate=Decimal("2.5"),
            inventory=1_204,
            type="Auto",
        )

        page = text_of(as_staff.get(CATALOGUE))

        assert "Netflix &lt;b&gt;Premium&lt;/b&gt;" in page
        assert "1,204 in stock" in page
        assert "2.50" in page
        assert "Input your account" in page
        assert "1 – 10" in page

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"in_stock": False, "inventory": None}, "Out of stock"),
            ({"in_stock": True, "inventory": 0}, "Out of stock"),
            ({"in_stock": True, "inventory": None}, "In stock"),
        ],
    )
    def test_stock_is_what_the_provider_says(self, as_staff: Any, fields: dict[str, Any], words: str) -> None:
        make_product(**fields)

        page = text_of(as_staff.get(CATALOGUE))

        assert re.search(rf'<span class="tag \w+">{words}</span>', page)
        assert (f'href="{NEW}?product=' in page.split('class="end"')[1]) == (words == "In stock")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, "netflix sold silent"),
            ({"stock": "in"}, "netflix silent"),
            ({"stock": "out"}, "sold"),
            ({"stock": "closed"}, "gone off"),
            ({"q": "PREMIUM netf"}, "netflix"),
            ({"category": "Mail"}, "sold"),
            ({"stock": "nonsense", "q": "\x00"}, "netflix sold silent"),
        ],
        ids=str,
    )
    def test_filters_narrow_it_by_the_address(self, as_staff: Any, query: dict[str, str], found: str) -> None:
        shop = make_provider("smmvna")
        made = {
            "netflix": make_product(shop, name="Netflix Premium"),
            "sold": make_product(shop, name="Gmail", in_stock=True, inventory=0, category="Mail"),
            "silent": make_product(shop, name="Key", in_stock=None, inventory=None),
            "gone": make_product(shop, name="Gone", is_available=False),
            "off": make_product(make_provider("smmvna", is_active=False), name="Off"),
        }

        assert set(products_on(as_staff.get(CATALOGUE, query))) == {made[name].pk for name in found.split()}

    def test_a_filter_becomes_a_chip_and_orders_of_the_list_are_kept(self, as_staff: Any) -> None:
        shop = make_provider("smmvna")
        dear, cheap = make_product(shop, rate=Decimal(9)), make_product(shop, rate=Decimal("0.10"))

        response = as_staff.get(CATALOGUE, {"provider": shop.pk, "sort": "price"})

        assert products_on(response) == [cheap.pk, dear.pk]
        assert f'aria-label="Remove the filter Provider {shop.name}"' in text_of(response)

    def test_pages_hold_every_product_once(self, as_staff: Any) -> None:
        shop = make_provider("smmvna")
        names = [f"Key {number % 7}" for number in range(60)]
        Product.objects.bulk_create(
            Product(provider=shop, external_id=str(number), name=name, rate=1) for number, name in enumerate(names)
        )

        first = as_staff.get(CATALOGUE)
        on = re.search(r'rel="next" href="([^"]+)"', text_of(first))
        assert on
        second = as_staff.get(CATALOGUE + on[1].replace("&amp;", "&"))

        assert len(products_on(first)) == 50
        assert sorted(products_on(first) + products_on(second)) == sorted(Product.objects.values_list("pk", flat=True))

    def test_only_products_of_granted_providers_are_there(self, staff: Any, as_staff: Any) -> None:
        mine, other = make_product(), make_product()
        Person.objects.create(user=staff).providers.add(mine.provider)

        response = as_staff.get(CATALOGUE)

        assert products_on(response) == [mine.pk]
        assert other.provider.name not in text_of(response)

    def test_who_may_only_look_is_offered_no_order_and_no_price(self, viewer: Any) -> None:
        make_product(rate=Decimal("7.125"))

        page = text_of(log_in(viewer).get(CATALOGUE))

        assert NEW not in page
        assert "7.125" not in page

    def test_no_address_of_a_page_tells_a_price_to_who_may_not_see_it(self, viewer: Any) -> None:
        provider = make_provider("smmvna")
        for number in range(51):
            make_product(provider, name=f"Account {number:02}", rate=Decimal("7.123"))

        page = text_of(log_in(viewer).get(CATALOGUE, {"sort": "price"}))

        assert "after=" in page
        assert "7.123" not in page

    def test_it_needs_its_permission(self, client: Any) -> None:
        assert client.get(CATALOGUE).status_code == 302
        assert log_in(make_person()).get(CATALOGUE).status_code == 403

    def test_a_hub_without_products_says_so(self, as_staff: Any) -> None:
        assert "No products yet" in text_of(as_staff.get(CATALOGUE))

    def test_htmx_gets_the_table_alone(self, as_staff: Any) -> None:
        assert "<html" not in text_of(as_staff.get(CATALOGUE, headers=HTMX))

    def test_a_page_takes_the_same_few_statements_however_many_products(self, as_staff: Any) -> None:
        shop = make_provider("smmvna")
        make_product(shop)
        as_staff.get(CATALOGUE)
        with CaptureQueriesContext(
            connection,
        ) as one:
            as_staff.get(CATALOGUE)
        for _number in range(20):
            make_product(make_provider("smmvna"))
        with CaptureQueriesContext(connection) as many:
            as_staff.get(CATALOGUE)

        assert len(many) == len(one) <= 8


class TestOrdering:
    def test_the_form_says_what_the_provider_asks_for_and_within_which_limits(self, as_staff: Any) -> None:
        product = make_product(require="Input your account", min_quantity=2, max_quantity=30)

        page = text_of(as_staff.get(NEW, {"product": product.pk}))

        assert "“Input your account”" in page
        assert 'name="require"' in page
        assert "From 2 to 30." in page
        assert "40 in stock" in page

    def test_nothing_is_asked_for_that_the_provider_does_not_want(self, as_staff: Any) -> None:
        assert 'name="require"' not in text_of(as_staff.get(NEW, {"product": make_product().pk}))

    def test_the_review_shows_charge_and_balance_and_places_nothing(self, as_staff: Any) -> None:
        product = make_product(make_provider("smmvna", balance=Decimal("6.25")), rate=Decimal("2.5"))

        page = text_of(
            as_staff.post(NEW, {"product": product.pk, "quantity": "2", "step": "review", "note": "for Ann"})
        )

        assert re.search(r"<dd>5\.00<", page)
        assert re.search(r"<dd>6\.25<", page)
        assert re.search(r"<dd>1\.25<", page)
        assert "for Ann" in page
        assert not ProductOrder.objects.exists()

    def test_a_balance_that_does_not_do_is_said(self, as_staff: Any) -> None:
        product = make_product(make_provider("smmvna", balance=Decimal(1)))

        assert "The balance does not do" in text_of(
            as_staff.post(NEW, {"product": product.pk, "quantity": "2", "step": "review"})
        )

    def test_what_was_reviewed_is_placed_once_however_often_it_is_clicked(self, as_staff: Any, staff: Any) -> None:
        product = make_product(require="Input your account")
        typed = {"product": product.pk, "quantity": "3", "require": SECRET, "note": "n", "client_label": " Acme "}
        page = text_of(as_staff.post(NEW, typed | {"step": "review"}))
        typed |= {"form_token": token_in(page), "seen_rate": "2.50"}

        first, second = as_staff.post(NEW, typed), as_staff.post(NEW, typed)

        order = ProductOrder.objects.get()
        assert (first.status_code, first["Location"]) == (302, reverse("orders:product_detail", args=[order.pk]))
        assert second["Location"] == first["Location"]
        assert (order.status, order.quantity, order.require, order.created_by) == ("queued", 3, SECRET, staff)
        assert (order.note, order.client_label, order.expected_charge) == ("n", "Acme", Decimal("7.5"))

    @pytest.mark.parametrize(
        ("typed", "name", "sentence"),
        [
            ({"quantity": "11"}, "quantity", "11 is above the maximum of 10."),
            ({"quantity": ""}, "quantity", "Please fill this in."),
            ({"quantity": "8"}, "quantity", "Only 7 are in stock."),
            ({"require": " "}, "require", "Please fill this in."),
            ({"require": "x" * 5_001}, "require", "too long"),
        ],
        ids=["above", "empty", "stock", "nothing handed over", "too much handed over"],
    )
    @pytest.mark.parametrize("step", ["review", ""])
    def test_each_fault_is_a_sentence_at_its_field_and_nothing_typed_is_lost(
        self, as_staff: Any, step: str, typed: dict[str, str], name: str, sentence: str
    ) -> None:
        product = make_product(require="Input your account", inventory=7)
        fields = {"product": product.pk, "quantity": "1", "require": SECRET, "note": "for Ann", "step": step} | typed

        response = as_staff.post(NEW, fields)

        page = text_of(response)
        box = re.search(rf'id="id_{name}_box">.*?id="id_{name}_error">.*?</ul>', page, re.DOTALL)
        assert response.status_code == 422
        assert box
        assert sentence in box[0]
        assert "for Ann" in page
        assert not ProductOrder.objects.exists()

    def test_a_product_that_closed_meanwhile_says_why(self, as_staff: Any) -> None:
        typed: dict[str, Any] = {"product": make_product().pk, "quantity": "1"}
        Product.objects.update(is_available=False)

        response = as_staff.post(NEW, typed)

        assert response.status_code == 422
        assert "no longer listed" in text_of(response)
        assert "disabled" in text_of(as_staff.get(NEW, typed))

    def test_a_price_that_moved_since_the_review_is_shown_again(self, as_staff: Any) -> None:
        product = make_product(rate=Decimal(3))

        page = text_of(as_staff.post(NEW, {"product": product.pk, "quantity": "1", "seen_rate": "2.50"}))

        assert "from 2.50 to 3.00" in page.replace('<span class="unit">USD</span>', "")
        assert "apiece" in page
        assert not ProductOrder.objects.exists()

    def test_going_back_to_the_form_keeps_what_was_typed(self, as_staff: Any) -> None:
        product = make_product(require="Input your account")

        page = text_of(as_staff.post(NEW, {"product": product.pk, "quantity": "4", "require": SECRET, "step": "edit"}))

        assert 'value="4"' in page
        assert SECRET in page

    def test_the_price_is_told_while_typing(self, as_staff: Any) -> None:
        product = make_product(make_provider("smmvna", balance=Decimal(20)))

        page = text_of(as_staff.post(reverse("orders:product_quote"), {"product": product.pk, "quantity": "4"}))

        assert "10.00" in page
        assert "4 × 2.50" in page
        told = text_of(as_staff.post(reverse("orders:product_quote"), {"product": product.pk, "quantity": "40"}))
        assert "above the maximum of 10" in told

    def test_a_large_one_waits_for_a_second_person(self, as_staff: Any, as_manager: Any) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal(1))

        response = as_staff.post(NEW, {"product": make_product().pk, "quantity": "1"}, follow=True)

        order = ProductOrder.objects.get()
        assert "waits for a second person" in text_of(response)
        assert "Let it out" not in text_of(response)
        assert "Let it out" in page_of(as_manager, order)
        do(as_manager, "approve", order, data={"seen_rate": "2.4"})
        order.refresh_from_db()
        assert order.status == "held"
        do(as_manager, "approve", order, data={"seen_rate": "2.50000000"})
        order.refresh_from_db()
        assert order.status == "queued"

    def test_it_can_be_taken_back_while_the_seconds_run(self, as_staff: Any) -> None:
        HubRules.objects.create(pk=1, undo_seconds=20)

        response = as_staff.post(NEW, {"product": make_product().pk, "quantity": "1"}, follow=True)

        order = ProductOrder.objects.get()
        assert order.not_before is not None
        assert order.not_before > timezone.now()
        assert "until then it can be taken back" in text_of(response)
        do(as_staff, "withdraw", order)
        order.refresh_from_db()
        assert order.status == "withdrawn"

    def test_ordering_again_asks_anew_for_what_was_handed_over(self, as_staff: Any) -> None:
        order = make_product_order(
            make_product(require="Input your account"), quantity=3, require=SECRET, client_label="Acme"
        )

        page = text_of(as_staff.get(NEW, {"repeat": order.pk}))

        assert 'value="3"' in page
        assert 'value="Acme"' in page
        assert SECRET not in page

    @pytest.mark.parametrize("key", ["", "x", "0", "9" * 30, "-1"])
    def test_a_product_that_is_none_leads_to_the_catalogue(self, as_staff: Any, key: str) -> None:
        assert as_staff.get(NEW, {"product": key})["Location"] == CATALOGUE
        assert as_staff.post(NEW, {"product": key, "quantity": "1"})["Location"] == CATALOGUE
        assert as_staff.get(NEW, {"repeat": key})["Location"] == CATALOGUE

    def test_a_product_of_another_provider_is_out_of_reach(self, staff: Any, as_staff: Any) -> None:
        product = make_product()
        Person.objects.create(user=staff).providers.add(make_provider())

        assert as_staff.post(NEW, {"product": product.pk, "quantity": "1"})["Location"] == CATALOGUE
        quoted = as_staff.post(reverse("orders:product_quote"), {"product": product.pk, "quantity": "1"})
        assert quoted.status_code == 204
        assert not ProductOrder.objects.exists()

    def test_it_needs_its_permission(self, viewer: Any) -> None:
        typed: dict[str, Any] = {"product": make_product().pk, "quantity": "1"}

        assert log_in(viewer).get(NEW, typed).status_code == 403
        assert log_in(viewer).post(NEW, typed).status_code == 403
        assert log_in(viewer).post(reverse("orders:product_quote"), typed).status_code == 403

    def test_what_was_handed_over_is_in_no_report_of_an_error(
        self, as_staff: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from django.views.debug import ExceptionReporter

        def fail(**_typed: Any) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr("orders.views.products.create_product_order", fail)
        as_staff.raise_request_exception = False
        product = make_product(require="Input your account")
        seen: list[str] = []

        def keep(sender: Any, request: Any, **_rest: Any) -> None:
            import sys

            seen.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_text())

        from django.core.signals import got_request_exception

        got_request_exception.connect(keep)
        try:
            as_staff.post(NEW, {"product": product.pk, "quantity": "1", "require": SECRET})
        finally:
            got_request_exception.disconnect(keep)

        assert seen
        assert SECRET not in seen[0]


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
            assert re.search(r'Needs attention<span class="count alert">2<', text_of(as_staff.get(url)))

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
        Person.objects.create(user=staff).providers.add(mine.provider)

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

    def test_costs_are_shown_to_those_who_may_see_them(self, viewer: Any) -> None:
        make_product_order(charge=Decimal("7.125"))

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
    def test_it_tells_what_happened_in_the_providers_own_words(self, as_staff: Any, staff: Any) -> None:
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
        assert "Expected back" in page
        assert re.search(r"Expected back</dt><dd[^>]*>5\.00", page)
        assert "Not given back yet" not in page

    def test_it_goes_on_asking_until_all_goods_are_here(self, as_staff: Any) -> None:
        order = make_product_order(status="completed", external_id="9")
        assert "the hub is about to fetch it" in page_of(as_staff, order)
        mark = re.search(r'data-live="([^"]+)"', page_of(as_staff, order))
        assert mark
        url = reverse("orders:product_detail", args=[order.pk])
        assert as_staff.get(url, {"rows": mark[1]}, headers=HTMX).status_code == 204

        ProductOrder.objects.update(goods_count=2, goods_final=True, goods_at=timezone.now())

        page = text_of(as_staff.get(url, {"rows": mark[1]}, headers=HTMX))
        assert "2 of 2 are here" in page
        assert "data-live=" not in page

    def test_an_open_one_says_when_its_provider_was_asked(self, as_staff: Any) -> None:
        order = make_product_order(external_id="9", placed_at=timezone.now() - timedelta(hours=1))
        Walk.objects.create(
            provider=order.provider, kind="product_order", tier=1, round_before=timezone.now() - timedelta(seconds=40)
        )

        assert re.search(r"asked about <time [^>]*>4\d s ago", page_of(as_staff, order))

    def test_an_adopted_one_without_anything_has_a_page(self, as_staff: Any) -> None:
        order = ProductOrder.objects.create(provider=make_provider("smmvna"), external_id="9", status="pending")

        assert "The product is not known" in page_of(as_staff, order)
        assert str(order.pk) in text_of(as_staff.get(ORDERS))

    def test_it_is_taken_back_until_it_is_sent(self, as_staff: Any, viewer: Any) -> None:
        order = make_product_order(status="queued")
        assert "Withdraw" in page_of(as_staff, order)
        assert "Withdraw" not in page_of(log_in(viewer), order)
        assert do(log_in(viewer), "withdraw", order).status_code == 403

        page = text_of(do(as_staff, "withdraw", order, follow=True))

        order.refresh_from_db()
        assert order.status == "withdrawn"
        assert f"Product order #{order.pk} is withdrawn; nothing was sent." in page
        assert AuditEvent.objects.filter(action="product_order.withdrawn").count() == 1
        assert "could not be withdrawn" in text_of(do(as_staff, "withdraw", order, follow=True))

    def test_colleagues_write_notes_that_stay(self, as_staff: Any, staff: Any, viewer: Any) -> None:
        order = make_product_order(note="for Ann")

        do(as_staff, "note", order, data={"text": "ask for <another> mailbox"})

        page = page_of(as_staff, order)
        assert "for Ann" in page
        assert "ask for &lt;another&gt; mailbox" in page
        assert OrderEvent.objects.get().actor == staff
        assert "The note is empty." in text_of(do(as_staff, "note", order, data={"text": " "}, follow=True))
        assert do(log_in(viewer), "note", order, data={"text": "x"}).status_code == 403

    def test_a_worker_is_rung_for_a_look_now(self, as_staff: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        rung: list[Any] = []
        monkeypatch.setattr("orders.views.doing.ring", lambda *args, **options: rung.append(args))
        order, without = make_product_order(external_id="9"), make_product_order()

        do(as_staff, "check", order)
        do(as_staff, "check", without)

        assert rung == [("orders.tasks_products.check_product_order", order.pk)]

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
        assert "What became of it?" in page
        assert 'name="external_id"' in page
        assert "reset by peer" in page
        assert 'name="way"' not in page_of(as_staff, order)

        response = as_manager.post(
            reverse("orders:settle", args=["product_order", order.pk]), {"way": "give_up", "reason": "nobody knows"}
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
        assert f"is product order #{other.pk} already" in text_of(response)
        assert (order.status, order.external_id) == ("unconfirmed", None)
        assert not Settlement.objects.exists()


class TestGoods:
    def test_nobody_sees_them_unasked(self, as_manager: Any) -> None:
        order = make_delivered()

        page = page_of(as_manager, order)

        assert "Show delivered goods" in page
        assert LINES[0] not in page
        assert as_manager.get(reverse("orders:product_goods", args=[order.pk])).status_code == 405
        assert not OrderEvent.objects.exists()

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["a whole page", "a part"])
    def test_each_look_is_kept_before_they_are_shown(
        self, as_manager: Any, manager: Any, headers: dict[str, str]
    ) -> None:
        order = make_delivered()

        response = do(as_manager, "goods", order, headers=headers)

        page = text_of(response)
        assert ("<html" in page) == (not headers)
        for line in (*LINES, "old@example.com | z9"):
            assert line in page
        assert "From an earlier delivery" in page
        assert f"by {manager.username}" in page
        assert "no-store" in response["Cache-Control"]
        assert list(OrderEvent.objects.values_list("product_order", "kind", "actor")) == [
            (order.pk, "goods", manager.pk)
        ]
        assert AuditEvent.objects.filter(action="goods.seen", actor=manager).count() == 1
        assert LINES[0] not in page_of(as_manager, order)

    def test_they_are_text_whatever_they_hold(self, as_manager: Any) -> None:
        order = make_delivered(goods=json.dumps({"items": ['"><script>alert(1)</script>'], "earlier": []}))

        page = text_of(do(as_manager, "goods", order))

        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page

    def test_who_may_not_see_them_is_told_and_leaves_no_look(self, as_staff: Any) -> None:
        order = make_delivered()

        assert "Your role does not let you see delivered goods." in page_of(as_staff, order)
        assert do(as_staff, "goods", order).status_code == 403
        assert not OrderEvent.objects.exists()

    def test_the_permission_alone_does_not_open_another_providers(self) -> None:
        person = make_person(*ROLES["manager"])
        Person.objects.create(user=person).providers.add(make_provider())

        assert do(log_in(person), "goods", make_delivered()).status_code == 404
        assert not OrderEvent.objects.exists()

    def test_with_nothing_delivered_there_is_nothing_to_look_at(self, as_manager: Any) -> None:
        order = make_product_order()

        assert "has delivered nothing yet" in text_of(do(as_manager, "goods", order, follow=True))
        assert not OrderEvent.objects.exists()

    def test_goods_under_a_lost_key_are_a_sentence_and_no_error_page(self, as_manager: Any, settings: Any) -> None:
        order = make_delivered()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE orders_productorder SET goods = %s", ["enc:0:bm90IG91cnM="])

        page = text_of(do(as_manager, "goods", order, follow=True))

        assert "cannot be read" in page
        assert not AuditEvent.objects.filter(action="goods.seen").exists()


def test_every_token_makes_one_order_even_when_it_is_another_products(as_staff: Any) -> None:
    token = str(uuid.uuid4())
    for product in (make_product(), make_product()):
        as_staff.post(NEW, {"product": product.pk, "quantity": "1", "form_token": token})

    assert ProductOrder.objects.count() == 1
