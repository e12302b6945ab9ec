"""What a dead worker left becomes unconfirmed, and what a late reply may still change."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from orders.submission import results, sweeper
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS
from providers.models import Service
from tests.helpers.at_sandbox import queue_order
from tests.helpers.submission import record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_nothing_left_on_the_wire")]


def lose_worker(order: Order, *, seconds: float = submission_services.SWEEP_AFTER + 1) -> uuid.UUID:
    """The order is claimed by a worker that has not been heard of since."""
    token = uuid.uuid4()
    submission_services.claim(ORDERS, order.provider, [order.pk], token)
    Order.objects.filter(pk=order.pk).update(claimed_at=timezone.now() - timedelta(seconds=seconds))
    return token


def test_what_a_dead_worker_left_is_unconfirmed(service: Service) -> None:
    order = queue_order(service)
    lose_worker(order)

    swept = sweeper.sweep()

    order.refresh_from_db()
    assert swept == {"order": 1}
    assert (order.status, order.attempts.get().outcome) == ("unconfirmed", "unknown")
    assert order.error
    assert [(event.before, event.after) for event in order.events.all()] == [("sending", "unconfirmed")]
    assert sum(sweeper.sweep().values()) == 0


def test_what_may_still_be_answered_is_left_alone(service: Service) -> None:
    order = queue_order(service)
    lose_worker(order, seconds=submission_services.PAID_DEADLINE + 5)

    assert sum(sweeper.sweep().values()) == 0


def test_a_late_reply_places_what_was_swept(service: Service) -> None:
    order = queue_order(service)
    token = lose_worker(order)
    sweeper.sweep()

    record(order, token, results.Result("accepted", "4711"))

    assert (order.status, order.external_id, order.error) == ("pending", "4711", "")
    assert order.attempts.get().outcome == "accepted"
    assert [(event.before, event.after) for event in order.events.all()] == [
        ("sending", "unconfirmed"),
        ("unconfirmed", "pending"),
    ]


@pytest.mark.parametrize("outcome", ["unknown", "postponed", "not_sent"])
def test_a_late_reply_never_queues_what_was_swept(service: Service, outcome: str) -> None:
    order = queue_order(service)
    token = lose_worker(order)
    sweeper.sweep()

    record(order, token, results.Result(outcome, text="late"))

    assert order.status == "unconfirmed"
    assert order.attempts.get().outcome == outcome


def test_a_late_id_after_a_person_has_settled_is_a_second_purchase(service: Service) -> None:
    order = queue_order(service)
    token = lose_worker(order)
    sweeper.sweep()
    Order.objects.filter(pk=order.pk).update(status="given_up")

    record(order, token, results.Result("accepted", "4711"))

    assert (order.status, order.external_id) == ("given_up", None)
    assert order.attempts.get().late_id == "4711"
    assert order.events.get(kind="warning").data == {"late_id": "4711"}


def test_a_late_reply_to_an_earlier_try_does_not_touch_the_next_one(service: Service) -> None:
    order = queue_order(service)
    token = lose_worker(order)
    sweeper.sweep()
    Order.objects.filter(pk=order.pk).update(status="queued", claim=None)
    again = uuid.uuid4()
    submission_services.claim(ORDERS, service.provider, [order.pk], again)

    record(order, token, results.Result("accepted", "4711"))
    record(order, again, results.Result("accepted", "4712"))

    assert (order.status, order.external_id) == ("pending", "4712")
    assert list(order.attempts.order_by("id").values_list("late_id", flat=True)) == ["4711", ""]
