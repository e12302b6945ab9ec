"""Ids that are taken over: the same number at another panel is another order, and each adoption leaves its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Attempt, Order, ProductOrder, Refill, Settlement
from orders.settlement.adoption import adopt, adopt_elsewhere
from orders.settlement.id_confirmation import take_over
from orders.settlement.services import CannotSettle, adopt_late_id, dismiss_second_purchase
from orders.submission.call_types import ORDERS, PRODUCT_ORDERS
from panelhub.models import AuditEvent
from providers.client.types import StatusRow
from providers.models import Provider
from tests.helpers.makers import (
    make_completed_order,
    make_lost,
    make_order,
    make_person,
    make_product,
    make_product_order,
    make_provider,
    make_search,
)

pytestmark = pytest.mark.django_db

PENDING = StatusRow(status="pending", word="Pending")


@pytest.fixture
def mine() -> Provider:
    return make_provider("smmvna")


@pytest.fixture
def other() -> Provider:
    return make_provider("smmvna")


# --- The same id at two panels ----------------------------------------------------------------------------------------


def test_an_order_with_the_id_at_another_panel_is_no_hindrance(mine: Provider, other: Provider) -> None:
    lost = make_lost(mine)
    make_order(provider=other, external_id="500")
    # The other panel made 500 for a drip-feed there.
    make_order(provider=other, external_id="400", children=["500"])

    assert adopt(lost, external_id="500", by=make_person(), reason="seen").state == "waiting"


@pytest.mark.parametrize("how", ["its id", "its child"])
def test_an_order_with_the_id_at_the_same_panel_is(mine: Provider, how: str) -> None:
    lost = make_lost(mine)
    fields: dict[str, Any] = {"external_id": "500"} if how == "its id" else {"external_id": "4", "children": ["500"]}
    holder = make_order(provider=mine, **fields)

    with pytest.raises(CannotSettle, match=f"order #{holder.pk}"):
        adopt(lost, external_id="500", by=make_person(), reason="seen")


@pytest.mark.parametrize("same", [True, False])
def test_a_product_order_and_a_refill_are_kept_apart_by_panel_as_well(
    mine: Provider, other: Provider, same: bool
) -> None:
    there = mine if same else other
    bought = make_product_order(make_product(mine), status="unconfirmed", external_id=None)
    make_product_order(make_product(there), external_id="500")
    refill = Refill.objects.create(order=make_completed_order(mine), status="unconfirmed")
    Refill.objects.create(order=make_completed_order(there), status="completed", external_id="500")

    for row in (bought, refill):
        if same:
            with pytest.raises(CannotSettle, match=r"500 at .* already"):
                adopt(row, external_id="500", by=make_person(), reason="seen")
        else:
            assert adopt(row, external_id="500", by=make_person(), reason="seen").state == "waiting"


def test_what_another_panel_lost_is_no_hindrance_to_an_order_placed_elsewhere(mine: Provider, other: Provider) -> None:
    lost = make_lost(other)
    make_search(lost, "500")
    make_product_order(make_product(other), status="unconfirmed", external_id=None)
    person = make_person()

    assert adopt_elsewhere(mine, external_id="500", by=person).state == "waiting"
    assert adopt_elsewhere(mine, external_id="500", by=person, kind=PRODUCT_ORDERS, quantity=1).state == "waiting"
    with pytest.raises(CannotSettle, match=f"may be order #{lost.pk}"):
        adopt_elsewhere(other, external_id="500", by=person)
    with pytest.raises(CannotSettle, match="is unconfirmed"):
        adopt_elsewhere(other, external_id="500", by=person, kind=PRODUCT_ORDERS, quantity=1)


def test_a_product_of_another_panel_is_not_what_was_bought(mine: Provider, other: Provider) -> None:
    foreign = make_product(other)
    made = adopt_elsewhere(mine, external_id="500", by=make_person(), kind=PRODUCT_ORDERS, quantity=2, product=foreign)

    take_over(Settlement.objects.get(pk=made.pk), PRODUCT_ORDERS, PENDING)

    bought = ProductOrder.objects.get(external_id="500")
    assert (bought.provider, bought.product, bought.quantity) == (mine, None, 2)


# --- What a search has seen -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [{"failure": "HTTP 502"}, {"finished_at": None}],
    ids=["failed", "not finished"],
)
def test_a_search_that_failed_or_goes_on_is_no_search(mine: Provider, fields: dict[str, Any]) -> None:
    lost = make_lost(mine)
    make_search(lost, **fields)

    with pytest.raises(CannotSettle, match=f"Order #{lost.pk} is unconfirmed, hasn’t been searched for yet"):
        adopt_elsewhere(mine, external_id="700", by=make_person())
    make_search(lost)
    assert adopt_elsewhere(mine, external_id="700", by=make_person()).state == "waiting"


@pytest.mark.parametrize("where", ["at the same panel", "at another panel"])
def test_an_id_that_the_search_of_another_order_saw_is_requested_again(
    mine: Provider, other: Provider, where: str
) -> None:
    lost = make_lost(mine)
    make_search(make_lost(mine if where == "at the same panel" else other), "500")

    made = adopt(lost, external_id="500", by=make_person(), reason="it is on their page")

    lost.refresh_from_db()
    assert (made.state, lost.status, lost.external_id) == ("waiting", "unconfirmed", None)
    with pytest.raises(CannotSettle, match="Enter a reason"):
        adopt(make_lost(mine), external_id="501", by=make_person())


@pytest.mark.parametrize(("age", "state"), [(59, "done"), (61, "waiting")])
def test_what_a_search_saw_is_believed_for_an_hour(mine: Provider, age: int, state: str) -> None:
    lost = make_lost(mine)
    make_search(lost, "500", "501", finished_at=timezone.now() - timedelta(minutes=age))

    assert adopt(lost, external_id="501", by=make_person(), reason="seen").state == state


# --- What an adoption leaves ------------------------------------------------------------------------------------------


def test_an_adoption_leaves_a_line_a_reason_and_who_it_was(mine: Provider) -> None:
    lost, person = make_lost(mine), make_person()
    make_search(lost, "500")

    adopt(lost, external_id="500", by=person)

    lost.refresh_from_db()
    line = lost.events.get(kind="settled")
    assert (lost.status, lost.external_id, lost.error) == ("pending", "500", "")
    assert (line.before, line.after, line.words, line.actor) == (
        "unconfirmed",
        "pending",
        "Found by the search.",
        person,
    )
    assert AuditEvent.objects.get(action="order.settled").data["external_id"] == "500"


@pytest.mark.parametrize(("reason", "kept"), [("", "Named in a late reply."), ("on their page", "on their page")])
def test_a_late_id_that_is_taken_leaves_a_line_and_a_reason(mine: Provider, reason: str, kept: str) -> None:
    order, person = make_lost(mine), make_person()
    Attempt.objects.update(late_id="500")
    Order.objects.update(status="held", held_for="late_answer")

    made = adopt_late_id(Attempt.objects.get(), by=person, reason=reason)

    order.refresh_from_db()
    line = order.events.get(kind="settled")
    assert (order.status, order.external_id, made.reason) == ("pending", "500", kept)
    assert (line.before, line.after, line.words, line.actor) == ("held", "pending", kept, person)
    assert AuditEvent.objects.filter(action="order.settled").count() == 1


def test_a_second_purchase_that_was_seen_to_leaves_a_line_and_a_reason(mine: Provider) -> None:
    order, person = make_lost(mine), make_person()
    Attempt.objects.update(late_id="500")

    dismiss_second_purchase(Attempt.objects.get(), by=person, reason="refunded")

    line = order.events.get(kind="settled")
    assert (line.words, line.actor, line.data["late_id"]) == ("refunded", person, "500")
    assert AuditEvent.objects.get(action="order.second_purchase_seen").data["late_id"] == "500"


def test_an_order_placed_elsewhere_leaves_a_line_and_a_reason(mine: Provider) -> None:
    person = make_person()
    made = adopt_elsewhere(mine, external_id="500", by=person, note="bought by hand")

    take_over(Settlement.objects.select_related("provider").get(pk=made.pk), ORDERS, PENDING)

    order = Order.objects.get(external_id="500")
    line = order.events.get(kind="created")
    assert (line.words, line.actor, line.after) == ("bought by hand", person, "pending")
    assert AuditEvent.objects.filter(action="order.adopted").count() == 1
