"""Every outcome of a paid call, checked against the ledger of the sandbox."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Attempt, Order, ProductOrder
from orders.submission import results
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS, PRODUCT_ORDERS
from providers.calls import circuit_breaker
from providers.models import Provider, Service
from providers.sandbox import Fault, Panel, Sandbox
from tests.helpers.at_sandbox import calls_of, join, queue_order
from tests.helpers.makers import make_product
from tests.helpers.submission import check_conservation, record, send
from tests.helpers.verdicts import PAUSES, PLACED, RATE_LIMITED, REJECTED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_nothing_left_on_the_wire")]
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
    assert "Waiting for the result of a test call" in sent.left
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


def test_a_worker_that_is_stopped_claims_nothing_more(
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
