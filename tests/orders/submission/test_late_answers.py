"""Answers that come after their row was settled otherwise, and what one row of a batch leaves of the others."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from orders.models import Order, Refill
from orders.submission import records, results
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS, REFILLS, CallType
from tests.helpers.makers import make_completed_order, make_provider, make_service

pytestmark = pytest.mark.django_db


def claim(*orders: Order) -> uuid.UUID:
    token = uuid.uuid4()
    submission_services.claim(ORDERS, orders[0].provider, [order.pk for order in orders], token)
    return token


def queue(provider: Any, number: int) -> Order:
    return Order.objects.create(provider=provider, service=make_service(provider), link=f"https://example.com/{number}")


def record(token: uuid.UUID, found: dict[Any, results.Result], kind: CallType = ORDERS) -> None:
    rows = list(found)
    by_key = {row.pk: result for row, result in found.items()}
    records.record(kind, make_provider(), token, rows, by_key, seconds=1.0)
    for row in rows:
        row.refresh_from_db()


@pytest.mark.parametrize("status", ["given_up", "pending", "queued"])
@pytest.mark.parametrize("outcome", ["refused", "unknown", "postponed", "not_sent"])
def test_only_an_acceptance_that_comes_late_is_a_second_purchase(status: str, outcome: str) -> None:
    order = queue(make_provider(), 1)
    token = claim(order)
    Order.objects.update(status=status, claim=None, external_id="99" if status == "pending" else None)

    record(token, {order: results.Result(outcome, text="Bad link", seen_id="4711")})

    assert (order.status, order.held_for) == (status, "")
    attempt = order.attempts.get()
    assert (attempt.outcome, attempt.late_id) == (outcome, "")
    assert not order.events.filter(kind="warning").exists()


def test_a_late_acceptance_holds_what_a_person_sent_again_and_names_the_id() -> None:
    order = queue(make_provider(), 1)
    token = claim(order)
    Order.objects.update(status="queued", claim=None)

    record(token, {order: results.Result("accepted", "4711")})

    assert (order.status, order.held_for, order.external_id) == ("held", "late_answer", None)
    assert "would buy it twice" in order.error
    assert order.attempts.get().late_id == "4711"
    assert [event.after for event in order.events.filter(before="queued")] == ["held"]
    assert "4711" in order.events.get(kind="warning").words


def test_a_late_answer_leaves_what_went_out_again_alone() -> None:
    order = queue(make_provider(), 1)
    token = claim(order)
    again = uuid.uuid4()
    Order.objects.update(claim=again)

    record(token, {order: results.Result("accepted", "4711")})

    assert (order.status, order.claim, order.held_for) == ("sending", again, "")
    assert order.attempts.get().late_id == "4711"


def test_a_refill_that_is_sent_again_is_never_held_since_it_costs_nothing() -> None:
    order = make_completed_order()
    refill = Refill.objects.create(order=order)
    token = uuid.uuid4()
    submission_services.claim(REFILLS, order.provider, [refill.pk], token)
    Refill.objects.update(status="queued", claim=None)

    record(token, {refill: results.Result("accepted", "4711")}, REFILLS)

    assert (refill.status, refill.external_id) == ("queued", None)
    assert refill.attempts.get().late_id == "4711"
    assert "4711" in order.events.get(kind="warning").words


def test_an_id_that_another_order_has_leaves_the_refused_of_its_batch_refused() -> None:
    provider = make_provider()
    Order.objects.create(provider=provider, external_id="4711", status="completed")
    twice, refused, open_still = (queue(provider, number) for number in range(3))
    token = claim(twice, refused, open_still)

    record(
        token,
        {
            twice: results.Result("accepted", "4711"),
            refused: results.Result("refused", text="Bad link"),
            open_still: results.Result("postponed", text="Too many requests"),
        },
    )

    assert (twice.status, twice.external_id) == ("unconfirmed", None)
    assert "4711, which another order already has" in twice.error
    assert (refused.status, refused.error) == ("rejected", "Bad link")
    assert open_still.status == "queued"
    assert twice.attempts.get().seen_id == "4711"
