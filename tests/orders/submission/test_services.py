"""The way of a paid call: what comes back and what becomes of the order, checked against the ledger."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Attempt, Cancellation, MassOrder, Order, ProductOrder
from orders.placement.services import withdraw_order
from orders.submission import records, results
from orders.submission import services as submission_services
from orders.submission.call_types import CALL_TYPES, CANCELLATIONS, ORDERS, PRODUCT_ORDERS, CallType
from panelhub.encryption import vault
from providers.calls import circuit_breaker
from providers.models import CallSlot, Provider, Service
from providers.sandbox import Fault
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order
from tests.helpers.makers import make_product
from tests.helpers.verdicts import PAUSES, PLACED, RATE_LIMITED, REJECTED

if TYPE_CHECKING:
    from providers.sandbox import Panel, Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    return panel


@pytest.fixture
def service(box: Sandbox, panel: Panel) -> Service:
    return list_service(join(box, "smmplus"), pick_service(panel))


def send(*orders: Order, **how: Any) -> submission_services.Sent:
    sent = submission_services.send_due(orders[0].provider, kinds=[ORDERS], **how)
    for order in orders:
        order.refresh_from_db()
    return sent


def check_conservation(panel: Panel) -> None:
    """Accepted there = placed here + those of the unconfirmed that it accepted; none twice, none denied."""
    ledger = {str(order.id): order.link for order in panel.orders.values() if order.parent is None}
    links = list(ledger.values())
    assert len(links) == len(set(links)), "an order was bought twice"
    placed = Order.objects.filter(external_id__isnull=False)
    assert {order.external_id: order.link for order in placed}.items() <= ledger.items()
    unconfirmed = set(Order.objects.filter(status="unconfirmed").values_list("link", flat=True))
    assert {link for one, link in ledger.items() if not placed.filter(external_id=one).exists()} <= unconfirmed
    denied = Order.objects.filter(status__in=["queued", "rejected", "withdrawn", "held"])
    assert not set(denied.values_list("link", flat=True)) & set(links)
    assert not Order.objects.filter(status="sending").exists()


# --- Every row of the table -------------------------------------------------------------------------------------------

FAULTS = [fault for fault in Fault if not fault.actions or "add" in fault.actions]


def expected(fault: Fault) -> str:
    if fault in PLACED:
        return "pending"
    if fault in REJECTED:
        return "rejected"
    return "queued" if fault in RATE_LIMITED or fault in PAUSES else "unconfirmed"


@pytest.mark.usefixtures("_quick_wire")
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_outcome_of_an_order_is_judged(panel: Panel, service: Service, fault: Fault) -> None:
    before = queue_order(service, number=1)
    send(before)
    panel.misbehave(fault, action="add", times=1, seconds=2.0)
    order = queue_order(service, number=2)

    sent = send(order)

    assert order.status == expected(fault)
    assert len(calls_of(panel, "add")) == 2
    attempt = order.attempts.get()
    assert attempt.finished_at is not None
    assert sent.outcomes[attempt.outcome] == 1
    assert panel.key not in f"{order.error}{attempt.detail}{attempt.excerpt}"
    check_conservation(panel)
    submission_services.send_due(order.provider, kinds=[ORDERS])
    order.refresh_from_db()
    if order.status == "unconfirmed":
        assert len(calls_of(panel, "add")) == 2, "what is not certain is never sent again by itself"
        assert order.error
    check_conservation(panel)


@pytest.mark.usefixtures("_quick_wire")
@pytest.mark.parametrize(
    "fault", [fault for fault in Fault if not fault.actions or "add_product_order" in fault.actions], ids=str
)
def test_every_outcome_of_a_product_order_is_judged(box: Sandbox, fault: Fault) -> None:
    provider, panel = join(box, "smmvna"), box.panel("smmvna")
    panel.balance = 1_000_000
    offered = next(product for product in panel.shop.products.values() if product.type == "Auto")
    panel.set_stock(offered.id, 100)
    product = make_product(provider, external_id=str(offered.id))
    first = ProductOrder.objects.create(provider=provider, product=product, quantity=1, require="first@example.com")
    submission_services.send_due(provider, kinds=[PRODUCT_ORDERS])
    panel.misbehave(fault, action="add_product_order", times=1, seconds=2.0)
    order = ProductOrder.objects.create(provider=provider, product=product, quantity=2, require="a secret of the buyer")

    submission_services.send_due(provider, kinds=[PRODUCT_ORDERS])

    first.refresh_from_db()
    order.refresh_from_db()
    assert (first.status, order.status) == ("pending", expected(fault))
    bought = {str(one.id) for one in panel.books.product_orders.values()}
    assert {first.external_id, order.external_id} - {None} <= bought
    assert len(bought) == 1 + fault.accepts
    attempt = order.attempts.get()
    assert "a secret of the buyer" not in f"{attempt.payload}{attempt.excerpt}{attempt.detail}{order.error}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/api/v2", "refused"),
        ("http://no-such-host.invalid/api/v2", "leads nowhere"),
    ],
)
def test_what_never_left_is_sent_later_and_the_breaker_opens(service: Service, url: str, words: str) -> None:
    provider = service.provider
    provider.api_url, provider.api_key = url, "a key for there"
    provider.save()
    first, second = queue_order(service, number=1), queue_order(service, number=2)

    sent = send(first, second)

    assert (first.status, second.status) == ("queued", "queued")
    assert sent.calls == 1
    assert words in sent.trouble
    assert first.attempts.get().outcome == "not_sent"
    assert not second.attempts.exists()
    provider.refresh_from_db()
    assert provider.breaker_until is not None


def test_what_was_accepted_is_all_written_down(panel: Panel, service: Service) -> None:
    order = queue_order(service, parameters={})

    send(order)

    ledger = panel.orders[int(order.external_id or 0)]
    assert (ledger.link, ledger.quantity) == (order.link, order.quantity)
    assert (order.status, order.error, order.tries) == ("pending", "", 1)
    assert order.placed_at is not None
    attempt = order.attempts.get()
    assert (attempt.outcome, attempt.seen_id, attempt.late_id) == ("accepted", order.external_id, "")
    assert attempt.payload == {"service": service.external_id, "link": order.link, "quantity": str(order.quantity)}
    assert len(attempt.payload_hash) == 64
    assert attempt.seconds is not None
    assert [(event.before, event.after) for event in order.events.all()] == [("sending", "pending")]


@pytest.mark.parametrize(
    ("seconds", "lowest", "highest"), [(20.0, 18, 21), (None, 55, 61)], ids=["as asked", "not said"]
)
def test_a_rate_limit_is_waited_for(
    panel: Panel, service: Service, seconds: float | None, lowest: float, highest: float
) -> None:
    fault = Fault.rate_limited if seconds is None else Fault.rate_limited_retry_after
    panel.misbehave(fault, action="add", times=1, seconds=seconds)
    order = queue_order(service)

    send(order)

    assert order.status == "queued"
    assert order.not_before is not None
    wait = (order.not_before - timezone.now()).total_seconds()
    assert lowest <= wait <= highest
    assert submission_services.send_due(order.provider).calls == 0


def test_an_absurd_wait_is_cut_to_a_quarter_of_an_hour(panel: Panel, service: Service) -> None:
    panel.misbehave(Fault.rate_limited_absurd, action="add", times=1)
    order = queue_order(service)

    send(order)

    assert order.not_before is not None
    assert timedelta(minutes=14) < order.not_before - timezone.now() <= timedelta(minutes=15)


def test_where_a_rate_limit_proves_nothing_the_outcome_is_open(panel: Panel, service: Service) -> None:
    Provider.objects.update(rate_limit_is_unknown=True)
    service.provider.refresh_from_db()
    panel.misbehave(Fault.rate_limited, action="add", times=1)
    order = queue_order(service)

    send(order)

    assert order.status == "unconfirmed"


@pytest.mark.parametrize(("fault", "kind"), PAUSES.items(), ids=str)
def test_what_is_about_the_account_pauses_it_and_a_good_balance_resumes(
    panel: Panel, service: Service, fault: Fault, kind: str
) -> None:
    panel.misbehave(fault, action="add", times=1)
    first, second = queue_order(service, number=1), queue_order(service, number=2)

    sent = send(first, second)

    provider = first.provider
    provider.refresh_from_db()
    assert (first.status, second.status) == ("queued", "queued")
    assert (provider.pause_kind, len(calls_of(panel, "add"))) == (kind, 1)
    assert sent.stopped

    again = send(first, second, at_once=True)

    assert again.stopped == ""
    assert (first.status, second.status) == ("pending", "pending")
    check_conservation(panel)


def test_a_pause_of_a_person_is_ended_by_a_person(panel: Panel, service: Service) -> None:
    circuit_breaker.pause(service.provider, kind="by_hand", text="enough")
    order = queue_order(service)

    assert send(order, at_once=True).stopped
    assert not panel.requests
    circuit_breaker.resume(service.provider)
    send(order)
    assert order.status == "pending"


def test_a_provider_that_fails_everything_makes_three_unconfirmed_orders(panel: Panel, service: Service) -> None:
    panel.misbehave(Fault.html_502_before_accept, action="add")
    orders = [queue_order(service, number=number) for number in range(10)]

    send(*orders)
    send(*orders)

    states = [order.status for order in orders]
    assert states == ["unconfirmed"] * 3 + ["queued"] * 7
    assert len(calls_of(panel, "add")) == 3
    check_conservation(panel)


def test_after_a_recovery_one_trial_goes_first(panel: Panel, service: Service) -> None:
    rule = panel.misbehave(Fault.html_502_before_accept, action="add")
    orders = [queue_order(service, number=number) for number in range(8)]
    send(*orders)
    Provider.objects.update(breaker_until=timezone.now() - timedelta(seconds=1))

    send(*orders)

    assert [order.status for order in orders].count("unconfirmed") == 4
    panel.behave(rule)
    Provider.objects.update(breaker_until=timezone.now() - timedelta(seconds=1))
    send(*orders)
    assert [order.status for order in orders].count("pending") == 4
    check_conservation(panel)


def begin_trial(service: Service) -> tuple[Order, uuid.UUID]:
    """Another worker has a call out, the one on which it depends if there will be more."""
    Provider.objects.filter(pk=service.provider_id).update(paid_failures=circuit_breaker.FAILURES_TO_OPEN)
    service.provider.refresh_from_db()
    trial = queue_order(service, number=99)
    assert circuit_breaker.admit_paid_call(service.provider)
    token = uuid.uuid4()
    submission_services.claim(ORDERS, service.provider, [trial.pk], token)
    return trial, token


@pytest.mark.parametrize("at_once", [True, False])
def test_what_waits_for_another_workers_trial_is_left_and_is_no_failure(
    panel: Panel, service: Service, at_once: bool
) -> None:
    trial, token = begin_trial(service)
    order = queue_order(service)

    sent = send(order, at_once=at_once)

    assert (sent.calls, sent.stopped, sent.trouble) == (0, "", "")
    assert "Another worker is trying one call first" in sent.left
    assert not panel.requests
    assert order.status == "queued"

    record(trial, token, results.Result("unknown", text="HTTP 502"))
    Provider.objects.update(last_failure="HTTP 502")
    assert send(order).stopped == "HTTP 502"


def test_who_loses_the_race_for_the_trial_leaves_it_to_the_other(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    Provider.objects.update(paid_failures=circuit_breaker.FAILURES_TO_OPEN)
    order = queue_order(service)
    monkeypatch.setattr(circuit_breaker, "admit_paid_call", lambda provider: False)

    sent = send(order)

    assert (sent.calls, sent.stopped) == (0, "")
    assert sent.left
    assert order.status == "queued"


def test_a_call_that_a_dead_worker_left_open_is_no_trial_for_ever(service: Service) -> None:
    begin_trial(service)
    order = queue_order(service)
    Attempt.objects.update(started_at=timezone.now() - timedelta(seconds=submission_services.SWEEP_AFTER + 1))
    Provider.objects.update(last_failure="HTTP 502")

    sent = send(order)

    assert (sent.left, sent.stopped) == ("", "HTTP 502")


def test_a_worker_that_is_asked_to_end_claims_nothing_more(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [queue_order(service, number=number) for number in range(3)]
    monkeypatch.setattr(submission_services, "is_stopping", lambda: bool(panel.requests))

    sent = send(*orders)

    assert sent.calls == 1
    assert sorted(order.status for order in orders) == ["pending", "queued", "queued"]


def test_the_same_id_for_two_orders_is_never_placed_twice(panel: Panel, service: Service) -> None:
    first, second = queue_order(service, number=1), queue_order(service, number=2)
    panel.misbehave(Fault.same_id_twice, action="add", match=lambda params: params["link"].endswith("/2"))

    send(first, second)

    assert (first.status, second.status) == ("pending", "unconfirmed")
    assert second.external_id is None
    attempt = second.attempts.get()
    assert (attempt.outcome, attempt.seen_id) == ("unknown", first.external_id)
    assert first.external_id is not None
    assert first.external_id in second.error


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
    """Taken back between the look and the claim: the claim finds nothing."""
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


# --- The sweeper ------------------------------------------------------------------------------------------------------


def lose_worker(order: Order, *, seconds: float = submission_services.SWEEP_AFTER + 1) -> uuid.UUID:
    """The order is claimed by a worker that has not been heard of since."""
    token = uuid.uuid4()
    submission_services.claim(ORDERS, order.provider, [order.pk], token)
    Order.objects.filter(pk=order.pk).update(claimed_at=timezone.now() - timedelta(seconds=seconds))
    return token


def test_what_a_dead_worker_left_is_unconfirmed(service: Service) -> None:
    order = queue_order(service)
    lose_worker(order)

    swept = submission_services.sweep()

    order.refresh_from_db()
    assert swept == {"order": 1}
    assert (order.status, order.attempts.get().outcome) == ("unconfirmed", "unknown")
    assert order.error
    assert [(event.before, event.after) for event in order.events.all()] == [("sending", "unconfirmed")]
    assert sum(submission_services.sweep().values()) == 0


def test_what_may_still_be_answered_is_left_alone(service: Service) -> None:
    order = queue_order(service)
    lose_worker(order, seconds=submission_services.PAID_DEADLINE + 5)

    assert sum(submission_services.sweep().values()) == 0


def test_a_late_reply_places_what_was_swept(service: Service) -> None:
    order = queue_order(service)
    token = lose_worker(order)
    submission_services.sweep()

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
    submission_services.sweep()

    record(order, token, results.Result(outcome, text="late"))

    assert order.status == "unconfirmed"
    assert order.attempts.get().outcome == outcome


def test_a_late_id_after_a_person_has_settled_is_a_second_purchase(service: Service) -> None:
    order = queue_order(service)
    token = lose_worker(order)
    submission_services.sweep()
    Order.objects.filter(pk=order.pk).update(status="given_up")

    record(order, token, results.Result("accepted", "4711"))

    assert (order.status, order.external_id) == ("given_up", None)
    assert order.attempts.get().late_id == "4711"
    assert order.events.get(kind="warning").data == {"late_id": "4711"}


def test_a_late_reply_to_an_earlier_try_does_not_touch_the_next_one(service: Service) -> None:
    order = queue_order(service)
    token = lose_worker(order)
    submission_services.sweep()
    Order.objects.filter(pk=order.pk).update(status="queued", claim=None)
    again = uuid.uuid4()
    submission_services.claim(ORDERS, service.provider, [order.pk], again)

    record(order, token, results.Result("accepted", "4711"))
    record(order, again, results.Result("accepted", "4712"))

    assert (order.status, order.external_id) == ("pending", "4712")
    assert list(order.attempts.order_by("id").values_list("late_id", flat=True)) == ["4711", ""]


def record(order: Order, token: uuid.UUID, result: results.Result) -> None:
    records.record(ORDERS, order.provider, token, [order], {order.pk: result}, seconds=1.0)
    order.refresh_from_db()


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


@pytest.fixture(autouse=True)
def _nothing_left_on_the_wire() -> Iterator[None]:
    yield
    for kind in CALL_TYPES:
        assert not kind.model.objects.filter(status="sending", claim__isnull=True).exists()
