"""The list of what is unconfirmed and the panel that settles it."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import (
    Attempt,
    Cancellation,
    Order,
    ProductOrder,
    Refill,
    Settlement,
    WindowSearch,
)
from panelhub.models import AuditEvent
from tests.helpers.makers import (
    grant,
    make_lost,
    make_person,
    make_product,
    make_provider,
    make_search,
)
from tests.helpers.pages import log_in, messages_of

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def url_of(row: Any, kind: str = "order") -> str:
    return reverse("orders:settle", args=[kind, row.pk])


# --- The panel on the order's page


def test_the_page_of_an_unconfirmed_order_shows_evidence_search_and_ways_out(as_manager: Any) -> None:
    order = make_lost()
    make_search(order)

    page = as_manager.get(reverse("orders:detail", args=[order.pk])).content.decode()

    assert "Resolve this order" in page
    assert "connection &lt;reset&gt;" in page
    assert "None of the 120 IDs checked" in page
    assert "this isn’t proof" in page
    assert (
        "If the first attempt was accepted, sending again buys it twice. It probably wasn’t, but this isn’t proof"
        in page
    )
    assert 'value="Not found among 120 nearby IDs."' in page
    for way in ("adopt", "send_again", "not_placed", "give_up"):
        assert re.search(rf'name="way"\s+value="{way}"', page)


def test_one_click_adopts_what_the_search_found(as_manager: Any, manager: Any) -> None:
    order = make_lost()
    make_search(order, "150", verdict="found")

    page = as_manager.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert "Adopt #150" in page

    response = as_manager.post(url_of(order), {"way": "adopt", "external_id": "150"}, follow=True)

    assert messages_of(response) == ["Adopted as 150."]
    order.refresh_from_db()
    assert (order.status, order.external_id) == ("pending", "150")
    assert Settlement.objects.get().by == manager
    assert AuditEvent.objects.filter(action="order.settled").count() == 1


def test_an_id_typed_in_is_being_confirmed_and_the_panel_says_so(as_manager: Any) -> None:
    order = make_lost()

    response = as_manager.post(
        url_of(order), {"way": "adopt", "external_id": "#777", "reason": "seen there"}, follow=True
    )

    page = response.content.decode()
    assert "Checking 777 with the provider" in messages_of(response)[0]
    assert "Checking" in page
    assert "with the provider for" in page
    assert f"{url_of(order)}?mark=" in page
    assert 'value="give_up"' not in page

    made = Settlement.objects.get()
    as_manager.post(reverse("orders:stop_adoption", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == "failed"


@pytest.mark.parametrize(
    ("way", "status"), [("send_again", "queued"), ("not_placed", "rejected"), ("give_up", "given_up")]
)
def test_each_way_out_is_one_click_with_a_reason(as_manager: Any, way: str, status: str) -> None:
    order = make_lost()

    as_manager.post(url_of(order), {"way": way, "reason": "not on their page"})

    order.refresh_from_db()
    assert order.status == status
    assert Settlement.objects.get().reason == "not on their page"


def test_without_a_reason_nothing_is_decided(as_manager: Any) -> None:
    order = make_lost()

    response = as_manager.post(url_of(order), {"way": "give_up", "reason": " "}, follow=True)

    assert "reason" in messages_of(response)[0]
    order.refresh_from_db()
    assert order.status == "unconfirmed"


def test_sending_again_is_closed_while_the_call_may_still_be_answered(as_manager: Any) -> None:
    order = make_lost(sent=timedelta(seconds=5))

    page = as_manager.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert "A reply may still arrive. Available from" in page

    response = as_manager.post(url_of(order), {"way": "send_again", "reason": "now"}, follow=True)
    assert "A reply to the last call may still arrive. You can send it again from" in messages_of(response)[0]


def test_an_id_of_another_order_is_refused_by_name(as_manager: Any) -> None:
    order = make_lost()
    other = Order.objects.create(provider=order.provider, external_id="55", status="completed")

    response = as_manager.post(url_of(order), {"way": "adopt", "external_id": "55", "reason": "x"}, follow=True)

    assert f"already order #{other.pk}" in messages_of(response)[0]


def test_the_panel_refreshes_only_when_something_changed(as_manager: Any) -> None:
    order = make_lost()
    search = make_search(order, finished_at=None)
    page = as_manager.get(url_of(order), **HTMX).content.decode()
    mark = page.split("?mark=")[1].split('"')[0]

    assert as_manager.get(f"{url_of(order)}?mark={mark}", **HTMX).status_code == 204

    WindowSearch.objects.filter(pk=search.pk).update(finished_at=timezone.now())
    response = as_manager.get(f"{url_of(order)}?mark={mark}", **HTMX)
    assert response.status_code == 200
    assert "<html" not in response.content.decode()


def test_who_may_not_settle_sees_no_forms_and_decides_nothing(as_staff: Any) -> None:
    order = make_lost()
    make_search(order, "150", verdict="found")

    page = as_staff.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert "Resolve this order" in page
    assert 'name="way"' not in page
    assert as_staff.post(url_of(order), {"way": "give_up", "reason": "x"}).status_code == 403
    assert as_staff.post(reverse("orders:search", args=[order.pk])).status_code == 403


def test_orders_of_other_providers_are_out_of_reach(manager: Any) -> None:
    mine, other = make_lost(), make_lost()
    grant(manager, mine.provider)
    client = log_in(manager)

    assert client.get(url_of(other)).status_code == 404
    assert client.post(url_of(other), {"way": "give_up", "reason": "x"}).status_code == 404
    assert client.post(reverse("orders:search", args=[other.pk])).status_code == 404
    page = client.get(reverse("orders:unconfirmed")).content.decode()
    assert f"#{mine.pk}<" in page
    assert f"#{other.pk}<" not in page


def test_a_search_is_requested_once_however_often_one_clicks(as_manager: Any, manager: Any) -> None:
    order = make_lost()
    make_search(order)

    for _click in range(3):
        as_manager.post(reverse("orders:search", args=[order.pk]))

    assert WindowSearch.objects.filter(finished_at=None).get().by == manager


def test_an_open_redirect_is_not_followed(as_manager: Any) -> None:
    order = make_lost()

    response = as_manager.post(url_of(order), {"way": "give_up", "reason": "x", "next": "https://evil.example/"})

    assert response["Location"] == reverse("orders:detail", args=[order.pk])


# --- Other kinds


def test_refills_cancels_and_product_orders_are_settled_on_pages_of_their_own(as_manager: Any) -> None:
    provider = make_provider("smmplus")
    order = Order.objects.create(provider=provider, external_id="1", status="in_progress")
    refill = Refill.objects.create(order=order, status="unconfirmed", error="lost")
    cancel = Cancellation.objects.create(order=order, status="unconfirmed")
    product_order = ProductOrder.objects.create(
        provider=make_provider("smmvna"), product=make_product(), status="unconfirmed", expected_charge=Decimal(5)
    )

    page = as_manager.get(url_of(refill, "refill")).content.decode()
    assert f"Refill of order #{order.pk}" in page
    assert "Mark as accepted" in page
    assert 'name="external_id"' in page
    page = as_manager.get(url_of(cancel, "cancellation")).content.decode()
    assert 'name="external_id"' not in page
    assert "Product order" in as_manager.get(url_of(product_order, "product_order")).content.decode()

    as_manager.post(url_of(refill, "refill"), {"way": "accepted", "reason": "their page"})
    as_manager.post(url_of(cancel, "cancellation"), {"way": "not_placed", "reason": "A refill is already in progress"})
    as_manager.post(url_of(product_order, "product_order"), {"way": "give_up", "reason": "old"})

    refill.refresh_from_db()
    cancel.refresh_from_db()
    product_order.refresh_from_db()
    assert (refill.status, cancel.status, product_order.status) == ("pending", "refused", "given_up")
    assert as_manager.get(reverse("orders:settle", args=["nonsense", 1])).status_code == 404


def test_product_orders_are_for_those_who_see_product_orders(as_manager: Any) -> None:
    lost = ProductOrder.objects.create(provider=make_provider("smmvna"), product=make_product(), status="unconfirmed")
    late = {"provider": lost.provider, "action": "add_product_order", "outcome": "accepted", "late_id": "4711"}
    attempt = Attempt.objects.create(call=uuid.uuid4(), product_order=lost, **late)
    other = log_in(make_person("orders.view_order", "orders.settle_order"))

    assert other.get(url_of(lost, "product_order")).status_code == 404
    assert other.post(url_of(lost, "product_order"), {"way": "give_up", "reason": "old"}).status_code == 404
    assert other.post(reverse("orders:second_seen", args=[attempt.pk]), {"reason": "seen"}).status_code == 404
    page = other.get(reverse("orders:unconfirmed")).content.decode()
    assert f"roduct order #{lost.pk}" not in page
    assert "4711" not in page
    assert "4711" in as_manager.get(reverse("orders:unconfirmed")).content.decode()


# --- The list


def test_the_list_has_everything_that_is_unconfirmed_oldest_first(as_manager: Any) -> None:
    provider = make_provider("smmplus")
    placed = Order.objects.create(provider=provider, external_id="1", status="completed")
    Refill.objects.create(order=placed, status="unconfirmed", created_at=timezone.now() - timedelta(days=2))
    lost = make_lost(provider=provider)
    make_search(lost, "150", verdict="found")
    unsure = make_lost(provider=provider)
    make_search(unsure, "160", "161", verdict="listed")
    searching = make_lost(provider=provider)

    page = as_manager.get(reverse("orders:unconfirmed")).content.decode()

    assert page.index(f"Refill of order #{placed.pk}") < page.index(f"Order #{lost.pk}<")
    assert "found: #150" in page
    assert "Adopt #150" in page
    assert "may be #160, #161" in page
    assert "Adopt #160" not in page
    assert f"Order #{searching.pk}<" in page
    assert "searching" in page


def test_the_list_costs_the_same_for_any_number_of_rows(as_manager: Any, django_assert_max_num_queries: Any) -> None:
    provider = make_provider("smmplus")
    for number in range(30):
        make_search(make_lost(provider=provider), str(1000 + number), verdict="found")

    with django_assert_max_num_queries(18):
        as_manager.get(reverse("orders:unconfirmed"))


def test_an_empty_list_says_that_everything_is_known(as_manager: Any) -> None:
    assert "Nothing unconfirmed" in as_manager.get(reverse("orders:unconfirmed")).content.decode()


def test_a_second_purchase_is_raised_until_someone_dealt_with_it(as_manager: Any) -> None:
    order = Order.objects.create(provider=make_provider("smmplus"), external_id="12", status="pending")
    attempt = Attempt.objects.create(
        order=order, provider=order.provider, action="add", outcome="accepted", late_id="11", finished_at=timezone.now()
    )

    page = as_manager.get(reverse("orders:unconfirmed")).content.decode()
    assert "Possible double purchases" in page
    assert "accepted an earlier attempt as <b>11</b>" in page
    assert f"{reverse('orders:adopt')}?provider={order.provider_id}&amp;external_id=11" in page

    as_manager.post(reverse("orders:second_seen", args=[attempt.pk]), {"reason": "refunded"})
    assert "Possible double purchases" not in as_manager.get(reverse("orders:unconfirmed")).content.decode()


def test_a_late_id_is_taken_for_the_order_that_is_held_for_it(as_manager: Any) -> None:
    order = Order.objects.create(provider=make_provider("smmplus"), status="held", held_for="late_answer")
    attempt = Attempt.objects.create(
        order=order, provider=order.provider, action="add", outcome="accepted", late_id="11", finished_at=timezone.now()
    )

    assert f"Order #{order.pk} is 11" in as_manager.get(reverse("orders:unconfirmed")).content.decode()
    as_manager.post(reverse("orders:second_seen", args=[attempt.pk]), {"way": "adopt"})

    order.refresh_from_db()
    assert (order.status, order.external_id) == ("pending", "11")
    assert "Possible double purchases" not in as_manager.get(reverse("orders:unconfirmed")).content.decode()


def test_a_second_purchase_that_was_adopted_is_dealt_with(as_manager: Any) -> None:
    order = Order.objects.create(provider=make_provider("smmplus"), external_id="12", status="pending")
    Attempt.objects.create(order=order, provider=order.provider, action="add", outcome="accepted", late_id="11")
    assert "Possible double purchases" in as_manager.get(reverse("orders:unconfirmed")).content.decode()
    Order.objects.create(provider=order.provider, external_id="11", status="pending", adopted=True)

    assert "Possible double purchases" not in as_manager.get(reverse("orders:unconfirmed")).content.decode()
