"""What is sent, in which order, and by which worker."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Attempt, Cancellation, MassOrder, Order
from orders.placement.services import withdraw_order
from orders.submission import services as submission_services
from orders.submission.call_types import CANCELLATIONS, ORDERS, CallType
from panelhub.encryption import vault
from providers.models import CallSlot, Provider, Service
from providers.sandbox import Panel, Sandbox
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order
from tests.helpers.submission import check_conservation, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_nothing_left_on_the_wire")]


# --- What is sent, and when -------------------------------------------------------------------------------------------


def test_what_no_call_can_be_made_for_is_refused_before_any(panel: Panel, service: Service) -> None:
    order = Order.objects.create(provider=service.provider, link="https://example.com/", quantity=10)

    send(order)

    assert (order.status, order.error) == ("rejected", "The order has no service.")
    assert not panel.requests
    assert not order.attempts.exists()


def test_a_row_made_by_hand_is_sent_like_any_other(panel: Panel, service: Service) -> None:
    order = Order.objects.create(
        provider=service.provider,
        service=service,
        link="https://example.com/x",
        quantity=service.min_quantity,
        status="queued",
    )

    send(order)

    assert order.status == "pending"


def test_parameters_go_out_under_their_names_and_none_can_take_anothers_place(panel: Panel, service: Service) -> None:
    order = queue_order(
        service,
        parameters={
            "runs": 2,
            "interval": "5",
            "key": "x",
            "action": "balance",
            "service": "1",
            "link": "https://evil/",
        },
    )

    send(order)

    (call,) = calls_of(panel, "add")
    assert call.params == {
        "service": service.external_id,
        "link": order.link,
        "quantity": str(order.quantity),
        "runs": "2",
        "interval": "5",
    }


def test_a_key_that_cannot_be_read_leaves_no_outcome_open(panel: Panel, service: Service) -> None:
    """As after a restore without its keys: nothing can have been sent."""
    order = queue_order(service)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE providers_provider SET api_key = %s", [vault.PREFIX + "0:bm90IG91cnM="])

    sent = submission_services.send_due(Provider.objects.get())

    order.refresh_from_db()
    assert sent.stopped
    assert (order.status, order.tries) == ("queued", 0)
    assert not panel.requests


def test_an_order_waits_for_its_time(panel: Panel, service: Service) -> None:
    order = queue_order(service, not_before=timezone.now() + timedelta(seconds=30))

    assert send(order).calls == 0
    Order.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert send(order).calls == 1


def test_an_account_paused_by_a_person_is_not_said_to_fail_as_it_once_did(panel: Panel, service: Service) -> None:
    Provider.objects.update(pause_kind=Provider.Pause.BY_HAND, last_failure="HTTP 502 of last week")
    order = queue_order(service)

    assert send(order).stopped == str(Provider.Pause.BY_HAND.label)
    assert not panel.requests


def test_an_inactive_provider_is_not_called(panel: Panel, service: Service) -> None:
    Provider.objects.update(is_active=False)
    order = queue_order(service)

    assert send(order).stopped
    assert submission_services.providers_with_due_work() == []
    assert not panel.requests


def test_a_single_order_does_not_wait_behind_a_mass_order(panel: Panel, service: Service) -> None:
    mass = MassOrder.objects.create()
    for number in range(3):
        queue_order(service, number=number, mass_order=mass)
    queue_order(service, number=9)

    submission_services.send_due(service.provider)

    assert [call.params["link"][-1] for call in calls_of(panel, "add")] == ["9", "0", "1", "2"]


def test_a_cancel_does_not_wait_behind_all_orders(panel: Panel, box: Sandbox, service: Service) -> None:
    placed = queue_order(service, number=1)
    send(placed)
    Cancellation.objects.create(order=placed)
    for number in range(2, 6):
        queue_order(service, number=number)

    submission_services.send_due(service.provider)

    actions = [call.action for call in panel.requests]
    assert actions.index("cancel") < len(actions) - 3


def test_refused_row_by_row_in_one_call(panel: Panel, service: Service) -> None:
    orders = [queue_order(service, number=number) for number in range(3)]
    send(*orders)
    stranger = Order.objects.create(provider=service.provider, status="pending", external_id="1")
    for order in (*orders, stranger):
        Cancellation.objects.create(order=order)

    submission_services.send_due(service.provider, kinds=[CANCELLATIONS])

    assert len(calls_of(panel, "cancel")) == 1
    states = dict(Cancellation.objects.values_list("order_id", "status"))
    assert states.pop(stranger.pk) == "refused"
    assert set(states.values()) <= {"accepted", "refused"}
    assert len(set(Attempt.objects.filter(cancellation__isnull=False).values_list("call", flat=True))) == 1


# --- Claims -----------------------------------------------------------------------------------------------------------


def test_a_claim_is_taken_once(service: Service) -> None:
    order = queue_order(service)

    mine = submission_services.claim(ORDERS, service.provider, [order.pk], uuid.uuid4())
    theirs = submission_services.claim(ORDERS, service.provider, [order.pk], uuid.uuid4())

    assert [row.pk for row in mine] == [order.pk]
    assert theirs == []
    assert order.attempts.count() == 1


def test_a_claim_that_went_stale_before_the_call_is_dropped(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = queue_order(service)
    real = submission_services.still_ours
    looked: list[bool] = []

    def late_once(kind: CallType, rows: Any, token: uuid.UUID) -> bool:
        if not looked:
            looked.append(True)
            Order.objects.update(claimed_at=timezone.now() - timedelta(seconds=submission_services.CLAIM_FRESH_FOR + 1))
        return real(kind, rows, token)

    monkeypatch.setattr(submission_services, "still_ours", late_once)
    send(order)

    assert order.status == "pending"
    assert len(calls_of(panel, "add")) == 1
    assert list(order.attempts.order_by("id").values_list("outcome", flat=True)) == ["not_sent", "accepted"]


def test_an_order_withdrawn_at_the_last_moment_is_not_sent(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Withdrawn between the look and the claim: the claim finds nothing."""
    order = queue_order(service)
    real = submission_services.claim

    def too_late(*args: Any) -> Any:
        assert withdraw_order(order, by=None)
        return real(*args)

    monkeypatch.setattr(submission_services, "claim", too_late)
    send(order)

    assert order.status == "withdrawn"
    assert not calls_of(panel, "add")


def test_an_order_on_the_wire_cannot_be_withdrawn(service: Service) -> None:
    order = queue_order(service)
    submission_services.claim(ORDERS, service.provider, [order.pk], uuid.uuid4())

    assert not withdraw_order(order, by=None)


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_order_once(box: Sandbox) -> None:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    service = list_service(join(box, "smmplus"), pick_service(panel))
    for number in range(30):
        queue_order(service, number=number)

    def work() -> None:
        try:
            submission_services.send_due(Provider.objects.get(pk=service.provider_id))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(calls_of(panel, "add")) == 30
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}
    assert not CallSlot.objects.exclude(holder="").exists()
    check_conservation(panel)


# --- Doorbells --------------------------------------------------------------------------------------------------------


def test_providers_with_work_are_those_with_something_due(service: Service) -> None:
    assert submission_services.providers_with_due_work() == []
    assert not submission_services.has_due_work(service.provider)
    order = queue_order(service)
    assert submission_services.providers_with_due_work() == [service.provider_id]
    assert submission_services.has_due_work(service.provider)
    Order.objects.filter(pk=order.pk).update(status="pending")
    Cancellation.objects.create(order=order)
    assert submission_services.providers_with_due_work() == [service.provider_id]


def test_a_time_box_is_kept(panel: Panel, service: Service) -> None:
    for number in range(3):
        queue_order(service, number=number)

    sent = submission_services.send_due(service.provider, seconds=0.0)

    assert sent.calls == 0
    assert submission_services.has_due_work(service.provider)
