from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.aftercare.services import (
    cancel_offer,
    cancel_offers,
    refill_offer,
    refill_offers,
    request_cancels,
    request_refills,
    withdraw_request,
)
from orders.models import Cancellation, Order, OrderEvent, Refill
from orders.submission import services as submission_services
from orders.submission.call_types import CANCELLATIONS, REFILLS
from panelhub.models import AuditEvent
from providers.models import Provider
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import calls_of, join, list_service, make_completed, pick_service, place_directly
from tests.helpers.makers import make_completed_order, make_person, make_provider, make_service

# --- What is offered


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["completed", "partial"])
def test_a_delivered_order_can_be_refilled(status: str) -> None:
    assert refill_offer(make_completed_order(status=status)).can


@pytest.mark.django_db
@pytest.mark.parametrize("flag", [True, None])
def test_a_flag_that_is_not_stated_does_not_forbid(flag: bool | None) -> None:
    provider = make_provider("smmplus")
    service = make_service(provider, refill=flag, cancel=flag)

    assert refill_offer(make_completed_order(provider, service=service)).can
    assert cancel_offer(make_completed_order(provider, service=service, status="pending")).can


@pytest.mark.django_db
def test_a_service_that_says_no_is_not_called() -> None:
    provider = make_provider("smmplus")
    service = make_service(provider, refill=False, cancel=False)

    assert refill_offer(make_completed_order(provider, service=service)).reason == "This service has no refill."
    canceling = cancel_offer(make_completed_order(provider, service=service, status="pending"))
    assert canceling.reason == "This service doesn’t support cancel."


@pytest.mark.django_db
@pytest.mark.parametrize("dialect", ["smpanelim", "smmvna"])
def test_a_dialect_without_cancel_says_so(dialect: str) -> None:
    offer = cancel_offer(make_completed_order(make_provider(dialect), status="pending"))

    assert not offer.can
    assert "has no cancel action" in offer.reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("held", "Withdraw it"),
        ("queued", "Withdraw it"),
        ("sending", "being sent"),
        ("unconfirmed", "The order is unconfirmed. Resolve it first"),
        ("rejected", "never placed"),
        ("withdrawn", "never placed"),
    ],
)
def test_what_is_not_at_the_provider_is_neither_refilled_nor_canceled(status: str, words: str) -> None:
    order = make_completed_order(status=status, external_id=None, claim=uuid.uuid4())

    assert words in refill_offer(order).reason
    assert words in cancel_offer(order).reason


@pytest.mark.django_db
def test_open_orders_are_canceled_and_finished_ones_are_not() -> None:
    assert cancel_offer(make_completed_order(status="in_progress")).can
    assert "The order has ended" in cancel_offer(make_completed_order(status="completed")).reason
    assert (
        "Only completed or partial orders can be refilled. This one is"
        in refill_offer(make_completed_order(status="in_progress")).reason
    )


@pytest.mark.django_db
def test_an_order_adopted_without_a_service_is_offered() -> None:
    assert refill_offer(make_completed_order(service=None, quantity=None, adopted=True)).can


@pytest.mark.django_db
def test_a_provider_that_is_switched_off_is_not_called() -> None:
    assert "is disabled" in refill_offer(make_completed_order(make_provider("smmplus", is_active=False))).reason


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["queued", "unconfirmed"])
def test_one_refill_at_a_time_is_on_its_way(status: str) -> None:
    order = make_completed_order()
    Refill.objects.create(order=order, status=status)

    assert refill_offer(order).reason == "A refill request is already queued."


@pytest.mark.django_db
def test_a_running_refill_is_waited_for_and_an_untracked_one_is_not_waited_for_for_ever() -> None:
    order = make_completed_order()
    refill = Refill.objects.create(order=order, status="in_progress", external_id="7")
    assert "A refill is already in progress" in refill_offer(order).reason

    long_ago = timezone.now() - timedelta(days=3)
    Refill.objects.filter(pk=refill.pk).update(external_id=None, status="pending", created_at=long_ago)
    assert refill_offer(order).can


@pytest.mark.django_db
def test_the_pause_between_two_refills_is_the_providers() -> None:
    provider = make_provider("smmplus", refill_pause_hours=24)
    order = make_completed_order(provider)
    asked = timezone.now() - timedelta(hours=30)
    refill = Refill.objects.create(order=order, status="completed", external_id="7", created_at=asked)
    assert refill_offer(order).can

    Refill.objects.filter(pk=refill.pk).update(finished_at=timezone.now() - timedelta(hours=2))
    offer = refill_offer(order)
    assert offer.reason == "The last refill was less than 24 hours ago."
    assert offer.until is not None
    assert offer.until > timezone.now()

    Provider.objects.filter(pk=provider.pk).update(refill_pause_hours=1)
    assert refill_offer(Order.objects.get(pk=order.pk)).can


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["refused", "withdrawn", "given_up"])
def test_a_refill_that_came_to_nothing_does_not_stand_in_the_way(status: str) -> None:
    order = make_completed_order()
    Refill.objects.create(order=order, status=status)

    assert refill_offer(order).can


@pytest.mark.django_db
def test_an_accepted_cancel_is_a_request_until_a_state_says_so() -> None:
    order = make_completed_order(status="in_progress")
    row = Cancellation.objects.create(order=order, status="accepted")
    assert "We’ll update the order when the provider responds" in cancel_offer(order).reason
    order.refresh_from_db()
    assert order.status == "in_progress"

    Cancellation.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=25))
    assert cancel_offer(order).can


@pytest.mark.django_db
def test_offers_for_a_page_cost_the_same_for_any_number_of_rows(django_assert_num_queries: Any) -> None:
    provider = make_provider("smmplus")
    service = make_service(provider, refill=True)
    orders = [make_completed_order(provider, service=service, external_id=str(number)) for number in range(1, 31)]
    bare = Order.objects.filter(pk__in=[order.pk for order in orders])
    loaded = list(bare.select_related("provider", "service"))
    unloaded = list(bare)

    with django_assert_num_queries(1):
        assert all(offer.can for offer in refill_offers(loaded).values())
    with django_assert_num_queries(3):
        assert len(refill_offers(unloaded)) == 30
    # What state, service or dialect rule out needs no look at earlier requests.
    with django_assert_num_queries(0):
        assert not any(offer.can for offer in cancel_offers(loaded).values())


# --- Asking


@pytest.mark.django_db
def test_many_are_requested_at_once_and_what_was_skipped_is_grouped_by_reason() -> None:
    person = make_person()
    provider = make_provider("smmplus")
    good = [make_completed_order(provider, external_id=str(number)) for number in range(1, 4)]
    running = [make_completed_order(provider, external_id=str(number)) for number in range(4, 6)]
    for order in running:
        Refill.objects.create(order=order, status="queued")
    open_order = make_completed_order(provider, external_id="9", status="pending")

    done = request_refills(Order.objects.all(), by=person)

    assert (done.asked, done.created) == (6, 3)
    assert done.orders == [order.pk for order in good]
    assert [(skipped.orders, skipped.reason) for skipped in done.skipped] == [
        (tuple(order.pk for order in running), "A refill request is already queued."),
        ((open_order.pk,), "Only completed or partial orders can be refilled. This one is Pending."),
    ]
    made = Refill.objects.filter(order__in=good)
    assert {(row.status, row.created_by) for row in made} == {("queued", person)}
    assert OrderEvent.objects.filter(order__in=good, kind="refill", after="queued", actor=person).count() == 3
    assert AuditEvent.objects.get(action="order.refill").data["orders"] == done.orders


@pytest.mark.django_db
def test_only_what_one_may_see_is_requested() -> None:
    mine, other = make_completed_order(), make_completed_order()

    done = request_refills(Order.objects.filter(pk=mine.pk), by=make_person(), ids=[mine.pk, other.pk, 10**9])

    assert done.orders == [mine.pk]
    assert [skipped.reason for skipped in done.skipped] == ["This order doesn’t exist."]
    assert set(done.skipped[0].orders) == {other.pk, 10**9}


@pytest.mark.django_db
def test_a_batch_takes_the_same_number_of_statements_whatever_its_size(django_assert_max_num_queries: Any) -> None:
    person = make_person()
    provider = make_provider("smmplus")
    service = make_service(provider, refill=True)
    Order.objects.bulk_create(
        [
            Order(provider=provider, service=service, status="completed", external_id=str(number))
            for number in range(1, 401)
        ]
    )
    # SQLite takes 999 parameters a statement, so its inserts come in parts.
    most = 14 if connection.vendor == "postgresql" else 30

    with django_assert_max_num_queries(most):
        assert request_refills(Order.objects.all(), by=person).created == 400


@pytest.mark.django_db
def test_asking_twice_makes_one_request() -> None:
    order = make_completed_order(status="pending")
    person = make_person()

    first = request_cancels(Order.objects.all(), by=person, ids=[order.pk])
    second = request_cancels(Order.objects.all(), by=person, ids=[order.pk])

    assert (first.created, second.created) == (1, 0)
    assert Cancellation.objects.count() == 1


@pytest.mark.django_db
def test_a_request_is_withdrawn_before_it_is_sent_and_not_after() -> None:
    order = make_completed_order()
    person = make_person()
    refill = Refill.objects.create(order=order, status="queued")

    assert withdraw_request(refill, by=person)
    assert not withdraw_request(refill, by=person)

    refill.refresh_from_db()
    assert refill.status == "withdrawn"
    assert refill_offer(order).can


# --- At the sandbox


@pytest.mark.django_db(transaction=True)
def test_500_selected_orders_are_refilled_in_as_few_calls_as_each_provider_allows(box: Sandbox) -> None:
    wanted = {
        "servsmm": (200, 2),
        "smmplus": (100, 1),
        "smmprovider": (101, 2),
        "smpanelim": (40, 40),
        "smmvna": (59, 59),
    }
    providers = {slug: join(box, slug) for slug in wanted}
    for slug, (count, _calls) in wanted.items():
        make_completed(box, providers[slug], count)
    ids = list(Order.objects.values_list("pk", flat=True))

    done = request_refills(Order.objects.all(), by=make_person(), ids=ids)
    for provider in providers.values():
        submission_services.send_due(provider, kinds=[REFILLS])

    assert (done.asked, done.created, done.skipped) == (500, 500, [])
    for slug, (count, calls) in wanted.items():
        panel = box.panel(slug)
        assert len(calls_of(panel, "refill")) == calls
        rows = dict(
            Refill.objects.filter(order__provider=providers[slug], status="pending").values_list(
                "order__external_id", "external_id"
            )
        )
        assert rows == {str(refill.order): str(refill.id) for refill in box.ledger.refills(slug)}
        assert len(rows) == count


@pytest.mark.django_db(transaction=True)
def test_each_row_of_a_batch_has_its_own_outcome(box: Sandbox) -> None:
    provider = join(box, "servsmm")
    panel = box.panel("servsmm")
    orders = make_completed(box, provider, 200)
    refused, missing = orders[10], orders[20]
    place_open = place_directly(panel, pick_service(panel, refill=True), 1)[0]
    Order.objects.filter(pk=refused.pk).update(external_id=place_open)
    panel.misbehave(Fault.missing_ids, action="refill", times=1, ids=[str(missing.external_id)])
    panel.misbehave(Fault.reset_after_accept, action="refill", times=1, ids=[str(orders[150].external_id)])

    request_refills(Order.objects.all(), by=make_person())
    sent = submission_services.send_due(provider, kinds=[REFILLS])

    assert sent.calls == len(calls_of(panel, "refill")) == 2
    first, second = orders[:100], orders[100:]
    rows = {row.order_id: row for row in Refill.objects.all()}
    assert rows[refused.pk].status == "refused"
    assert rows[refused.pk].error == "Order not eligible for refill."
    assert rows[missing.pk].status == "unconfirmed"
    assert {rows[order.pk].status for order in first if order not in (refused, missing)} == {"pending"}
    assert {rows[order.pk].status for order in second} == {"unconfirmed"}
    by_order = {str(refill.order): str(refill.id) for refill in box.ledger.refills("servsmm")}
    for order in first:
        if rows[order.pk].status == "pending":
            assert rows[order.pk].external_id == by_order[str(order.external_id)]

    # Nothing is sent again by itself.
    assert submission_services.send_due(provider, kinds=[REFILLS]).calls == 0


@pytest.mark.django_db(transaction=True)
def test_cancels_go_out_in_one_call_and_refusals_are_the_rows_own(box: Sandbox) -> None:
    provider = join(box, "smmprovider")
    panel = box.panel("smmprovider")
    offered = pick_service(panel, cancel=True)
    service = list_service(provider, offered)
    ids = place_directly(panel, offered, 3)
    panel.advance(7 * 24 * 3600)
    ids += place_directly(panel, offered, 3)
    orders = [
        Order.objects.create(provider=provider, service=service, external_id=one, status="pending", quantity=10)
        for one in ids
    ]

    request_cancels(Order.objects.all(), by=make_person())
    submission_services.send_due(provider, kinds=[CANCELLATIONS])

    assert len(calls_of(panel, "cancel")) == 1
    rows = [Cancellation.objects.get(order=order) for order in orders]
    assert [row.status for row in rows] == ["refused"] * 3 + ["accepted"] * 3
    assert {row.error for row in rows[:3]} == {"Order already completed"}
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}
