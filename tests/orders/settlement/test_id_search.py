"""A lost order is found among other ids, or its absence is called likely."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order, OrderEvent, Settlement, WindowSearch
from orders.settlement.adoption import adopt
from orders.settlement.search_jobs import ask_for_search, run_searches, start_due_searches, verdict_on
from providers.models import Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import calls_of, send_order
from tests.helpers.lost_orders import accepted_last, lose, read_balance, search_for
from tests.helpers.makers import make_person


@pytest.mark.django_db(transaction=True)
def test_an_add_whose_reply_is_lost_is_found_among_other_customers_ids_and_adopted_in_one_click(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    read_balance(box, provider)
    send_order(provider, service)
    panel.inject_foreign(130)
    lost = lose(box, provider, service)
    real_id = accepted_last(box)
    panel.inject_foreign(70)
    send_order(provider, service)
    read_balance(box, provider)

    search = search_for(lost)
    verdict = verdict_on(lost, search)

    assert verdict.state == "found"
    assert [found["id"] for found in verdict.fitting] == [real_id]
    assert "matches, and the balance changed by this order’s price" in verdict.sentence
    assert search.calls == len(calls_of(panel, "status")) <= 4
    assert search.from_id is not None
    assert search.to_id is not None
    assert search.from_id <= int(real_id) <= search.to_id

    calls_before = len(panel.requests)
    made = adopt(lost, external_id=real_id, by=make_person())

    lost.refresh_from_db()
    assert made.state == Settlement.State.DONE
    assert (lost.status, lost.external_id, lost.claim) == ("pending", real_id, None)
    assert lost.charge == box.ledger.orders("smmplus")[1].charge
    assert made.reason == "Found by the search."
    assert OrderEvent.objects.filter(order=lost, kind="settled").count() == 1
    # The search had just seen it: the click itself asks no one.
    assert len(panel.requests) == calls_before
    assert len(calls_of(panel, "add")) == 3


@pytest.mark.django_db(transaction=True)
def test_a_search_starts_by_itself_when_an_order_becomes_unconfirmed(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    lost = lose(box, provider, service)

    assert start_due_searches() == [provider.pk]
    assert start_due_searches() == [provider.pk]
    run_searches(provider)

    (search,) = WindowSearch.objects.all()
    assert search.order == lost
    assert search.by is None
    assert [found["id"] for found in search.candidates] == [accepted_last(box)]
    assert start_due_searches() == []


@pytest.mark.django_db(transaction=True)
def test_an_order_that_no_one_accepted_is_not_found_and_absence_is_called_likely(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    send_order(provider, service)

    verdict = verdict_on(lost, search_for(lost))

    assert verdict.state == "none"
    assert "probably" in verdict.sentence
    assert "this isn’t proof" in verdict.sentence


@pytest.mark.django_db(transaction=True)
def test_an_order_that_was_not_found_is_searched_for_once_more_when_it_can_no_longer_come_late(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    start_due_searches()
    run_searches(provider)
    assert start_due_searches() == []

    earlier = timezone.now() - timedelta(minutes=10)
    Order.objects.filter(pk=lost.pk).update(claimed_at=earlier)
    WindowSearch.objects.update(at=earlier)
    assert start_due_searches() == [provider.pk]
    run_searches(provider)
    assert WindowSearch.objects.count() == 2
    assert start_due_searches() == []


@pytest.mark.django_db(transaction=True)
def test_children_of_a_drip_feed_are_not_taken_for_the_lost_order(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    send_order(provider, service)
    parent = send_order(provider, service, parameters={"runs": "3", "interval": "1"})
    assert parent.status == "pending"
    panel.misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    panel.advance(600)  # the runs get ids of their own now
    later = send_order(provider, service)
    children = [order.id for order in box.ledger.orders("smmplus", children=True) if order.parent]
    assert children
    assert later.external_id is not None
    assert max(children) < int(later.external_id)

    search = search_for(lost)

    assert search.answered == len(children)
    assert search.candidates == []


@pytest.mark.django_db(transaction=True)
def test_an_id_in_the_broken_reply_is_polled_first_and_alone(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    send_order(provider, service)
    panel.inject_foreign(500)
    panel.misbehave(Fault.php_notice, action="add", times=1)
    lost = send_order(provider, service)
    if lost.status != "unconfirmed":
        pytest.skip("the reader made sense of the notice")

    search = search_for(lost)

    assert search.calls == 1
    assert verdict_on(lost, search).state == "found"


@pytest.mark.django_db(transaction=True)
def test_two_lost_orders_that_fit_the_same_id_are_left_to_a_person(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    first = lose(box, provider, service)
    second = lose(box, provider, service)
    send_order(provider, service)

    ask_for_search(first)
    ask_for_search(second)
    run_searches(provider)

    for lost in (first, second):
        verdict = verdict_on(lost, WindowSearch.objects.get(order=lost))
        assert verdict.state == "listed"
        assert len(verdict.fitting) == 2
    # Both together cost no more calls than one of them.
    assert sum(WindowSearch.objects.values_list("calls", flat=True)) <= 2


@pytest.mark.django_db(transaction=True)
def test_an_id_whose_charge_does_not_fit_is_shown_but_not_offered(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    send_order(provider, service)
    panel.receive(
        {
            "key": panel.key,
            "action": "add",
            "service": service.external_id,
            "link": "https://example.com/by-hand",
            "quantity": str((service.min_quantity or 1) * 7),
        }
    )
    panel.misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    send_order(provider, service)

    verdict = verdict_on(lost, search_for(lost))

    assert verdict.state == "none"
    (other,) = verdict.others
    assert other["why"] in {"Its charge doesn’t match.", "More remains than was ordered."}


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_does_not_answer_ends_the_search_with_its_reason(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    lost = lose(box, provider, service)
    box.panel("smmplus").misbehave(Fault.html_500_before_accept, action="status")

    search = search_for(lost)

    assert search.finished_at is not None
    assert search.failure
    assert verdict_on(lost, search).state == "failed"
    assert start_due_searches() == []
