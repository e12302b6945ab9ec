"""What programs of resellers send and read: whole forms with zeros, arrays, integers, and no word about suppliers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from orders.models import HubRules, Order, Refill
from providers.models import Provider
from tests.helpers.makers import make_product, make_provider, make_service, set_limits
from tests.orders.api.conftest import URL, Program, open_product, open_service

pytestmark = pytest.mark.django_db
LINK = "https://a.example/"


def order_of(program: Program, **fields: Any) -> Order:
    service = fields.pop("service", None) or make_service(refill=True, cancel=True)
    plain = {"provider": service.provider, "service": service, "created_by": program.person, "quantity": 700}
    return Order.objects.create(**(plain | fields))


@pytest.mark.parametrize(
    ("fields", "start_count", "remains"),
    [
        ({"status": "queued"}, "0", "700"),
        ({"status": "pending", "external_id": "1"}, "0", "700"),
        ({"status": "in_progress", "external_id": "1", "start_count": 12}, "12", "700"),
        ({"status": "partial", "external_id": "1", "start_count": 0, "remains": 5}, "0", "5"),
        ({"status": "completed", "external_id": "1"}, "0", "0"),
        ({"status": "pending", "external_id": "1", "quantity": None, "billed_quantity": 9}, "0", "9"),
        ({"status": "pending", "external_id": "1", "quantity": None}, "0", "0"),
    ],
)
def test_figures_are_digits_before_the_provider_says_them(
    program: Program, fields: dict[str, Any], start_count: str, remains: str
) -> None:
    reported = program.call("status", order=order_of(program, **fields).pk)
    assert (reported["start_count"], reported["remains"]) == (start_count, remains)


@pytest.mark.parametrize("zeros", [{"runs": 0, "interval": 0}, {"runs": "00", "interval": " 0 "}, {"runs": "0"}])
def test_zero_runs_mean_no_drip_feed(program: Program, zeros: dict[str, Any]) -> None:
    made = program.call("add", service=open_service().pk, link=LINK, quantity=100, **zeros)
    assert Order.objects.get(pk=made["order"]).parameters == {}


def test_other_runs_are_still_a_drip_feed(program: Program) -> None:
    service = make_service(make_provider("smmplus"), dripfeed=True)
    made = program.call("add", service=open_service(service).pk, link=LINK, quantity=100, runs=2, interval=5)
    assert Order.objects.get(pk=made["order"]).parameters == {"runs": "2", "interval": "5"}


def test_zero_posts_are_without_end_and_wait_for_a_second_person(program: Program) -> None:
    HubRules.objects.create(pk=1, second_person_above=Decimal(1_000_000))
    service = open_service(make_service(type="subscriptions"))
    fields = {"service": service.pk, "username": "ann", "min": 10, "max": 20, "delay": 0}
    endless = Order.objects.get(pk=program.call("add", posts=0, **fields)["order"])
    assert (endless.status, endless.held_for, endless.parameters.get("posts")) == ("held", "second_person", None)
    counted = Order.objects.get(pk=program.call("add", posts=3, **fields)["order"])
    assert (counted.status, counted.parameters["posts"]) == ("queued", "3")


def test_a_refused_cancel_of_one_order_is_the_answer(program: Program) -> None:
    over, queued = order_of(program, status="completed", external_id="1"), order_of(program, status="queued")
    for order in (over.pk, 31337, "x"):
        assert set(program.call("cancel", order=order)) == {"error"}
    assert program.call("cancel", order=queued.pk) == [{"order": queued.pk, "cancel": 1}]
    many = program.call("cancel", orders=f"{over.pk},{over.pk}")
    assert "error" in many[0]["cancel"]


REFUSALS = ["off", "gone", "no cancel", "no refill", "no drip-feed"]


@pytest.mark.parametrize("why", REFUSALS)
def test_no_refusal_names_a_supplier(program: Program, why: str) -> None:
    provider = make_provider("servsmm", name="kestrel-panel", api_url="https://kestrel.example/api/v2")
    service = make_service(provider, refill=True, cancel=True)
    order = order_of(program, service=service, status="in_progress", external_id="1")
    offered = open_service(service)
    if why in {"off", "gone"}:
        Provider.objects.update(is_active=False)
    done = order_of(program, service=service, status="completed", external_id="2")
    match why:
        case "off" | "no cancel":
            answer = program.call("cancel", order=order.pk)
            answer = [answer, program.call("cancel", orders=f"{order.pk},{done.pk}")]
        case "gone" | "no refill":
            answer = [program.call("refill", order=done.pk), program.call("refill", orders=f"{done.pk},{order.pk}")]
        case _:
            answer = program.call("add", service=offered.pk, link=LINK, quantity=100, runs=3, interval=4)
    text = str(answer).casefold()
    assert "error" in text or "refill" in text
    for name in ("kestrel", "servsmm"):
        assert name not in text


@pytest.mark.parametrize("names", [("orders[]",), ("orders[0]", "orders[1]"), ("orders",)])
def test_arrays_of_ids_are_read(program: Program, names: tuple[str, ...]) -> None:
    first, second = (order_of(program, status="pending", external_id=str(number)) for number in (1, 2))
    values = [first.pk, second.pk]
    data: dict[str, Any] = {"key": program.key, "action": "status"}
    data |= {names[0]: values} if len(names) == 1 else dict(zip(names, values, strict=True))
    answer = Client().post(URL, data).json()
    assert set(answer) == {str(first.pk), str(second.pk)}


def test_arrays_of_lines_and_of_refills_are_read_and_so_is_json(program: Program) -> None:
    service = open_service(make_service(type="custom_comments", min_quantity=1))
    data = {"key": program.key, "action": "add", "service": service.pk, "link": LINK, "comments[]": ["one", "two"]}
    made = Client().post(URL, data).json()
    assert Order.objects.get(pk=made["order"]).parameters == {"comments": "one\ntwo"}
    refill = Refill.objects.create(order=order_of(program, status="completed", external_id="7"))
    for name in ("refills[]", "refills"):
        body = {"key": program.key, "action": "refill_status", name: [refill.pk, 31337]}
        answer = Client().post(URL, body, content_type="application/json").json()
        assert [row["refill"] for row in answer] == [refill.pk, 31337]


def test_get_and_parameters_in_the_address_get_the_truth(program: Program) -> None:
    address = f"{URL}?key={program.key}&action=balance"
    for answer in (Client().get(address), Client().get(URL)):
        assert answer.status_code == 405
        assert "POST" in answer.json()["error"]
    reported = Client().post(address)
    assert "not in its address" in reported.json()["error"]
    assert Client().post(f"{URL}?utm=1", {"key": program.key, "action": "balance"}).json()["currency"] == "USD"


# --- Costs ------------------------------------------------------------------------------------------------------------


def test_no_answer_has_a_price_for_people_who_see_no_costs(program: Program) -> None:
    service, product = open_service(), open_product(make_product())
    sold = program.call("add", service=service.pk, link=LINK, quantity=1000)["order"]
    bought = program.call("add_product_order", product=product.pk, quantity=1)["order"]
    Order.objects.update(charge=Decimal("0.27819"))
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("services", {}), ("products", {}), ("status", {"order": sold}), ("status", {"orders": f"{sold},9"}),
        ("product_order_status", {"order": bought}), ("product_order_status", {"orders": f"{bought},9"}),
    )  # fmt: skip
    seeing = [str(program.call(action, **fields)) for action, fields in calls]
    assert all("rate" in text or "charge" in text for text in seeing)

    program.person.user_permissions.remove(Permission.objects.get(codename="view_cost"))
    for action, fields in calls:
        text = str(program.call(action, **fields))
        assert not any(word in text for word in ("rate", "charge", "0.27", "0.9", "2.5"))
    # Two answers of these would say what an order in between cost.
    for limit in (None, Decimal(5)):
        set_limits(program.person, daily_limit=limit)
        assert "permission" in program.call("balance")["error"]
    assert "error" not in program.call("add", service=service.pk, link=LINK, quantity=100)


# --- Idempotency ------------------------------------------------------------------------------------------------------


def test_the_key_of_another_token_or_person_is_another_key(program: Program) -> None:
    from tests.orders.api.conftest import make_program

    service = open_service()
    fields = {"service": service.pk, "link": LINK, "quantity": 100, "idempotency_key": "same"}
    first = program.call("add", **fields)
    assert program.call("add", **fields) == first
    other = make_program().call("add", **fields)
    assert other != first
    assert Order.objects.count() == 2


@pytest.mark.parametrize("changed", [{"quantity": 200}, {"link": "https://b.example/"}, {"service": "other"}])
def test_the_same_key_with_other_content_is_an_error_and_no_number(program: Program, changed: dict[str, Any]) -> None:
    service, other = open_service(), open_service()
    fields = {"service": service.pk, "link": LINK, "quantity": 100, "idempotency_key": "same"}
    first = program.call("add", **fields)
    if "service" in changed:
        changed = {"service": other.pk}
    answer = program.call("add", **(fields | changed))
    assert "idempotency key" in answer["error"]
    assert str(first["order"]) not in answer["error"]
    assert Order.objects.count() == 1
