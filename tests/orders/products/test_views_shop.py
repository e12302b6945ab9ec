"""Products in the browser: the catalogue and ordering one."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.models import HubRules, ProductOrder
from providers.models import Product
from tests.helpers.makers import (
    grant,
    make_person,
    make_product,
    make_product_order,
    make_provider,
)
from tests.helpers.pages import HTMX, log_in, text_of, token_in
from tests.helpers.product_pages import do, page_of

pytestmark = pytest.mark.django_db
CATALOGUE = reverse("orders:products")
NEW = reverse("orders:product_create")
SECRET = "user@example.com / correct-horse"


def products_on(response: Any) -> list[int]:
    return [int(key) for key in re.findall(r'<tr id="product-(\d+)"', text_of(response))]


class TestCatalogue:
    def test_it_shows_stock_price_limits_and_what_is_requested(self, as_staff: Any) -> None:
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
        grant(staff, mine.provider)

        response = as_staff.get(CATALOGUE)

        assert products_on(response) == [mine.pk]
        assert other.provider.name not in text_of(response)

    def test_who_may_only_look_is_offered_no_order_and_no_price(self, viewer: Any, as_staff: Any) -> None:
        make_product(rate=Decimal("7.125"))
        assert NEW in text_of(as_staff.get(CATALOGUE))
        assert "7.125" in text_of(as_staff.get(CATALOGUE))

        page = text_of(log_in(viewer).get(CATALOGUE))

        assert NEW not in page
        assert "7.125" not in page

    def test_no_address_of_a_page_reveals_a_price_to_who_may_not_see_it(self, viewer: Any) -> None:
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
        product = make_product()
        assert "<html" in text_of(as_staff.get(CATALOGUE))
        part = text_of(as_staff.get(CATALOGUE, headers=HTMX))
        assert product.name in part
        assert "<html" not in part

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

    def test_nothing_is_requested_that_the_provider_does_not_want(self, as_staff: Any) -> None:
        assert 'name="require"' not in text_of(as_staff.get(NEW, {"product": make_product().pk}))

    def test_the_review_shows_charge_and_balance_and_places_nothing(self, as_staff: Any) -> None:
        product = make_product(make_provider("smmvna", balance=Decimal("6.25")), rate=Decimal("2.5"))

        page = text_of(
            as_staff.post(NEW, {"product": product.pk, "quantity": "2", "step": "review", "note": "for Ann"})
        )

        assert re.findall(r"<dd>\s*(\d[.\d]*)<", page) == ["5.00", "6.25", "1.25"]
        assert "for Ann" in page
        assert not ProductOrder.objects.exists()

    def test_a_balance_that_does_not_do_is_said(self, as_staff: Any) -> None:
        product = make_product(make_provider("smmvna", balance=Decimal(1)))

        assert "The balance is too low" in text_of(
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
            ({"quantity": ""}, "quantity", "This field is required."),
            ({"quantity": "8"}, "quantity", "Only 7 are in stock."),
            ({"require": " "}, "require", "This field is required."),
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
        assert "each" in page
        assert not ProductOrder.objects.exists()

    def test_going_back_to_the_form_keeps_what_was_typed(self, as_staff: Any) -> None:
        product = make_product(require="Input your account")

        page = text_of(as_staff.post(NEW, {"product": product.pk, "quantity": "4", "require": SECRET, "step": "edit"}))

        assert 'value="4"' in page
        assert SECRET in page

    def test_the_price_is_shown_while_typing(self, as_staff: Any) -> None:
        product = make_product(make_provider("smmvna", balance=Decimal(20)))

        page = text_of(as_staff.post(reverse("orders:product_quote"), {"product": product.pk, "quantity": "4"}))

        assert "10.00" in page
        assert re.search(r"4 ×\s+2\.50", page)
        reported = text_of(as_staff.post(reverse("orders:product_quote"), {"product": product.pk, "quantity": "40"}))
        assert "above the maximum of 10" in reported

    def test_a_large_one_waits_for_a_second_person(self, as_staff: Any, as_manager: Any) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal(1))

        response = as_staff.post(NEW, {"product": make_product().pk, "quantity": "1"}, follow=True)

        order = ProductOrder.objects.get()
        assert "needs approval by another person" in text_of(response)
        assert "Approve" not in text_of(response)
        assert "Approve" in page_of(as_manager, order)
        do(as_manager, "approve", order, data={"seen_rate": "2.4"})
        order.refresh_from_db()
        assert order.status == "held"
        do(as_manager, "approve", order, data={"seen_rate": "2.50000000"})
        order.refresh_from_db()
        assert order.status == "queued"

    def test_it_can_be_withdrawn_while_the_seconds_run(self, as_staff: Any) -> None:
        HubRules.objects.create(pk=1, undo_seconds=20)

        response = as_staff.post(NEW, {"product": make_product().pk, "quantity": "1"}, follow=True)

        order = ProductOrder.objects.get()
        assert order.not_before is not None
        assert order.not_before > timezone.now()
        assert "Undo it now at no cost" in text_of(response)
        do(as_staff, "withdraw", order)
        order.refresh_from_db()
        assert order.status == "withdrawn"

    def test_ordering_again_asks_again_for_what_was_entered(self, as_staff: Any) -> None:
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
        grant(staff, make_provider())

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

        monkeypatch.setattr("orders.products.views.shop.create_product_order", fail)
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


def test_every_token_makes_one_order_even_when_it_is_another_products(as_staff: Any) -> None:
    token = str(uuid.uuid4())
    for product in (make_product(), make_product()):
        as_staff.post(NEW, {"product": product.pk, "quantity": "1", "form_token": token})

    assert ProductOrder.objects.count() == 1
