"""Decisions about unconfirmed orders, refills, cancels and product orders."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import (
    Attempt,
    Cancellation,
    Order,
    OrderEvent,
    ProductOrder,
    Refill,
    Settlement,
)
from orders.settlement import services as settlement_services
from orders.settlement.adoption import adopt
from orders.settlement.id_confirmation import confirm
from orders.settlement.services import CannotSettle
from orders.submission import services as submission_services
from orders.submission.call_types import PRODUCT_ORDERS, REFILLS
from panelhub.models import AuditEvent
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import calls_of, join, make_completed
from tests.helpers.makers import LONG_AGO, make_lost, make_person, make_product, make_provider

# --- Ways out without an id


@pytest.mark.django_db
def test_an_order_is_sent_again_as_a_new_try_once_its_call_can_no_longer_be_answered() -> None:
    order = make_lost()
    person = make_person()

    made = settlement_services.send_again(order, by=person, reason="not on the panel's own list")

    order.refresh_from_db()
    assert (order.status, order.claim, order.error) == ("queued", None, "")
    assert (made.way, made.by, made.reason) == ("send_again", person, "not on the panel's own list")
    event = OrderEvent.objects.get(order=order, kind="settled")
    assert (event.before, event.after, event.actor) == ("unconfirmed", "queued", person)
    assert AuditEvent.objects.get(action="order.settled").data["way"] == "send_again"


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [0, 30, submission_services.SWEEP_AFTER - 1])
def test_sending_again_is_closed_until_deadline_plus_margin(seconds: float) -> None:
    order = make_lost(sent=timedelta(seconds=seconds))

    with pytest.raises(CannotSettle, match="may still arrive"):
        settlement_services.send_again(order, by=make_person(), reason="in a hurry")

    order.refresh_from_db()
    assert order.status == "unconfirmed"


@pytest.mark.django_db
def test_an_order_that_was_not_placed_is_rejected_and_one_given_up_stays_unknown() -> None:
    person = make_person()
    first, second = make_lost(), make_lost()

    settlement_services.mark_not_placed(first, by=person, reason="support says no")
    settlement_services.close_as_unknown(second, by=person, reason="too old")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.error) == ("rejected", "support says no")
    assert (second.status, second.error) == ("given_up", "too old")
    assert first.finished_at is not None
    assert Settlement.objects.filter(state="done").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "way", [settlement_services.send_again, settlement_services.mark_not_placed, settlement_services.close_as_unknown]
)
def test_a_decision_needs_a_reason(way: Callable[..., Any]) -> None:
    order = make_lost()

    with pytest.raises(CannotSettle, match="reason"):
        way(order, by=make_person(), reason="  \n ")


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["queued", "pending", "given_up", "rejected"])
def test_what_is_not_unconfirmed_is_not_settled(status: str) -> None:
    order = make_lost(status=status)

    with pytest.raises(CannotSettle, match="lready resolved"):
        settlement_services.close_as_unknown(order, by=make_person(), reason="why not")


@pytest.mark.django_db
def test_the_second_person_is_shown_who_was_quicker() -> None:
    order = make_lost()
    quick = make_person()
    settlement_services.close_as_unknown(order, by=quick, reason="mine")

    with pytest.raises(CannotSettle, match=f"{quick.username} already resolved it: Closed as unknown"):
        settlement_services.send_again(order, by=make_person(), reason="Too late. The request has already been sent")


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_settle_it_once() -> None:
    people = [make_person(), make_person()]
    ways = [settlement_services.send_again, settlement_services.close_as_unknown]
    for _round in range(5):
        order = make_lost()
        barrier = threading.Barrier(2)
        refusals: list[str] = []

        def decide(number: int, order: Order = order, barrier: Any = barrier, refusals: list[str] = refusals) -> None:
            try:
                barrier.wait(timeout=10)
                ways[number](order, by=people[number], reason="mine")
            except CannotSettle as refusal:
                refusals.append(str(refusal))
            finally:
                connection.close()

        threads = [threading.Thread(target=decide, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(refusals) == 1
        assert "already resolved it" in refusals[0]
        (made,) = Settlement.objects.filter(order=order)
        order.refresh_from_db()
        assert order.status == {"send_again": "queued", "give_up": "given_up"}[made.way]
        assert OrderEvent.objects.filter(order=order, kind="settled").count() == 1


# --- Refills, cancels and products


@pytest.mark.django_db(transaction=True)
def test_an_unconfirmed_refill_is_adopted_by_its_id_sent_again_or_taken_for_accepted(box: Sandbox) -> None:
    provider = join(box, "smpanelim")
    orders = make_completed(box, provider, 3)
    refills = [Refill.objects.create(order=order) for order in orders]
    box.panel("smpanelim").misbehave(Fault.reset_after_accept, action="refill", times=3)
    submission_services.send_due(provider, kinds=[REFILLS])
    for refill in refills:
        refill.refresh_from_db()
    assert {refill.status for refill in refills} == {"unconfirmed"}
    by_order = {str(one.order): str(one.id) for one in box.ledger.refills("smpanelim")}
    person = make_person()

    made = adopt(refills[0], external_id=by_order[str(orders[0].external_id)], by=person, reason="their page")
    confirm(made.pk)
    settlement_services.accept_without_id(refills[1], by=person, reason="their page, no number")
    with pytest.raises(CannotSettle, match="may still arrive"):
        settlement_services.send_again(refills[2], by=person, reason="not there")
    Attempt.objects.update(started_at=timezone.now() - LONG_AGO)
    Refill.objects.update(claimed_at=timezone.now() - LONG_AGO)
    settlement_services.send_again(Refill.objects.get(pk=refills[2].pk), by=person, reason="not there")

    for refill in refills:
        refill.refresh_from_db()
    assert [refill.status for refill in refills] == ["pending", "pending", "queued"]
    assert refills[0].external_id == by_order[str(orders[0].external_id)]
    assert refills[1].external_id is None
    assert OrderEvent.objects.filter(order=orders[0], kind="settled").count() == 1


@pytest.mark.django_db
def test_a_refill_id_of_another_refill_is_refused() -> None:
    provider = make_provider("smmplus")
    first = Order.objects.create(provider=provider, external_id="1", status="completed")
    second = Order.objects.create(provider=provider, external_id="2", status="completed")
    Refill.objects.create(order=first, external_id="9", status="pending")
    lost = Refill.objects.create(order=second, status="unconfirmed")

    with pytest.raises(CannotSettle, match=f"a refill of order #{first.pk}"):
        adopt(lost, external_id="9", by=make_person(), reason="mistaken")


@pytest.mark.django_db
def test_an_unconfirmed_cancel_is_taken_for_accepted_refused_or_given_up_and_has_no_id_to_adopt() -> None:
    provider = make_provider("smmplus")
    rows = [
        Cancellation.objects.create(
            order=Order.objects.create(provider=provider, external_id=str(number), status="pending"),
            status="unconfirmed",
        )
        for number in range(1, 4)
    ]
    person = make_person()

    with pytest.raises(CannotSettle, match="A cancel has no status to check"):
        adopt(rows[0], external_id="1", by=person, reason="?")
    settlement_services.accept_without_id(rows[0], by=person, reason="support says so")
    settlement_services.mark_not_placed(rows[1], by=person, reason="still running there")
    settlement_services.close_as_unknown(rows[2], by=person, reason="does not matter any more")

    assert [Cancellation.objects.get(pk=row.pk).status for row in rows] == ["accepted", "refused", "given_up"]
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}


@pytest.mark.django_db(transaction=True)
def test_an_unconfirmed_product_order_is_adopted_by_its_own_number(box: Sandbox) -> None:
    provider = join(box, "smmvna")
    panel = box.panel("smmvna")
    offered = next(one for one in panel.shop.products.values() if one.is_available and not one.require)
    product = make_product(provider, external_id=str(offered.id), rate=offered.rate)
    order = ProductOrder.objects.create(provider=provider, product=product, quantity=offered.minimum)
    panel.misbehave(Fault.empty_body, action="add_product_order", times=1)
    submission_services.send_due(provider, kinds=[PRODUCT_ORDERS])
    order.refresh_from_db()
    assert order.status == "unconfirmed"
    (accepted,) = box.ledger.product_orders("smmvna")
    # Product orders have a number space of their own: an order with the same number does not matter.
    Order.objects.create(provider=provider, external_id=str(accepted.id), status="pending")

    made = adopt(order, external_id=str(accepted.id), by=make_person(), reason="their page")
    confirm(made.pk)

    order.refresh_from_db()
    assert order.external_id == str(accepted.id)
    assert order.status in {"pending", "in_progress", "completed"}
    assert len(calls_of(panel, "add_product_order")) == 1


@pytest.mark.django_db
def test_an_order_is_not_taken_for_accepted_without_an_id() -> None:
    with pytest.raises(CannotSettle, match="Enter the provider ID to adopt"):
        settlement_services.accept_without_id(make_lost(), by=make_person(), reason="surely")
