"""F1 and F22: each way of failing, met by many paid calls over real sockets, has one and the same exact verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orders.models import Cancellation, Order, Refill
from orders.submission import services as submission_services
from orders.submission.call_types import CANCELLATIONS, ORDERS, REFILLS, CallType
from providers.calls import circuit_breaker
from providers.models import Provider, RequestBudget, Service
from providers.sandbox import Fault, Panel, Sandbox
from tests.faults.sizes import size
from tests.helpers.at_sandbox import calls_of, make_completed, place_directly, queue_order
from tests.helpers.conservation import check_conservation
from tests.helpers.verdicts import PAUSES, PLACED, RATE_LIMITED, REJECTED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_quick_wire"), pytest.mark.long]

FAR_OFF = datetime(2099, 1, 1, tzinfo=UTC)
# Not a fault of one call alone: it takes another order's id (F19), or ids that are named (F20).
LEFT_OUT = {Fault.same_id_twice, Fault.poison_id}
# By all documents a refill or cancel of zero is a refusal; a panel that means "accepted" by it is not survived.
LEFT_OUT_OF_BATCHES = {*LEFT_OUT, Fault.id_zero}
# What waits for the client's patience takes that long each time.
SLOW = {
    Fault.hang_before_accept,
    Fault.hang_after_accept,
    Fault.dripping_body,
    Fault.dripping_head,
    Fault.endless_body,
}


def faults_of(action: str, left_out: set[Fault]) -> list[Fault]:
    return [fault for fault in Fault if (not fault.actions or action in fault.actions) and fault not in left_out]


def expected(fault: Fault) -> str:
    if fault in PLACED:
        return "pending"
    if fault in REJECTED:
        return "rejected"
    return "queued" if fault in RATE_LIMITED or fault in PAUSES else "unconfirmed"


def send_each_once(kind: CallType, provider: Provider, count: int) -> None:
    """Send every queued row once, whatever comes back: an administrator opens the account again after each call."""
    for _ in range(count):
        open_again(provider)
        # What was tried and is queued again waits behind the others.
        kind.model.objects.filter(status="queued", tries__gt=0).update(not_before=FAR_OFF)
        if not kind.model.objects.filter(status="queued", tries=0).exists():
            return
        submission_services.send_due(provider, kinds=[kind], seconds=0.01)


def open_again(provider: Provider) -> None:
    circuit_breaker.resume(provider)
    # Three unlisted refusals of one service hold that service.
    Service.objects.filter(provider=provider, hold_reason=Service.Hold.REFUSED).update(hold_reason="")
    RequestBudget.objects.filter(provider=provider).update(held_until=0)


@pytest.mark.parametrize("fault", faults_of("add", LEFT_OUT), ids=str)
def test_an_order_that_meets_a_fault_has_its_exact_verdict(
    box: Sandbox, panel: Panel, provider: Provider, service: Service, fault: Fault
) -> None:
    count = size(50, sample=1 if fault in SLOW else 4)
    panel.misbehave(fault, action="add", seconds=2.0 if fault in SLOW else None)
    for number in range(count):
        queue_order(service, number=number)

    send_each_once(ORDERS, provider, count + 1)

    assert len(calls_of(panel, "add")) == count
    assert list(Order.objects.values_list("status", flat=True)) == [expected(fault)] * count
    assert set(Order.objects.values_list("tries", flat=True)) == {1}
    assert check_conservation(box.ledger, [provider], at_rest=True) == []


@pytest.mark.parametrize("fault", faults_of("refill", LEFT_OUT_OF_BATCHES), ids=str)
def test_refills_that_meet_a_fault_are_accounted_for_and_not_sent_again(
    box: Sandbox, panel: Panel, provider: Provider, fault: Fault
) -> None:
    orders = make_completed(box, provider, size(20, sample=3))
    Refill.objects.bulk_create([Refill(order=order, status="queued") for order in orders])
    panel.misbehave(fault, action="refill", seconds=2.0 if fault in SLOW else None)

    check_sent_once(REFILLS, box, panel, provider, "refill")

    ids = list(Refill.objects.exclude(external_id=None).values_list("external_id", flat=True))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("fault", faults_of("cancel", LEFT_OUT_OF_BATCHES), ids=str)
def test_cancels_that_meet_a_fault_are_accounted_for_and_not_sent_again(
    box: Sandbox, panel: Panel, provider: Provider, service: Service, fault: Fault
) -> None:
    offered = panel.services[int(service.external_id)]
    orders = [
        Order.objects.create(
            provider=provider, service=service, external_id=one, link=f"https://e.example/{one}", status="pending"
        )
        for one in place_directly(panel, offered, size(20, sample=3))
    ]
    Cancellation.objects.bulk_create([Cancellation(order=order, status="queued") for order in orders])
    panel.misbehave(fault, action="cancel", seconds=2.0 if fault in SLOW else None)

    check_sent_once(CANCELLATIONS, box, panel, provider, "cancel")


def check_sent_once(kind: CallType, box: Sandbox, panel: Panel, provider: Provider, action: str) -> None:
    count = kind.model.objects.count()
    send_each_once(kind, provider, count + 1)
    before = len(calls_of(panel, action))
    assert before
    assert not kind.model.objects.filter(status="sending").exists()
    assert violations_of(box, provider) == []
    # What is certain not to have been taken goes out once more; what is unconfirmed never does by itself.
    open_ = set(kind.model.objects.filter(status="unconfirmed").values_list("pk", "tries"))
    panel.behave()
    open_again(provider)
    kind.model.objects.filter(status="queued").update(not_before=None)
    submission_services.send_due(provider, kinds=[kind])
    assert set(kind.model.objects.filter(status="unconfirmed").values_list("pk", "tries")) >= open_
    assert not kind.model.objects.filter(status="queued").exists()
    assert violations_of(box, provider) == []


def violations_of(box: Sandbox, provider: Provider) -> list[Any]:
    # The orders themselves were not bought by the hub here.
    found = check_conservation(box.ledger, [provider], at_rest=True)
    return [sentence for sentence in found if " order [" not in sentence and " of add were read" not in sentence]
