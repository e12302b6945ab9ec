"""The page of refills and cancels: what is listed, found and undone, and by whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from orders.models import Cancellation, Refill
from orders.roles import ROLES
from tests.helpers.makers import grant, make_completed_order, make_person, make_provider
from tests.helpers.pages import log_in, messages_of, text_of

pytestmark = pytest.mark.django_db
LIST = reverse("orders:requests")
UNDO = reverse("orders:undo_requests")


def make_refill(status: str = "pending", **fields: Any) -> Refill:
    """Make a refill of a completed order of its own."""
    order = fields.pop("order", None) or make_completed_order()
    return Refill.objects.create(order=order, status=status, **fields)


def row_of(request: Any) -> str:
    return f'id="request-{request.pk}"'


def test_refills_and_cancels_are_listed_apart_with_state_words_and_order(as_staff: Any) -> None:
    refill = make_refill(external_id="R-77", provider_status="On it")
    cancel = Cancellation.objects.create(order=make_completed_order(), status="refused", error="Too <late>")

    refills, cancels = text_of(as_staff.get(LIST)), text_of(as_staff.get(LIST, {"kind": "cancellation"}))

    for shown in ("R-77", "On it", f"#{refill.order_id}", "Pending", "Completed"):
        assert shown in refills
    assert "Too &lt;late&gt;" in cancels
    assert f"#{cancel.order_id}" in cancels
    assert "R-77" not in cancels


def test_a_refill_without_an_id_is_not_trackable_and_asks_for_nothing(as_staff: Any) -> None:
    make_refill()

    page = text_of(as_staff.get(LIST))

    assert "not trackable" in page
    assert 'hx-trigger="tick from:body"' not in page


def test_an_open_one_keeps_the_page_fresh(as_staff: Any) -> None:
    make_refill("queued")

    assert 'hx-trigger="tick from:body"' in text_of(as_staff.get(LIST))


@pytest.mark.parametrize("search", ["#{order}", "{order}", "R-77", "https://a.example/p/1", "Ada"])
def test_one_is_found_by_number_id_link_or_client(as_staff: Any, search: str) -> None:
    order = make_completed_order(client_label="Ada")
    found = make_refill(order=order, external_id="R-77")
    other = make_refill(order=make_completed_order(link="https://b.example/p/2"))

    page = text_of(as_staff.get(LIST, {"q": search.format(order=order.pk)}))

    assert row_of(found) in page
    assert row_of(other) not in page


def test_filters_narrow_by_status_provider_and_person(as_staff: Any, staff: Any) -> None:
    mine = make_refill("completed", external_id="1", created_by=staff)
    other = make_refill("pending", external_id="2")

    for query in ({"status": "completed"}, {"provider": mine.order.provider_id}, {"person": "me"}):
        page = text_of(as_staff.get(LIST, query))
        assert row_of(mine) in page
        assert row_of(other) not in page


def test_only_requests_at_granted_providers_are_seen_or_undone() -> None:
    seen, hidden = make_provider(), make_provider()
    person = make_person(*ROLES["staff"], sees_all=False)
    grant(person, seen)
    mine = make_refill("queued", order=make_completed_order(seen))
    other = make_refill("queued", order=make_completed_order(hidden))
    browser = log_in(person)

    page = text_of(browser.get(LIST))
    browser.post(UNDO, {"ids": [mine.pk, other.pk], "filter": ""})

    assert row_of(mine) in page
    assert row_of(other) not in page
    assert Refill.objects.get(pk=mine.pk).status == "withdrawn"
    assert Refill.objects.get(pk=other.pk).status == "queued"


def test_what_was_sent_is_not_undone_and_that_is_said(as_staff: Any) -> None:
    queued, sent = make_refill("queued"), make_refill("pending")

    answer = as_staff.post(UNDO, {"ids": [queued.pk, sent.pk], "filter": "status=queued"}, follow=True)

    assert messages_of(answer) == [
        "1 request undone. Nothing was sent.",
        "1 request has already been sent.",
    ]
    assert answer.request["QUERY_STRING"] == "status=queued"
    assert Refill.objects.get(pk=sent.pk).status == "pending"


@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["9" * 30]])
def test_nothing_selected_is_said(as_staff: Any, ids: list[str]) -> None:
    assert messages_of(as_staff.post(UNDO, {"ids": ids}, follow=True)) == ["Select at least one request."]


def test_pages_go_on_by_key_in_a_constant_number_of_statements(
    as_staff: Any, django_assert_max_num_queries: Any
) -> None:
    order = make_completed_order()
    rows = [Refill(order=order, status="completed", external_id=str(number)) for number in range(120)]
    Refill.objects.bulk_create(rows)
    as_staff.get(LIST)

    with django_assert_max_num_queries(8):
        first = as_staff.get(LIST)
    second = as_staff.get(LIST + first.context["page"].next_url)

    assert "120 requests" in text_of(first)
    assert [row.external_id for row in second.context["rows"]] == [str(number) for number in range(69, 19, -1)]


def test_costs_are_hidden_from_who_may_not_see_them() -> None:
    make_refill("refused", error="Not enough funds: balance 12.50 USD")

    assert "12.50" not in text_of(log_in(make_person("orders.view_order")).get(LIST))
