"""One search finds the click: its id stands on what it made, on every try, on the call's record and in the log."""

from __future__ import annotations

import io
import logging
import uuid
from typing import Any

import pytest
import structlog
from django.urls import reverse

from orders.listing.queries import OrderSearch, search_orders
from orders.mass.placement import place_chunk
from orders.models import Attempt, Cancellation, MassOrder, Order, ProductOrder, Refill
from orders.submission import services as submission_services
from panelhub.http.request_id import HEADER, bind_clicks, current_id, restored_ids
from panelhub.settings.logging import JsonFormatter
from providers.models import CallRecord
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, list_service, make_completed, pick_service

pytestmark = pytest.mark.django_db(transaction=True)
CLICK = "click-0123456789abcdef"
NEW = reverse("orders:create")


@pytest.fixture
def lines() -> Any:
    """Return what the log says, one JSON object a line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield lambda: [line for line in stream.getvalue().splitlines() if "provider call" in line]
    logging.getLogger().removeHandler(handler)


def service_at(box: Sandbox, slug: str = "servsmm", **wanted: Any) -> Any:
    return list_service(join(box, slug), pick_service(box.panel(slug), **wanted))


def order_fields(service: Any) -> dict[str, Any]:
    return {"service": service.pk, "link": "https://a.example/p/1", "quantity": str(service.min_quantity)}


def test_a_click_is_found_on_the_order_its_try_its_record_and_every_line(
    as_staff: Any, box: Sandbox, lines: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    service = service_at(box)
    answer = as_staff.post(NEW, order_fields(service), headers={HEADER: CLICK})
    order = Order.objects.get()
    Order.objects.update(not_before=None)
    # Some other task sends it, as one that the schedule rang for would.
    with structlog.contextvars.bound_contextvars(request_id="a-task-of-the-schedule"):
        submission_services.send_due(service.provider)
        assert current_id() == "a-task-of-the-schedule"

    assert answer[HEADER] == CLICK
    assert order.request_id == CLICK
    assert Attempt.objects.get().request_id == CLICK
    assert CallRecord.objects.get(is_paid=True).request_id == CLICK
    assert [CLICK in line for line in lines()] == [True]


@pytest.mark.parametrize("typed", [CLICK, f" {CLICK} "])
def test_the_list_finds_the_orders_of_a_click(as_staff: Any, box: Sandbox, typed: str) -> None:
    service = service_at(box)
    as_staff.post(NEW, order_fields(service), headers={HEADER: CLICK})
    as_staff.post(NEW, order_fields(service) | {"link": "https://a.example/p/2"}, headers={HEADER: "another-click"})
    page = as_staff.get(reverse("orders:list"), {"q": typed}).content.decode()

    assert "https://a.example/p/1" in page
    assert "https://a.example/p/2" not in page


@pytest.mark.parametrize("model", [Refill, Cancellation])
def test_the_list_finds_the_order_that_a_click_asked_a_refill_or_a_cancel_for(
    as_staff: Any, box: Sandbox, model: Any
) -> None:
    first, second = make_completed(box, join(box, "smmprovider"), 2)
    model.objects.create(order=first, request_id=CLICK)
    model.objects.create(order=second, request_id="another-click")
    found = search_orders(Order.objects.all(), OrderSearch(q=CLICK), provider_ids=[])

    assert list(found) == [first]
    assert as_staff.get(reverse("orders:list"), {"q": CLICK}).content.decode().count("data-row") == 1


def test_a_click_finds_its_product_order(as_staff: Any, box: Sandbox) -> None:
    provider = join(box, "smmprovider")
    own = ProductOrder.objects.create(provider=provider, quantity=1, request_id=CLICK)
    other = ProductOrder.objects.create(provider=provider, quantity=1, request_id="another-click")
    for page in (reverse("orders:product_orders"), reverse("orders:find")):
        text = as_staff.get(page, {"q": CLICK}, headers={"HX-Request": "true"}).content.decode()

        assert reverse("orders:product_detail", args=[own.pk]) in text
        assert reverse("orders:product_detail", args=[other.pk]) not in text


def test_lines_of_an_upload_have_the_click_and_their_number(as_staff: Any, box: Sandbox) -> None:
    service = service_at(box)
    text = "\n".join(f"{service.external_id} | https://a.example/p/{n} | {service.min_quantity}" for n in (1, 2))
    posted = {"lines": text, "provider": service.provider_id, "form_token": str(uuid.uuid4())}
    as_staff.post(reverse("orders:mass"), posted)
    batch = MassOrder.objects.get()
    as_staff.post(reverse("orders:mass_place", args=[batch.pk]), headers={HEADER: CLICK})
    with structlog.contextvars.bound_contextvars(request_id="a-task-of-the-schedule"):
        place_chunk(batch.pk)

    made = {order.link[-1]: order.request_id for order in Order.objects.all()}
    assert made == {"1": f"{CLICK}.1", "2": f"{CLICK}.2"}
    page = as_staff.get(reverse("orders:list"), {"q": CLICK}).content.decode()
    assert "https://a.example/p/1" in page
    assert "https://a.example/p/2" in page


def test_refills_requested_in_one_batch_keep_each_its_click(box: Sandbox, lines: Any) -> None:
    provider = join(box, "smmprovider")
    orders = make_completed(box, provider, 3)
    for number, order in enumerate(orders):
        Refill.objects.create(order=order, request_id=f"click-number-{number % 2}")
    submission_services.send_due(provider)

    kept = set(Attempt.objects.values_list("refill__request_id", "request_id"))
    assert kept == {("click-number-0", "click-number-0"), ("click-number-1", "click-number-1")}
    if Attempt.objects.values("call").distinct().count() == 1:
        assert any("click-number-0 click-number-1" in line for line in lines())


@pytest.mark.parametrize("model", [Order, Refill, ProductOrder])
def test_what_is_made_outside_of_any_request_has_no_id(model: Any) -> None:
    assert model().request_id == ""


def test_clicks_are_forgotten_after_the_block() -> None:
    with restored_ids():
        bind_clicks(["one-click-0", "two-click-0"])
        assert structlog.contextvars.get_contextvars()["clicks"] == "one-click-0 two-click-0"
    assert "clicks" not in structlog.contextvars.get_contextvars()
