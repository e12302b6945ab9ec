"""Status, refill and cancel through the API, in the shapes of the field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import statuses
from orders.api.serializers import ORDER_WORDS, REFILL_WORDS
from orders.models import (
    Cancellation,
    Order,
    OrderEvent,
    ProductOrder,
    Refill,
)
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import (
    make_order,
    make_product,
    make_provider,
    make_service,
)
from tests.orders.api.conftest import Program, make_program

pytestmark = pytest.mark.django_db


def order_of(program: Program, service: Service | None = None, **fields: Any) -> Order:
    """An order that came by a token."""
    service = service or make_service(refill=True, cancel=True)
    plain: dict[str, Any] = {
        "billed_quantity": 1_000,
        "rate": service.rate,
        "expected_charge": service.rate,
        "external_id": str(70_000 + Order.objects.count()),
        "created_by": program.person,
    }
    return make_order(service, **(plain | fields))


# status


@pytest.mark.parametrize("status", [choice.value for choice in statuses.OrderStatus])
def test_every_state_has_one_of_the_standards_words(program: Program, status: str) -> None:
    fields: dict[str, Any] = {"claim": "00000000-0000-0000-0000-000000000001"} if status == "sending" else {}
    order = order_of(program, status=status, **fields)

    reported = program.call("status", order=order.pk)["status"]

    assert reported == ORDER_WORDS[status]
    assert reported in {"Pending", "Processing", "In progress", "Completed", "Partial", "Canceled"}


@pytest.mark.parametrize("status", ["held", "queued", "sending", "unconfirmed"])
def test_the_hubs_own_open_states_are_pending(status: str) -> None:
    assert ORDER_WORDS[status] == "Pending"


@pytest.mark.parametrize("status", ["rejected", "withdrawn", "given_up", "refunded"])
def test_what_was_not_bought_is_canceled_and_costs_nothing(program: Program, status: str) -> None:
    order = order_of(program, status=status)

    reported = program.call("status", order=order.pk)

    assert (reported["status"], reported["charge"]) == ("Canceled", "0")


def test_every_refill_state_has_a_word() -> None:
    assert set(REFILL_WORDS) == set(statuses.RefillStatus.values)


def test_what_the_provider_said_is_reported_and_the_rest_stays_empty(program: Program) -> None:
    order = order_of(program, charge=Decimal("0.27819"), start_count=3572, remains=-12, status="partial")

    assert program.call("status", order=order.pk) == {
        "charge": "0.27819",
        "start_count": "3572",
        "status": "Partial",
        "remains": "-12",
        "currency": "USD",
    }
    silent = order_of(program, quantity=100)
    reported = program.call("status", order=silent.pk)
    assert (reported["start_count"], reported["remains"]) == ("0", "100")


def test_an_order_in_a_currency_without_a_rate_is_shown_in_its_own(program: Program) -> None:
    order = order_of(program, currency="VND", charge=Decimal(12_000))

    reported = program.call("status", order=order.pk)

    assert (reported["charge"], reported["currency"]) == ("12000", "VND")


@pytest.mark.parametrize("action", ["status", "multi_status"])
def test_a_hundred_ids_known_unknown_and_of_others_are_answered_in_constant_statements(
    program: Program, action: str
) -> None:
    service = make_service()
    mine = [order_of(program, service) for _ in range(40)]
    foreign = [order_of(make_program(), service) for _ in range(3)]
    few = [str(mine[0].pk), str(foreign[0].pk), "999999"]
    many = [
        *(str(order.pk) for order in mine),
        *(str(order.pk) for order in foreign),
        *(str(900_000 + number) for number in range(54)),
        "abc",
        "-1",
        "9" * 50,
    ]
    assert len(many) == 100
    with CaptureQueriesContext(connection) as for_few:
        program.call(action, orders=",".join(few))
    with CaptureQueriesContext(connection) as for_many:
        answer = program.call(action, orders=" , ".join(many))

    assert len(for_many) == len(for_few)
    assert list(answer) == many
    good = {text for text, row in answer.items() if "status" in row}
    assert good == {str(order.pk) for order in mine}
    assert all(answer[text] == {"error": "Incorrect order ID"} for text in set(many) - good)


def test_more_than_a_hundred_ids_are_refused(program: Program) -> None:
    for action, name in (
        ("status", "orders"),
        ("refill", "orders"),
        ("cancel", "orders"),
        ("refill_status", "refills"),
    ):
        answer = program.call(action, **{name: ",".join(map(str, range(1, 102)))})
        assert answer == {"error": "Maximum 100 orders"}
        assert program.call(action, **{name: " , "}) == {"error": f"Missing required parameter: {name}"}


def test_no_action_touches_what_is_someone_elses(program: Program) -> None:
    other = make_program()
    service = make_service(refill=True, cancel=True)
    completed = order_of(other, service, status="completed")
    running, waiting = order_of(other, service), order_of(other, service, status="queued", external_id=None)
    asked = Refill.objects.create(order=completed, created_by=other.person, status="pending", external_id="1")
    bought = ProductOrder.objects.create(
        provider=make_provider("smmvna"), product=make_product(), created_by=other.person, status="completed"
    )
    ids = f"{completed.pk},{running.pk},{waiting.pk}"

    assert program.call("status", order=running.pk) == {"error": "Incorrect order ID"}
    assert program.call("refill", order=completed.pk) == {"error": "Incorrect order ID"}
    assert {row["refill"]["error"] for row in program.call("refill", orders=ids)} == {"Incorrect order ID"}
    assert {row["cancel"]["error"] for row in program.call("cancel", orders=ids)} == {"Incorrect order ID"}
    assert program.call("refill_status", refill=asked.pk) == {"error": "Refill not found"}
    assert program.call("refill_status", refills=asked.pk)[0]["status"] == {"error": "Refill not found"}
    assert program.call("product_order_status", order=bought.pk) == {"error": "Incorrect order ID"}
    assert program.call("result_product", order=bought.pk) == {"error": "Incorrect order ID"}
    assert not Cancellation.objects.exists()
    assert Refill.objects.count() == 1
    waiting.refresh_from_db()
    assert waiting.status == "queued"


# refill


@pytest.mark.parametrize("action", ["refill", "multi_refill"])
def test_refills_are_requested_one_or_many(program: Program, action: str) -> None:
    service = make_service(refill=True)
    one, two = (order_of(program, service, status="completed") for _ in range(2))
    running = order_of(program, service)

    single = program.call("refill", order=one.pk)
    many = program.call(action, orders=f"{one.pk},{two.pk},{running.pk},424242,x")

    made = {refill.order_id: refill.pk for refill in Refill.objects.all()}
    assert single == {"refill": str(made[one.pk])}
    assert many == [
        {"order": one.pk, "refill": {"error": "A refill request is already queued."}},
        {"order": two.pk, "refill": made[two.pk]},
        {"order": running.pk, "refill": {"error": many[2]["refill"]["error"]}},
        {"order": 424242, "refill": {"error": "Incorrect order ID"}},
        {"order": "x", "refill": {"error": "Incorrect order ID"}},
    ]
    assert "Only completed or partial orders can be refilled. This one is" in many[2]["refill"]["error"]


@pytest.mark.parametrize("action", ["refill_status", "multi_refill_status"])
def test_refill_states_are_reported_one_or_many(program: Program, action: str) -> None:
    order = order_of(program, status="completed")
    one = Refill.objects.create(order=order, created_by=program.person, status="completed", external_id="5")

    assert program.call("refill_status", refill=one.pk) == {"status": "Completed"}
    assert program.call(action, refills=f"{one.pk},777") == [
        {"refill": one.pk, "status": "Completed"},
        {"refill": 777, "status": {"error": "Refill not found"}},
    ]


# cancel


def test_cancel_withdraws_what_was_not_sent_and_asks_the_provider_for_the_rest(program: Program) -> None:
    service = make_service(cancel=True)
    queued = order_of(program, service, status="queued", external_id=None)
    held = order_of(program, service, status="held", external_id=None, held_for="second_person")
    running = order_of(program, service)
    over = order_of(program, service, status="completed")

    rows = program.call("cancel", orders=f"{queued.pk},{held.pk},{running.pk},{over.pk},31337")

    assert rows[:3] == [{"order": order.pk, "cancel": 1} for order in (queued, held, running)]
    assert "The order has ended" in rows[3]["cancel"]["error"]
    assert rows[4] == {"order": 31337, "cancel": {"error": "Incorrect order ID"}}
    assert set(Order.objects.filter(status="withdrawn").values_list("pk", flat=True)) == {queued.pk, held.pk}
    assert set(OrderEvent.objects.filter(after="withdrawn").values_list("before", flat=True)) == {"queued", "held"}
    assert list(Cancellation.objects.values_list("order_id", flat=True)) == [running.pk]
    assert program.call("status", order=running.pk)["status"] == "In progress", "a cancel is a request"


def test_canceling_a_hundred_orders_takes_constant_statements(program: Program) -> None:
    service = make_service(cancel=True)

    def cancel(count: int) -> int:
        orders = [order_of(program, service) for _ in range(count)]
        orders += [order_of(program, service, status="queued", external_id=None) for _ in range(count)]
        ids = ",".join(str(order.pk) for order in orders)
        with CaptureQueriesContext(connection) as captured:
            rows = program.call("cancel", orders=ids)
        assert all(row["cancel"] == 1 for row in rows)
        return len(captured)

    assert cancel(50) == cancel(2)


def test_a_cancel_that_withdraws_is_on_the_audit_record(program: Program) -> None:
    queued = order_of(program, external_id=None, status="queued")

    program.call("cancel", orders=queued.pk)

    made = AuditEvent.objects.get(action="order.withdrawn")
    assert (made.actor, made.data["orders"]) == (program.person, [queued.pk])


def test_what_a_late_answer_says_was_accepted_is_not_withdrawn_by_a_cancel(program: Program) -> None:
    late = order_of(program, external_id=None, status="held", held_for="late_answer")

    (row,) = program.call("cancel", orders=late.pk)

    assert "Resolve it first" in row["cancel"]["error"]
    assert Order.objects.get().status == "held"
