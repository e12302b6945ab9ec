"""What each action answers, in the shapes and types of the field; whose orders it touches."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import statuses
from orders.api.serializers import ORDER_WORDS, REFILL_WORDS
from orders.models import (
    ApiToken,
    Cancellation,
    ExchangeRate,
    HubRules,
    Markup,
    Order,
    OrderEvent,
    ProductOrder,
    Refill,
)
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import (
    grant,
    make_order,
    make_product,
    make_provider,
    make_service,
    set_limits,
)
from tests.orders.api.conftest import Program, make_program, open_product, open_service

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


# services


def test_services_are_listed_in_the_standards_types(program: Program) -> None:
    service = make_service(
        make_provider("servsmm"),
        name="Followers",
        category="First",
        type="custom_comments",
        rate=Decimal("0.9"),
        refill=True,
        cancel=False,
    )
    offered = open_service(service)

    assert program.call("services") == [
        {
            "service": offered.pk,
            "name": "Followers",
            "type": "Custom Comments",
            "category": "First",
            "rate": "0.9",
            "min": "10",
            "max": "10000",
            "refill": True,
            "cancel": False,
            "dripfeed": False,
        }
    ]


def test_a_service_keeps_its_number_when_it_is_closed_and_opened_again(program: Program) -> None:
    first, second = open_service(), open_service()

    first.is_open = False
    first.save()
    assert [row["service"] for row in program.call("services")] == [second.pk]
    first.is_open = True
    first.save()

    assert [row["service"] for row in program.call("services")] == [first.pk, second.pk]


@pytest.mark.parametrize(
    "closed",
    [{"is_available": False}, {"hold_reason": "price_jump"}, {"type": "martian"}],
    ids=["not listed", "price jumped", "unknown type"],
)
def test_what_cannot_be_ordered_is_not_offered(program: Program, closed: dict[str, Any]) -> None:
    offered = open_service(make_service(**closed))

    assert program.call("services") == []
    answer = program.call("add", service=offered.pk, link="https://a.example/", quantity=100)
    assert answer == {"error": "Incorrect service ID"}


def test_what_a_provider_cannot_do_is_not_offered_for_its_services(program: Program) -> None:
    open_service(make_service(make_provider("smpanelim"), refill=None, cancel=None))

    (row,) = program.call("services")

    assert (row["refill"], row["cancel"]) == (True, False)


def test_limits_that_nobody_stated_are_the_hubs_own(program: Program) -> None:
    open_service(make_service(min_quantity=None, max_quantity=None))

    (row,) = program.call("services")

    assert (row["min"], int(row["max"]) >= 10**9) == ("1", True)


def test_a_token_sees_its_own_services_and_providers_only(program: Program) -> None:
    chosen, other, hidden = open_service(), open_service(), open_service()
    program.token.services.add(chosen, hidden)
    ApiToken.objects.update(all_services=False)
    grant(program.person, chosen.service.provider, other.service.provider)  # type: ignore[union-attr]

    assert [row["service"] for row in program.call("services")] == [chosen.pk]
    for closed in (other, hidden):
        answer = program.call("add", service=closed.pk, link="https://a.example/", quantity=100)
        assert answer == {"error": "Incorrect service ID"}


def test_a_shelf_of_a_thousand_takes_no_more_statements_than_one_of_one(program: Program) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert program.call("services")
        return len(captured)

    provider = make_provider()
    open_service(make_service(provider))
    before = statements()
    for _ in range(30):
        open_service(make_service(provider))

    assert statements() == before


# prices


@pytest.mark.parametrize(
    ("share", "addition", "own_share", "own_addition", "reported"),
    [
        ("0", "0", None, None, "0.9"),
        ("10", "0", None, None, "0.99"),
        ("10", "0.05", None, None, "1.04"),
        ("10", "0.05", "0", None, "0.95"),
        ("10", "0.05", "50", "0", "1.35"),
        ("33.3333", "0", None, None, "1.2"),
        ("0", "0.000001", None, None, "0.90001"),
    ],
)
def test_a_rate_carries_the_markup_of_the_service_or_of_its_provider(
    program: Program, share: str, addition: str, own_share: str | None, own_addition: str | None, reported: str
) -> None:
    service = make_service(rate=Decimal("0.9"))
    Markup.objects.create(provider=service.provider, share=Decimal(share), addition=Decimal(addition))
    open_service(
        service,
        share=None if own_share is None else Decimal(own_share),
        addition=None if own_addition is None else Decimal(own_addition),
    )

    assert program.call("services")[0]["rate"] == reported


def test_a_rate_is_told_in_the_hubs_currency_or_not_at_all(program: Program) -> None:
    offered = open_service(make_service(make_provider(currency="EUR"), rate=Decimal("1")))
    assert program.call("services") == []

    ExchangeRate.objects.create(currency="EUR", day="2026-01-01", rate=Decimal("1.1"))
    ExchangeRate.objects.create(currency="EUR", day="2026-01-02", rate=Decimal("1.25"))

    assert program.call("services")[0] | {"service": offered.pk, "rate": "1.25"} == program.call("services")[0]


def test_a_charge_keeps_the_terms_it_was_agreed_at(program: Program) -> None:
    provider = make_provider(currency="EUR")
    rate = ExchangeRate.objects.create(currency="EUR", day="2026-01-01", rate=Decimal("2"))
    markup = Markup.objects.create(provider=provider, share=Decimal(10), addition=Decimal("0.1"))
    offered = open_service(make_service(provider, rate=Decimal("1")))
    made = program.call("add", service=offered.pk, link="https://a.example/", quantity=500)
    ExchangeRate.objects.update(rate=Decimal(50))
    Markup.objects.update(share=Decimal(500))

    reported = program.call("status", order=made["order"])

    assert (reported["charge"], reported["currency"]) == ("1.15", "USD"), "(1 × 2 × 1.1 + 0.1) × 500 / 1000"
    assert rate.pk
    assert markup.pk


def test_a_part_that_was_paid_back_takes_its_part_of_the_addition_along(program: Program) -> None:
    service = make_service(rate=Decimal("1"))
    Markup.objects.create(provider=service.provider, share=Decimal(0), addition=Decimal("0.5"))
    made = program.call("add", service=open_service(service).pk, link="https://a.example/", quantity=1_000)
    Order.objects.filter(pk=made["order"]).update(status="partial", charge=Decimal("0.4"), external_id="9", remains=600)

    assert program.call("status", order=made["order"])["charge"] == "0.6"


def test_a_package_carries_the_addition_once(program: Program) -> None:
    service = make_service(type="package", rate=Decimal("5"), min_quantity=1, max_quantity=1)
    service.provider.package_billing = "each"
    service.provider.save()
    Markup.objects.create(provider=service.provider, share=Decimal(0), addition=Decimal("0.5"))
    offered = open_service(service)

    made = program.call("add", service=offered.pk, link="https://a.example/")

    assert program.call("services")[0]["rate"] == "5.5"
    assert program.call("status", order=made["order"])["charge"] == "5.5"


def test_charges_are_rounded_up_to_five_decimals(program: Program) -> None:
    made = program.call(
        "add", service=open_service(make_service(rate=Decimal("0.0123"))).pk, link="https://a.example/", quantity=11
    )

    assert program.call("status", order=made["order"])["charge"] == "0.00014", "0.0001353"


# add


def test_an_order_is_made_queued_and_answered_at_once(program: Program) -> None:
    offered = open_service()

    made = program.call("add", service=offered.pk, link="https://a.example/p/1", quantity="100")

    order = Order.objects.get()
    assert made == {"order": order.pk}
    assert (order.status, order.created_by, order.quantity) == ("queued", program.person, 100)
    assert order.service == offered.service
    assert "key" not in order.parameters
    assert order.sold_as.token == program.token
    assert program.call("status", order=order.pk) == {
        "charge": "0.09",
        "start_count": "0",
        "status": "Pending",
        "remains": "100",
        "currency": "USD",
    }


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("default", {"link": "https://a.example/", "quantity": "100"}),
        ("default", {"link": "https://a.example/", "quantity": "100", "runs": "3", "interval": "60"}),
        ("package", {"link": "https://a.example/"}),
        ("seo", {"link": "https://a.example/", "quantity": "100", "keywords": "a\nb"}),
        ("custom_comments", {"link": "https://a.example/", "comments": "\n".join(f"c{n}" for n in range(12))}),
        ("custom_comments_package", {"link": "https://a.example/", "comments": "one\ntwo"}),
        ("mentions", {"link": "https://a.example/", "quantity": "100", "usernames": "a\nb"}),
        (
            "mentions_with_hashtags",
            {"link": "https://a.example/", "quantity": "100", "usernames": "a\nb", "hashtags": "x\ny"},
        ),
        ("mentions_custom_list", {"link": "https://a.example/", "usernames": "\n".join(f"u{n}" for n in range(12))}),
        ("mentions_hashtag", {"link": "https://a.example/", "quantity": "100", "hashtag": "x"}),
        ("mentions_user_followers", {"link": "https://a.example/", "quantity": "100", "username": "who"}),
        (
            "mentions_media_likers",
            {"link": "https://a.example/", "quantity": "100", "media": "https://a.example/m"},
        ),
        ("comment_likes", {"link": "https://a.example/", "quantity": "100", "username": "who"}),
        (
            "comment_replies",
            {"link": "https://a.example/", "username": "who", "comments": "\n".join(f"c{n}" for n in range(12))},
        ),
        ("poll", {"link": "https://a.example/", "quantity": "100", "answer_number": "2"}),
        ("invites_from_groups", {"link": "https://a.example/", "quantity": "100", "groups": "a\nb"}),
        ("subscriptions", {"username": "who", "min": "10", "max": "20", "delay": "0", "posts": "3"}),
        (
            "web_traffic",
            {
                "link": "https://a.example/",
                "quantity": "100",
                "country": "VN",
                "device": "1",
                "type_of_traffic": "1",
                "google_keyword": "x",
            },
        ),
    ],
)
def test_every_order_type_can_be_ordered(program: Program, kind: str, fields: dict[str, str]) -> None:
    offered = open_service(make_service(make_provider("smmplus"), type=kind, dripfeed=True))

    made = program.call("add", service=offered.pk, **fields)

    order = Order.objects.get(pk=made["order"])
    given = {"link": order.link, "quantity": str(order.quantity), **order.parameters}
    assert {name: given[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Missing required parameter: link"),
        ({"link": "https://a.example/"}, "Missing required parameter: quantity"),
        ({"link": "https://a.example/", "quantity": "9"}, "Quantity less than minimal 10"),
        ({"link": "https://a.example/", "quantity": "10001"}, "Quantity more than maximum 10000"),
        ({"link": "https://a.example/", "quantity": "many"}, "Incorrect quantity"),
        ({"link": "https://a.example/", "quantity": "-5"}, "Incorrect quantity"),
        ({"link": "https://a.example/", "quantity": "9" * 30}, "Incorrect quantity"),
        ({"link": "\x1b", "quantity": "100"}, "Missing required parameter: link"),
        ({"link": "javascript:alert(1)", "quantity": "100"}, "Bad link"),
    ],
)
def test_a_fault_is_told_in_the_words_of_the_field(program: Program, fields: dict[str, str], error: str) -> None:
    offered = open_service()

    answer = program.call("add", service=offered.pk, **fields)

    if fields.get("link") in {"\x1b", "javascript:alert(1)"} and "order" not in answer:
        assert set(answer) == {"error"}
    else:
        assert answer == {"error": error}
    assert not Order.objects.exists()


@pytest.mark.parametrize("service", ["", "0", "-1", "99999", "abc", "1 OR 1=1", "9" * 40, "١"])
def test_a_service_that_is_none_is_refused(program: Program, service: str) -> None:
    answer = program.call("add", service=service, link="https://a.example/", quantity=100)

    assert answer == {"error": "Incorrect service ID"}


def test_an_order_past_the_limit_of_the_day_is_refused(program: Program) -> None:
    set_limits(program.person, daily_limit=Decimal("0.20"))
    offered = open_service()
    assert program.call("balance") == {"balance": "0.20000", "currency": "USD"}
    program.call("add", service=offered.pk, link="https://a.example/1", quantity=200)

    refused = program.call("add", service=offered.pk, link="https://a.example/2", quantity=200)

    assert refused == {"error": "Not enough funds on balance"}
    assert program.call("balance") == {"balance": "0.02000", "currency": "USD"}
    assert Order.objects.count() == 1


def test_a_large_order_waits_for_a_second_person_and_is_pending_meanwhile(program: Program) -> None:
    HubRules.objects.create(pk=1, second_person_above=Decimal("1"))
    made = program.call("add", service=open_service().pk, link="https://a.example/", quantity=5_000)

    assert Order.objects.get(pk=made["order"]).status == "held"
    assert program.call("status", order=made["order"])["status"] == "Pending"


def test_a_link_with_an_open_order_is_refused_where_the_token_says_so() -> None:
    strict, plain = make_program(refuse_duplicates=True), make_program()
    offered = open_service()
    fields = {"service": offered.pk, "link": "https://a.example/p", "quantity": 100}
    assert "order" in strict.call("add", idempotency_key="1", **fields)

    again = strict.call("add", **fields)

    assert "You have active order with this link" in again["error"]
    assert strict.call("add", idempotency_key="2", **fields) == again, "another key is another order"
    assert "order" in strict.call("add", idempotency_key="1", **fields), "the same key is the same order"
    assert "order" in plain.call("add", **fields)


# the idempotency key


def test_the_same_key_gives_the_same_order(program: Program) -> None:
    offered = open_service()
    fields: dict[str, Any] = {"service": offered.pk, "link": "https://a.example/", "quantity": 100}

    first = program.call("add", idempotency_key="cart-1", **fields)
    again = program.call("add", idempotency_key="cart-1", **fields)
    by_header = program.post("add", headers={"Idempotency-Key": "cart-1"}, **fields).json()
    other = program.call("add", idempotency_key="cart-2", **fields)

    assert first == again == by_header
    assert other != first
    assert Order.objects.count() == 2


def test_the_same_key_for_something_else_is_refused(program: Program) -> None:
    offered = open_service()
    program.call("add", idempotency_key="k", service=offered.pk, link="https://a.example/", quantity=100)

    answer = program.call("add", idempotency_key="k", service=offered.pk, link="https://a.example/", quantity=101)

    assert answer == {"error": "This idempotency key was used with other parameters"}
    assert Order.objects.count() == 1


def test_keys_of_two_tokens_and_of_two_kinds_of_order_do_not_meet(program: Program) -> None:
    other = make_program()
    offered, product = open_service(), open_product()
    fields = {"service": offered.pk, "link": "https://a.example/", "quantity": 100}

    orders = {mine.call("add", idempotency_key="k", **fields)["order"] for mine in (program, other)}
    sold = program.call("add_product_order", idempotency_key="k", product=product.pk, quantity=1)

    assert len(orders) == 2
    assert "order" in sold


def test_a_key_works_when_the_limit_is_used_up_and_the_service_closed(program: Program) -> None:
    set_limits(program.person, daily_limit=Decimal("0.09"))
    offered = open_service()
    fields = {"service": offered.pk, "link": "https://a.example/", "quantity": 100, "idempotency_key": "k"}
    first = program.call("add", **fields)
    Service.objects.update(is_available=False)

    assert program.call("add", **fields) == first


def test_a_key_that_is_too_long_is_refused_and_not_cut(program: Program) -> None:
    answer = program.call("add", service=open_service().pk, idempotency_key="k" * 81)

    assert answer == {"error": "The idempotency key is too long: at most 80 characters"}


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


def test_what_the_provider_said_is_told_and_the_rest_stays_empty(program: Program) -> None:
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


def test_an_order_in_a_currency_without_a_rate_is_told_in_its_own(program: Program) -> None:
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


def test_no_action_touches_what_is_somebody_elses(program: Program) -> None:
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
def test_refills_are_asked_for_one_or_many(program: Program, action: str) -> None:
    service = make_service(refill=True)
    one, two = (order_of(program, service, status="completed") for _ in range(2))
    running = order_of(program, service)

    single = program.call("refill", order=one.pk)
    many = program.call(action, orders=f"{one.pk},{two.pk},{running.pk},424242,x")

    made = {refill.order_id: refill.pk for refill in Refill.objects.all()}
    assert single == {"refill": str(made[one.pk])}
    assert many == [
        {"order": one.pk, "refill": {"error": "A refill is already on its way."}},
        {"order": two.pk, "refill": made[two.pk]},
        {"order": running.pk, "refill": {"error": many[2]["refill"]["error"]}},
        {"order": 424242, "refill": {"error": "Incorrect order ID"}},
        {"order": "x", "refill": {"error": "Incorrect order ID"}},
    ]
    assert "Only delivered orders" in many[2]["refill"]["error"]


@pytest.mark.parametrize("action", ["refill_status", "multi_refill_status"])
def test_refill_states_are_told_one_or_many(program: Program, action: str) -> None:
    order = order_of(program, status="completed")
    one = Refill.objects.create(order=order, created_by=program.person, status="completed", external_id="5")

    assert program.call("refill_status", refill=one.pk) == {"status": "Completed"}
    assert program.call(action, refills=f"{one.pk},777") == [
        {"refill": one.pk, "status": "Completed"},
        {"refill": 777, "status": {"error": "Refill not found"}},
    ]


# cancel


def test_cancel_takes_back_what_was_not_sent_and_asks_the_provider_for_the_rest(program: Program) -> None:
    service = make_service(cancel=True)
    queued = order_of(program, service, status="queued", external_id=None)
    held = order_of(program, service, status="held", external_id=None, held_for="second_person")
    running = order_of(program, service)
    over = order_of(program, service, status="completed")

    rows = program.call("cancel", orders=f"{queued.pk},{held.pk},{running.pk},{over.pk},31337")

    assert rows[:3] == [{"order": order.pk, "cancel": 1} for order in (queued, held, running)]
    assert "nothing is left to cancel" in rows[3]["cancel"]["error"]
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


# balance


def test_without_a_limit_the_balance_is_what_the_providers_hold(program: Program) -> None:
    make_provider(balance=Decimal("100.5"))
    make_provider(balance=Decimal("10"), currency="EUR")
    make_provider(balance=Decimal("1000"), currency="VND")
    make_provider(balance=Decimal("7"), is_active=False)
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.2"))

    assert program.call("balance") == {"balance": "112.50000", "currency": "USD"}


# products


def test_products_are_listed_ordered_followed_and_handed_over(program: Program) -> None:
    product = make_product(require="Your account", rate=Decimal("2.5"), inventory=3)
    Markup.objects.create(provider=product.provider, share=Decimal(10), addition=Decimal("0.5"))
    offered = open_product(product, name="Premium")

    (row,) = program.call("products")
    assert row == {
        "product": offered.pk,
        "name": "Premium",
        "require": "Your account",
        "rate": 3.25,
        "min": 1,
        "max": 10,
        "category": "Netflix",
        "status": "In stock",
        "type": "Auto",
        "inventory": 3,
    }
    assert program.call("add_product_order", product=offered.pk, quantity=2) == {
        "error": "Missing required parameter: require"
    }
    made = program.call("add_product_order", product=offered.pk, quantity=2, require="me@example.com")
    order = ProductOrder.objects.get(pk=made["order"])
    assert (order.require, order.created_by) == ("me@example.com", program.person)
    assert program.call("product_order_status", order=order.pk) == {"charge": 6.5, "status": "Pending"}

    order.status, order.external_id, order.charge = "completed", "8", Decimal("5")
    order.save()
    reported = program.call("product_order_status", orders=f"{order.pk},555")
    assert reported[str(order.pk)] == {"charge": 6.5, "status": "Completed"}
    assert reported["555"] == {"error": "Incorrect order ID"}


def test_delivered_goods_are_handed_over_and_the_look_is_kept(program: Program) -> None:
    order = ProductOrder.objects.create(
        provider=make_provider("smmvna"),
        product=make_product(),
        created_by=program.person,
        status="completed",
        goods='{"items": ["abc | 1", "def | 2"], "earlier": ["old"]}',
        goods_count=2,
        goods_at=timezone.now() - timedelta(minutes=1),
    )

    reported = program.call("result_product", order=order.pk)

    assert reported == {"result": ["abc | 1", "def | 2", "old"]}
    assert AuditEvent.objects.filter(action="goods.seen", actor=program.person, target_id=str(order.pk)).count() == 1
    assert program.call("product_order_status", order=order.pk)["result"] == str(order.uid)


def test_goods_need_the_permission_that_the_page_asks_for() -> None:
    program = make_program("staff")
    order = ProductOrder.objects.create(
        provider=make_provider("smmvna"), product=make_product(), created_by=program.person, status="completed"
    )

    assert program.call("result_product", order=order.pk) == {"error": "You do not have permission for this action"}
