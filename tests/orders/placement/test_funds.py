"""What can still be spent: the balance with its age less what was charged since, and the limit of the day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Attempt, Order
from orders.placement.funds import allowance_of, pending_charges
from orders.placement.quotes import describe_drip
from tests.helpers.makers import (
    make_lost,
    make_order,
    make_product_order,
    make_provider,
    make_service,
    set_limits,
)
from tests.helpers.pages import text_of

pytestmark = pytest.mark.django_db
NEW = reverse("orders:create")
QUOTE = reverse("orders:quote")


def send(order: Order, *, at: Any, outcome: str = "accepted") -> None:
    """Write down a call for an order, made at ``at``."""
    Attempt.objects.create(provider=order.provider, order=order, action="add", started_at=at, outcome=outcome)


class TestPendingCharges:
    def test_what_was_sent_after_the_reading_is_pending(self) -> None:
        read_at = timezone.now() - timedelta(minutes=10)
        service = make_service(make_provider(balance_at=read_at))
        before, after = (make_order(service, expected_charge=Decimal(amount)) for amount in (4, 2))
        send(before, at=read_at - timedelta(seconds=1))
        send(after, at=read_at + timedelta(seconds=1))

        assert pending_charges(service.provider_id, read_at) == 2

    def test_the_charge_counts_where_it_is_known(self) -> None:
        read_at = timezone.now() - timedelta(minutes=10)
        order = make_order(expected_charge=Decimal(2), charge=Decimal("1.50"))
        send(order, at=timezone.now())

        assert pending_charges(order.provider_id, read_at) == Decimal("1.50")

    @pytest.mark.parametrize("outcome", ["refused", "not_sent", "postponed"])
    def test_a_call_that_bought_nothing_is_not_pending(self, outcome: str) -> None:
        read_at = timezone.now() - timedelta(minutes=10)
        order = make_order(expected_charge=Decimal(2), status="rejected")
        send(order, at=timezone.now(), outcome=outcome)

        assert pending_charges(order.provider_id, read_at) == 0

    def test_an_unconfirmed_order_may_have_cost_its_charge(self) -> None:
        lost = make_lost(sent=timedelta(minutes=1))

        assert pending_charges(lost.provider_id, timezone.now() - timedelta(minutes=5)) == Decimal("0.90")

    def test_what_waits_to_be_sent_is_pending_once(self) -> None:
        read_at = timezone.now() - timedelta(minutes=10)
        order = make_order(expected_charge=Decimal(2), status="queued")
        send(order, at=timezone.now(), outcome="unknown")

        assert pending_charges(order.provider_id, read_at) == 2

    def test_product_orders_count_and_other_accounts_do_not(self) -> None:
        product_order = make_product_order(status="queued")
        make_order(expected_charge=Decimal(2), status="queued")

        assert pending_charges(product_order.provider_id, None) == 5

    def test_one_statement_is_enough(self, django_assert_num_queries: Any) -> None:
        provider = make_provider()

        with django_assert_num_queries(1):
            pending_charges(provider.pk, timezone.now())


class TestShown:
    def test_form_and_review_show_age_pending_and_what_is_left(self, as_staff: Any) -> None:
        provider = make_provider(balance=Decimal(10), balance_at=timezone.now() - timedelta(minutes=10))
        service = make_service(provider)
        make_order(service, status="queued", expected_charge=Decimal("1.25"))
        fields = {"service": service.pk, "link": "https://a.example/p/2", "quantity": "1000"}

        for page in (as_staff.post(QUOTE, fields), as_staff.post(NEW, fields | {"step": "review"})):
            text = text_of(page)
            assert "as of" in text
            assert "10 min ago" in text
            assert "−1.25" in text
            assert "7.85" in text

    def test_the_spending_limit_shows_before_it_is_met(self, as_staff: Any, staff: Any) -> None:
        set_limits(staff, daily_limit=Decimal("1.00"))
        service = make_service()
        fields = {"service": service.pk, "link": "https://a.example/p/2", "quantity": "100"}

        for page in (as_staff.post(QUOTE, fields), as_staff.post(NEW, fields | {"step": "review"})):
            assert "1.00 USD left today" in text_of(page)
            assert "over your spending limit" not in text_of(page)
        assert "over your spending limit" in text_of(as_staff.post(QUOTE, fields | {"quantity": "2000"}))

    def test_what_was_spent_today_is_gone_and_a_rest_is_rounded_down(self, staff: Any) -> None:
        set_limits(staff, daily_limit=Decimal("1.00"))
        make_order(created_by=staff, reserved=Decimal("0.365"))

        allowance = allowance_of(staff)

        assert allowance is not None
        assert allowance.words == "0.63 USD left today"

    def test_no_one_without_a_limit_is_shown_one(self, as_staff: Any) -> None:
        page = as_staff.get(f"{NEW}?service={make_service().pk}")

        assert "Spending limit" not in text_of(page)


class TestDripFeed:
    def test_the_sum_is_said_in_words(self) -> None:
        fields = {"quantity": "500", "runs": "3", "interval": "10"}

        assert describe_drip(fields) == "3 runs × 500, one every 10 min = 1,500 in 20 min"

    @pytest.mark.parametrize("fields", [{}, {"quantity": "500"}, {"quantity": "500", "runs": "1"}, {"runs": "3"}])
    def test_what_is_no_drip_feed_has_no_sum(self, fields: dict[str, str]) -> None:
        assert describe_drip(fields) == ""

    def test_interval_stands_beside_runs_and_the_link_has_the_focus(self, as_staff: Any) -> None:
        page = text_of(as_staff.get(f"{NEW}?service={make_service(dripfeed=True).pk}"))

        assert page.index('name="runs"') < page.index('name="interval"')
        assert "data-shows" in page
        assert "autofocus" in page[page.index('name="link"') : page.index('name="quantity"')]


def test_a_reviewed_quantity_is_grouped(as_staff: Any) -> None:
    service = make_service(max_quantity=1_000_000)
    fields = {"service": service.pk, "link": "https://a.example/p/2", "quantity": "500000", "step": "review"}

    assert "<dd>500,000</dd>" in "".join(text_of(as_staff.post(NEW, fields)).split("\n")).replace("  ", "").replace(
        "<dd> ", "<dd>"
    ).replace(" </dd>", "</dd>")
