"""F10, F14, F15, F19 and F23: what was accepted is written down late, by a wrong clock, or against a decision."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from orders.models import Attempt, Order, OrderEvent, Settlement
from orders.settlement import services as settlement_services
from orders.settlement.services import CannotSettle
from orders.submission import records, results, sweeper
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS
from panelhub.models import AuditEvent
from providers.models import Provider, Service
from providers.sandbox import Panel, Sandbox
from tests.faults.conftest import side_by_side
from tests.faults.sizes import size
from tests.helpers.at_sandbox import calls_of, queue_order
from tests.helpers.conservation import check_conservation

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
LONG_AGO = timedelta(seconds=submission_services.SWEEP_AFTER + 5)


def lose(service: Service, count: int) -> list[tuple[Order, uuid.UUID]]:
    """Return orders whose worker was not heard of since it claimed them, swept."""
    lost = []
    for number in range(count):
        order, token = queue_order(service, number=number), uuid.uuid4()
        assert submission_services.claim(ORDERS, service.provider, [order.pk], token)
        lost.append((order, token))
    Order.objects.update(claimed_at=timezone.now() - LONG_AGO)
    sweeper.sweep()
    assert set(Order.objects.values_list("status", flat=True)) == {"unconfirmed"}
    return lost


def answer(order: Order, token: uuid.UUID, external_id: str) -> None:
    result = {order.pk: results.Result("accepted", external_id)}
    records.record(ORDERS, order.provider, token, [order], result, seconds=1.0)


@pytest.mark.parametrize(
    "trouble",
    [
        OperationalError("could not extend file: No space left on device"),
        OperationalError("could not serialize access due to concurrent update"),
        OperationalError("database is locked"),
    ],
    ids=["disk full", "serialization", "locked"],
)
def test_f10_an_outcome_that_the_database_refuses_is_offered_until_it_is_taken(
    box: Sandbox, panel: Panel, provider: Provider, service: Service, trouble: Exception, monkeypatch: Any
) -> None:
    monkeypatch.setattr(records.time, "sleep", lambda _seconds: None)
    count = size(100, sample=10)
    for number in range(count):
        queue_order(service, number=number)
    real, refused = records._record_once, 0

    def refuse_twice(*args: Any, **kwargs: Any) -> None:
        nonlocal refused
        refused += 1
        if refused % 3:
            raise trouble
        real(*args, **kwargs)

    monkeypatch.setattr(records, "_record_once", refuse_twice)

    submission_services.send_due(provider)

    assert refused == 3 * count
    assert len(calls_of(panel, "add")) == count
    assert Order.objects.filter(status="pending", external_id__isnull=False).count() == count
    assert check_conservation(box.ledger, [provider], at_rest=True) == []


def test_f10_an_outcome_that_is_never_taken_ends_unconfirmed_with_its_id_in_the_log(
    box: Sandbox, panel: Panel, provider: Provider, service: Service, monkeypatch: Any, caplog: Any
) -> None:
    monkeypatch.setattr(records.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(records, "LONGEST_RECORDING", 0.0)
    count = size(100, sample=10)
    for number in range(count):
        queue_order(service, number=number)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("could not extend file: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(records, "_record_once", refuse)
        for _order in range(count):
            with pytest.raises(OperationalError):
                submission_services.send_due(provider)
    Order.objects.update(claimed_at=timezone.now() - LONG_AGO)
    sweeper.sweep()

    assert set(Order.objects.values_list("status", flat=True)) == {"unconfirmed"}
    for order in box.ledger.orders("standard"):
        assert str(order.id) in caplog.text
    assert len(calls_of(panel, "add")) == count
    assert check_conservation(box.ledger, [provider], at_rest=True) == []


@pytest.mark.parametrize("shift", [HOUR, -HOUR], ids=["an hour ahead", "an hour behind"])
def test_f14_a_worker_whose_clock_is_wrong_neither_loses_nor_sweeps_anything_early(
    box: Sandbox, panel: Panel, provider: Provider, service: Service, shift: timedelta, monkeypatch: Any
) -> None:
    real = timezone.now
    first, second = queue_order(service, number=1), queue_order(service, number=2)
    token = uuid.uuid4()
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: real() + shift)
        (claimed,) = submission_services.claim(ORDERS, provider, [first.pk], token)
        assert submission_services.still_ours(ORDERS, [claimed], token), "a claim is as old as the database says"
        assert sum(sweeper.sweep().values()) == 0, "what was claimed just now is not swept"
        submission_services.send_due(provider)
    second.refresh_from_db()
    assert second.status == "pending"

    assert sum(sweeper.sweep().values()) == 0
    Order.objects.filter(pk=first.pk).update(claimed_at=real() - LONG_AGO)
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: real() + shift)
        assert sum(sweeper.sweep().values()) == 1, "nothing stays on its way for longer than that"
    assert check_conservation(box.ledger, [provider], at_rest=True) == []


def test_f15_answers_after_the_sweep_place_their_orders_and_queue_none(service: Service) -> None:
    lost = lose(service, size(200, sample=20))

    for number, (order, token) in enumerate(lost):
        answer(order, token, str(700_000 + number))

    assert set(Order.objects.values_list("status", "tries")) == {("pending", 1)}
    assert Order.objects.values("external_id").distinct().count() == len(lost)


def test_f15_a_late_answer_that_is_no_yes_leaves_its_order_unconfirmed(service: Service) -> None:
    lost = lose(service, size(200, sample=20))

    for number, (order, token) in enumerate(lost):
        outcome = ("unknown", "postponed", "not_sent")[number % 3]
        late = {order.pk: results.Result(outcome, text="late")}
        records.record(ORDERS, order.provider, token, [order], late, seconds=1.0)

    assert set(Order.objects.values_list("status", flat=True)) == {"unconfirmed"}


def test_f19_an_id_that_another_order_has_is_never_written_twice(service: Service) -> None:
    for number in range(size(50, sample=5)):
        pairs = []
        for place in range(2):
            order, token = queue_order(service, number=2 * number + place), uuid.uuid4()
            assert submission_services.claim(ORDERS, service.provider, [order.pk], token)
            pairs.append((order, token))
        side_by_side(*(partial(answer, *pair, str(900_000 + number)) for pair in pairs))
        states = sorted(Order.objects.filter(pk__in=[order.pk for order, _ in pairs]).values_list("status", flat=True))
        assert states == ["pending", "unconfirmed"]
    assert Attempt.objects.filter(outcome="unknown").exclude(seen_id="").count() == size(50, sample=5)


def test_f23_of_a_person_and_a_late_answer_one_wins_and_both_are_on_record(service: Service, person: User) -> None:
    lost, reported = lose(service, size(200, sample=15)), []

    def settle(order: Order) -> None:
        try:
            settlement_services.close_as_unknown(order, by=person, reason="it takes too long")
        except CannotSettle as why:
            reported.append(str(why))

    for number, (order, token) in enumerate(lost):
        order.refresh_from_db()
        side_by_side(partial(settle, order), partial(answer, order, token, str(800_000 + number)))

    won_by_answer = Order.objects.filter(status="pending")
    won_by_person = Order.objects.filter(status="given_up")
    assert won_by_answer.count() + won_by_person.count() == len(lost)
    assert len(reported) == won_by_answer.count()
    assert Settlement.objects.filter(way="give_up").count() == won_by_person.count()
    assert AuditEvent.objects.filter(action="order.settled").count() == won_by_person.count()
    for order in won_by_person:
        assert order.external_id is None
        assert order.attempts.get().late_id, "what was bought all the same is not forgotten"
        assert OrderEvent.objects.filter(order=order, kind="warning").exists()
