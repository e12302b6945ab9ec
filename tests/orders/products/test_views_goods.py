"""Delivered goods in the browser: shown on request, each look recorded first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from orders.models import OrderEvent
from orders.roles import ROLES
from panelhub.models import AuditEvent
from tests.helpers.makers import (
    grant,
    make_person,
    make_product_order,
    make_provider,
)
from tests.helpers.pages import HTMX, log_in, text_of
from tests.helpers.product_orders import LINES, make_delivered
from tests.helpers.product_pages import do, page_of

pytestmark = pytest.mark.django_db


class TestGoods:
    def test_no_one_sees_them_by_default(self, as_manager: Any) -> None:
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

    def test_who_may_not_see_them_is_refused_and_leaves_no_look(self, as_staff: Any) -> None:
        order = make_delivered()

        assert "Your role doesn’t include delivered goods." in page_of(as_staff, order)
        assert do(as_staff, "goods", order).status_code == 403
        assert not OrderEvent.objects.exists()

    def test_the_permission_alone_does_not_open_another_providers(self) -> None:
        person = make_person(*ROLES["manager"])
        grant(person, make_provider())

        assert do(log_in(person), "goods", make_delivered()).status_code == 404
        assert not OrderEvent.objects.exists()

    def test_with_nothing_delivered_there_is_nothing_to_look_at(self, as_manager: Any) -> None:
        order = make_product_order()

        assert "Nothing has been delivered for" in text_of(do(as_manager, "goods", order, follow=True))
        assert not OrderEvent.objects.exists()

    def test_goods_under_a_lost_key_are_a_sentence_and_no_error_page(self, as_manager: Any, settings: Any) -> None:
        order = make_delivered()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE orders_productorder SET goods = %s", ["enc:0:bm90IG91cnM="])

        page = text_of(do(as_manager, "goods", order, follow=True))

        assert "The goods can’t be decrypted" in page
        assert not AuditEvent.objects.filter(action="goods.seen").exists()
