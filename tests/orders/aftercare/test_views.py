"""Refills and cancels, as people ask for them in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from orders.models import Cancellation, Order, Refill
from panelhub.models import AuditEvent
from tests.helpers.makers import (
    grant,
    make_completed_order,
    make_provider,
    make_service,
)
from tests.helpers.pages import log_in, messages_of

pytestmark = pytest.mark.django_db


def bulk(client: Any, **data: Any) -> Any:
    return client.post(reverse("orders:bulk"), data)


def test_an_order_is_refilled_from_its_page(as_staff: Any, staff: Any) -> None:
    order = make_completed_order()

    page = as_staff.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert reverse("orders:ask", args=[order.pk, "refill"]) in page
    assert "The order has ended" in page

    response = as_staff.post(reverse("orders:ask", args=[order.pk, "refill"]), follow=True)

    assert messages_of(response) == ["1 refill request is queued."]
    assert Refill.objects.get().created_by == staff
    assert "A refill request is already queued." in response.content.decode()
    assert AuditEvent.objects.get(action="order.refill").ip is not None


def test_what_cannot_be_requested_is_shown_with_its_reason(as_staff: Any) -> None:
    order = make_completed_order(provider=make_provider("smpanelim"), status="in_progress")

    response = as_staff.post(reverse("orders:ask", args=[order.pk, "cancel"]), follow=True)

    assert messages_of(response) == ["The smpanelim.net API document has no cancel action."]
    assert not Cancellation.objects.exists()


def test_a_queued_refill_is_withdrawn(as_staff: Any) -> None:
    order = make_completed_order()
    refill = Refill.objects.create(order=order)
    assert "Undo" in as_staff.get(reverse("orders:detail", args=[order.pk])).content.decode()

    as_staff.post(reverse("orders:withdraw_request", args=["refill", refill.pk]))

    refill.refresh_from_db()
    assert refill.status == "withdrawn"


def test_chosen_orders_are_refilled_at_once(as_staff: Any) -> None:
    orders = [make_completed_order() for _ in range(3)]

    response = bulk(as_staff, action="refill", ids=[orders[0].pk, orders[1].pk], filter="tab=done")

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('orders:list')}?tab=done"
    assert set(Refill.objects.values_list("order", flat=True)) == {orders[0].pk, orders[1].pk}


def test_what_was_left_out_is_shown_by_reason_with_its_orders(as_staff: Any) -> None:
    good, open_one = make_completed_order(), make_completed_order(status="pending")
    refused = [
        make_completed_order(service=make_service(good.provider, refill=False), provider=good.provider)
        for _ in range(2)
    ]

    response = bulk(as_staff, action="refill", ids=[order.pk for order in (good, open_one, *refused)])

    page = response.content.decode()
    assert response.status_code == 200
    assert "1 refill request is queued." in page
    assert "This service has no refill." in page
    assert "2 orders were skipped" in page
    assert "Only completed or partial orders can be refilled. This one is Pending." in page
    for order in refused:
        assert reverse("orders:detail", args=[order.pk]) in page


def test_all_that_match_a_filter_are_requested_not_only_the_page(as_staff: Any) -> None:
    provider, other = make_provider("smmplus"), make_provider("smmplus")
    service = make_service(provider, refill=True)
    Order.objects.bulk_create(
        Order(provider=provider, service=service, status="completed", external_id=str(number))
        for number in range(1, 121)
    )
    make_completed_order(provider=other)
    make_completed_order(provider=provider, status="in_progress")

    bulk(as_staff, action="refill", matching="1", filter=f"provider={provider.pk}&status=completed&after=99")

    assert Refill.objects.count() == 120
    assert set(Refill.objects.values_list("order__provider", flat=True)) == {provider.pk}


@pytest.mark.parametrize("filter_text", ["status=nonsense", "provider=abc", "since=yesterday", "provider=999999"])
def test_a_filter_that_cannot_be_read_is_not_taken_for_everything(as_staff: Any, filter_text: str) -> None:
    make_completed_order()

    response = as_staff.post(
        reverse("orders:bulk"), {"action": "refill", "matching": "1", "filter": filter_text}, follow=True
    )

    assert "The filter is no longer valid. Nothing was changed" in messages_of(response)[0]
    assert not Refill.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"action": "refill"}, "Select at least one order."),
        ({"action": "refill", "ids": "abc,-1,"}, "Select at least one order."),
        ({"action": "delete", "ids": "1"}, "Choose an action"),
    ],
)
def test_what_makes_no_sense_does_nothing(as_staff: Any, data: dict[str, str], words: str) -> None:
    response = as_staff.post(reverse("orders:bulk"), data, follow=True)

    assert words in messages_of(response)[0]


def test_orders_of_other_providers_are_out_of_reach(staff: Any) -> None:
    mine, other = make_completed_order(), make_completed_order()
    grant(staff, mine.provider)
    client = log_in(staff)
    refill = Refill.objects.create(order=make_completed_order(provider=other.provider))

    page = bulk(client, action="refill", ids=[mine.pk, other.pk]).content.decode()
    assert "This order doesn’t exist." in page
    assert set(Refill.objects.exclude(pk=refill.pk).values_list("order", flat=True)) == {mine.pk}
    assert client.post(reverse("orders:ask", args=[other.pk, "refill"])).status_code == 404
    assert client.post(reverse("orders:withdraw_request", args=["refill", refill.pk])).status_code == 404


def test_a_viewer_sees_neither_buttons_nor_boxes_and_may_not_ask(viewer: Any) -> None:
    order = make_completed_order()
    client = log_in(viewer)

    assert (
        reverse("orders:ask", args=[order.pk, "refill"])
        not in client.get(reverse("orders:detail", args=[order.pk])).content.decode()
    )
    assert "data-bulk" not in client.get(reverse("orders:list")).content.decode()
    assert client.post(reverse("orders:ask", args=[order.pk, "refill"])).status_code == 403
    assert bulk(client, action="refill", ids=[order.pk]).status_code == 403


def test_the_list_carries_its_own_filter_into_the_bulk_bar(as_staff: Any) -> None:
    order = make_completed_order(link="https://example.com/?a=1&b=2")

    page = as_staff.get(reverse("orders:list"), {"status": "completed", "client": ""}).content.decode()

    assert f'name="ids" value="{order.pk}"' in page
    assert 'name="filter" value="status=completed&amp;client="' in page


def test_a_partial_order_shows_what_is_owed(as_staff: Any) -> None:
    from decimal import Decimal

    order = make_completed_order(
        status="partial",
        quantity=1000,
        billed_quantity=1000,
        remains=250,
        expected_charge=Decimal("0.90"),
        charge=Decimal("0.90"),
        currency="USD",
    )

    page = as_staff.get(reverse("orders:detail", args=[order.pk])).content.decode()

    assert "750 of 1,000" in page
    assert "Expected refund" in page
    assert "0.225" in page


def test_the_page_of_an_order_stays_within_its_statements(as_staff: Any, django_assert_max_num_queries: Any) -> None:
    order = make_completed_order()
    as_staff.get(reverse("orders:detail", args=[order.pk]))
    Refill.objects.bulk_create(Refill(order=order, status="completed", external_id=str(n)) for n in range(20))

    with django_assert_max_num_queries(8):
        as_staff.get(reverse("orders:detail", args=[order.pk]))
