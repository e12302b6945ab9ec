from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import (
    Attempt,
    Cancellation,
    ChargeDelta,
    Order,
    OrderEvent,
    ProductOrder,
    Refill,
    Settlement,
)
from orders.placement.services import approve_order
from orders.settlement import services as settlement_services
from orders.settlement.adoption import adopt, adopt_elsewhere, stop_adoption
from orders.settlement.id_confirmation import confirm, due_adoptions
from orders.settlement.services import CannotSettle
from orders.submission import records, results
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS, PRODUCT_ORDERS, REFILLS, Accepted
from panelhub.models import AuditEvent
from providers.models import Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import calls_of, join, make_completed, send_order
from tests.helpers.makers import LONG_AGO, make_lost, make_person, make_product, make_provider


def lose(box: Sandbox, provider: Provider, service: Service) -> tuple[Order, str]:
    """An order that the panel accepted and whose reply was lost, and the id it has there."""
    box.panel(provider.dialect).misbehave(Fault.reset_after_accept, action="add", times=1)
    order = send_order(provider, service)
    return order, str(max(one.id for one in box.ledger.orders(provider.dialect)))


# --- Ways out without an id


@pytest.mark.django_db
def test_an_order_is_sent_again_as_a_new_try_once_its_call_can_no_longer_be_answered() -> None:
    order = make_lost()
    person = make_person()

    made = settlement_services.send_again(order, by=person, reason="not on the panel's own list")

    order.refresh_from_db()
    assert (order.status, order.claim, order.error) == ("queued", None, "")
    assert (made.way, made.by, made.reason) == ("send_again", person, "not on the panel's own list")
    event = OrderEvent.objects.get(order=order, kind="settled")
    assert (event.before, event.after, event.actor) == ("unconfirmed", "queued", person)
    assert AuditEvent.objects.get(action="order.settled").data["way"] == "send_again"


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [0, 30, submission_services.SWEEP_AFTER - 1])
def test_sending_again_is_closed_until_deadline_plus_margin(seconds: float) -> None:
    order = make_lost(sent=timedelta(seconds=seconds))

    with pytest.raises(CannotSettle, match="may still be answered"):
        settlement_services.send_again(order, by=make_person(), reason="in a hurry")

    order.refresh_from_db()
    assert order.status == "unconfirmed"


@pytest.mark.django_db
def test_an_order_that_was_not_placed_is_rejected_and_one_given_up_stays_unknown() -> None:
    person = make_person()
    first, second = make_lost(), make_lost()

    settlement_services.mark_not_placed(first, by=person, reason="support says no")
    settlement_services.close_as_unknown(second, by=person, reason="too old")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.error) == ("rejected", "support says no")
    assert (second.status, second.error) == ("given_up", "too old")
    assert first.finished_at is not None
    assert Settlement.objects.filter(state="done").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "way", [settlement_services.send_again, settlement_services.mark_not_placed, settlement_services.close_as_unknown]
)
def test_a_decision_needs_a_reason(way: Callable[..., Any]) -> None:
    order = make_lost()

    with pytest.raises(CannotSettle, match="reason"):
        way(order, by=make_person(), reason="  \n ")


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["queued", "pending", "given_up", "rejected"])
def test_what_is_not_unconfirmed_is_not_settled(status: str) -> None:
    order = make_lost(status=status)

    with pytest.raises(CannotSettle, match="settled already"):
        settlement_services.close_as_unknown(order, by=make_person(), reason="why not")


@pytest.mark.django_db
def test_the_second_person_is_told_who_was_quicker() -> None:
    order = make_lost()
    quick = make_person()
    settlement_services.close_as_unknown(order, by=quick, reason="mine")

    with pytest.raises(CannotSettle, match=f"{quick.username} has settled it already: Given up"):
        settlement_services.send_again(order, by=make_person(), reason="too late")


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_settle_it_once() -> None:
    people = [make_person(), make_person()]
    ways = [settlement_services.send_again, settlement_services.close_as_unknown]
    for _round in range(5):
        order = make_lost()
        barrier = threading.Barrier(2)
        refusals: list[str] = []

        def decide(number: int, order: Order = order, barrier: Any = barrier, refusals: list[str] = refusals) -> None:
            try:
                barrier.wait(timeout=10)
                ways[number](order, by=people[number], reason="mine")
            except CannotSettle as refusal:
                refusals.append(str(refusal))
            finally:
                connection.close()

        threads = [threading.Thread(target=decide, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(refusals) == 1
        assert "settled it already" in refusals[0]
        (made,) = Settlement.objects.filter(order=order)
        order.refresh_from_db()
        assert order.status == {"send_again": "queued", "give_up": "given_up"}[made.way]
        assert OrderEvent.objects.filter(order=order, kind="settled").count() == 1


# --- Adopting an id


@pytest.mark.django_db(transaction=True)
def test_an_id_typed_by_a_person_is_confirmed_by_the_provider_after_the_click(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose(box, provider, service)
    asked = len(box.panel("smmplus").requests)

    made = adopt(lost, external_id=f" #{real_id} ", by=make_person(), reason="seen on their page")

    lost.refresh_from_db()
    assert (made.state, lost.status) == ("waiting", "unconfirmed")
    assert len(box.panel("smmplus").requests) == asked
    assert due_adoptions() == [made.pk]

    confirm(made.pk)

    lost.refresh_from_db()
    made.refresh_from_db()
    assert (made.state, lost.status, lost.external_id) == ("done", "pending", real_id)
    assert lost.provider_status == "Pending"
    assert lost.charge == ChargeDelta.objects.get(order=lost).amount
    assert lost.placed_at == Attempt.objects.get(order=lost).started_at
    assert due_adoptions() == []
    assert confirm(made.pk) is None


@pytest.mark.django_db(transaction=True)
def test_an_id_the_provider_does_not_know_is_not_adopted(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    lost, _real_id = lose(box, provider, service)
    (foreign,) = box.panel("smmplus").inject_foreign(1)

    made = adopt(lost, external_id=str(foreign), by=make_person(), reason="a guess")
    confirm(made.pk)

    lost.refresh_from_db()
    made.refresh_from_db()
    assert (lost.status, lost.external_id) == ("unconfirmed", None)
    assert made.state == "failed"
    assert "Incorrect order ID" in made.answer
    # The way is open again.
    settlement_services.mark_not_placed(lost, by=make_person(), reason="support says so")


@pytest.mark.django_db(transaction=True)
def test_an_id_of_another_order_is_refused_and_the_order_is_named(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    other = send_order(provider, service)
    lost, _real_id = lose(box, provider, service)

    with pytest.raises(CannotSettle, match=rf"is order #{other.pk} already \(Pending\)"):
        adopt(lost, external_id=str(other.external_id), by=make_person(), reason="mistaken")
    with pytest.raises(CannotSettle, match=rf"is order #{other.pk} already"):
        adopt_elsewhere(provider, external_id=str(other.external_id), by=make_person())

    assert not Settlement.objects.exists()


@pytest.mark.django_db
def test_a_child_of_a_drip_feed_is_refused_and_its_parent_is_named() -> None:
    provider = make_provider("smmplus")
    parent = Order.objects.create(provider=provider, external_id="70", status="in_progress", children=["71", "73"])
    lost = make_lost(provider)

    with pytest.raises(CannotSettle, match=f"a part of order #{parent.pk}"):
        adopt(lost, external_id="73", by=make_person(), reason="mistaken")


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "   ", "12 13", "-5", "0", "12;13", "null", "x" * 101])
def test_what_is_no_id_is_refused(typed: str) -> None:
    with pytest.raises(CannotSettle, match="no id"):
        adopt(make_lost(), external_id=typed, by=make_person(), reason="typed")


@pytest.mark.django_db
def test_while_an_id_is_being_confirmed_nothing_else_is_decided() -> None:
    order = make_lost()
    first = make_person()
    made = adopt(order, external_id="500", by=first, reason="seen")

    for way in (
        settlement_services.send_again,
        settlement_services.close_as_unknown,
        settlement_services.mark_not_placed,
    ):
        with pytest.raises(CannotSettle, match=f"{first.username} is adopting it as 500"):
            way(order, by=make_person(), reason="me too")
    with pytest.raises(CannotSettle, match="is adopting it as 500"):
        adopt(order, external_id="501", by=make_person(), reason="no, this")
    with pytest.raises(CannotSettle, match="Somebody is adopting 500"):
        adopt(make_lost(order.provider), external_id="500", by=make_person(), reason="mine")

    assert stop_adoption(made, by=first)
    assert not stop_adoption(made, by=first)
    settlement_services.close_as_unknown(order, by=first, reason="after all")


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_cannot_be_asked_leaves_the_adoption_waiting_and_at_last_fails_it(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose(box, provider, service)
    box.panel("smmplus").misbehave(Fault.html_502_before_accept, action="status")
    made = adopt(lost, external_id=real_id, by=make_person(), reason="seen")

    confirm(made.pk)
    made.refresh_from_db()
    assert (made.state, made.asked) == ("waiting", 1)
    assert due_adoptions() == []

    for _try in range(10):
        Settlement.objects.update(not_before=None)
        confirm(made.pk)
    made.refresh_from_db()
    assert made.state == "failed"
    assert "could not be asked" in made.answer
    assert lost.status == "unconfirmed"


@pytest.mark.django_db(transaction=True)
def test_an_adoption_gives_way_to_the_late_reply_that_placed_the_order(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose(box, provider, service)
    made = adopt(lost, external_id=real_id, by=make_person(), reason="seen")
    Order.objects.filter(pk=lost.pk).update(status="pending", external_id=real_id)

    confirm(made.pk)

    made.refresh_from_db()
    assert made.state == "failed"
    assert f"is order #{lost.pk} already" in made.answer


# --- Adopting an order that was placed elsewhere


@pytest.mark.django_db(transaction=True)
def test_an_order_placed_elsewhere_comes_in_with_its_state(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    panel = box.panel("smmplus")
    panel.receive(
        {
            "key": panel.key,
            "action": "add",
            "service": service.external_id,
            "link": "https://example.com/elsewhere",
            "quantity": str(service.min_quantity),
        }
    )
    ((external_id, order),) = panel.orders.items()
    panel.advance(7 * 24 * 3600)
    person = make_person()

    made = adopt_elsewhere(
        provider, external_id=str(external_id), by=person, note="bought on the panel's page", client_label=" Acme "
    )
    assert not Order.objects.exists()
    confirm(made.pk)

    adopted = Order.objects.get()
    assert adopted.adopted
    assert (adopted.status, adopted.provider_status, adopted.charge) == ("completed", "Completed", order.charge)
    assert (adopted.service, adopted.link, adopted.quantity) == (None, "", None)
    assert (adopted.note, adopted.client_label, adopted.created_by) == ("bought on the panel's page", "Acme", person)
    assert Settlement.objects.get().order == adopted
    assert AuditEvent.objects.filter(action="order.adopted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_id_that_a_lost_order_of_ours_may_have_is_not_adopted_as_a_strangers(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    from orders.settlement.search_jobs import ask_for_search, run_searches

    provider, service = account
    send_order(provider, service)
    lost, real_id = lose(box, provider, service)
    ask_for_search(lost)
    run_searches(provider)

    with pytest.raises(CannotSettle, match=f"may be order #{lost.pk}"):
        adopt_elsewhere(provider, external_id=real_id, by=make_person())


@pytest.mark.django_db(transaction=True)
def test_while_a_lost_order_of_ours_was_not_searched_for_no_id_is_adopted_as_a_strangers(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    send_order(provider, service)
    lost, real_id = lose(box, provider, service)

    with pytest.raises(CannotSettle, match=f"order #{lost.pk} was lost, and it has not been searched for yet"):
        adopt_elsewhere(provider, external_id=real_id, by=make_person())


@pytest.mark.django_db
def test_a_provider_that_is_switched_off_adopts_nothing() -> None:
    with pytest.raises(CannotSettle, match="switched off"):
        adopt_elsewhere(make_provider("smmplus", is_active=False), external_id="1", by=make_person())


@pytest.mark.django_db(transaction=True)
def test_a_product_order_placed_elsewhere_comes_in_with_its_state(box: Sandbox) -> None:
    provider, panel, person = join(box, "smmvna"), box.panel("smmvna"), make_person()
    offered = next(one for one in panel.shop.products.values() if one.is_available and not one.require)
    product = make_product(provider, external_id=str(offered.id), rate=offered.rate)
    call = {"key": panel.key, "action": "add_product_order", "product": product.external_id}
    panel.receive({**call, "quantity": str(offered.minimum)})
    (placed,) = box.ledger.product_orders("smmvna")
    external_id = str(placed.id)
    panel.advance(7 * 24 * 3600)

    made = adopt_elsewhere(
        provider,
        external_id=external_id,
        by=person,
        kind=PRODUCT_ORDERS,
        product=product,
        quantity=offered.minimum,
        note="by hand",
        client_label="Acme",
    )
    assert not ProductOrder.objects.exists()
    confirm(made.pk)

    adopted = ProductOrder.objects.get()
    assert (adopted.external_id, adopted.product, adopted.quantity) == (external_id, product, offered.minimum)
    assert adopted.status == "completed"
    assert adopted.charge is not None
    assert (adopted.note, adopted.client_label, adopted.created_by) == ("by hand", "Acme", person)
    assert Settlement.objects.get().product_order == adopted
    assert AuditEvent.objects.filter(action="product_order.adopted").count() == 1
    assert len(box.ledger.product_orders("smmvna")) == 1
    with pytest.raises(CannotSettle, match=f"is product order #{adopted.pk} already"):
        adopt_elsewhere(provider, external_id=external_id, by=person, kind=PRODUCT_ORDERS, quantity=1)


@pytest.mark.django_db(transaction=True)
def test_a_product_order_that_the_provider_does_not_know_is_not_adopted(box: Sandbox) -> None:
    provider = join(box, "smmvna")
    made = adopt_elsewhere(provider, external_id="987654", by=make_person(), kind=PRODUCT_ORDERS, quantity=1)

    confirm(made.pk)

    made.refresh_from_db()
    assert made.state == "failed"
    assert not ProductOrder.objects.exists()


@pytest.mark.django_db
def test_how_many_pieces_were_bought_is_said_not_guessed() -> None:
    with pytest.raises(CannotSettle, match="how many pieces"):
        adopt_elsewhere(make_provider("smmvna"), external_id="1", by=make_person(), kind=PRODUCT_ORDERS)


@pytest.mark.django_db
def test_while_a_product_order_of_ours_is_lost_none_is_adopted_as_a_strangers() -> None:
    provider = make_provider("smmvna")
    lost = ProductOrder.objects.create(provider=provider, status="unconfirmed")

    with pytest.raises(CannotSettle, match=f"product order #{lost.pk} was lost"):
        adopt_elsewhere(provider, external_id="1", by=make_person(), kind=PRODUCT_ORDERS, quantity=1)


@pytest.mark.django_db
def test_a_provider_without_products_has_none_to_adopt() -> None:
    with pytest.raises(CannotSettle):
        adopt_elsewhere(make_provider("smmplus"), external_id="1", by=make_person(), kind=PRODUCT_ORDERS, quantity=1)


# --- Refills, cancels and products


@pytest.mark.django_db(transaction=True)
def test_an_unconfirmed_refill_is_adopted_by_its_id_sent_again_or_taken_for_accepted(box: Sandbox) -> None:
    provider = join(box, "smpanelim")
    orders = make_completed(box, provider, 3)
    refills = [Refill.objects.create(order=order) for order in orders]
    box.panel("smpanelim").misbehave(Fault.reset_after_accept, action="refill", times=3)
    submission_services.send_due(provider, kinds=[REFILLS])
    for refill in refills:
        refill.refresh_from_db()
    assert {refill.status for refill in refills} == {"unconfirmed"}
    by_order = {str(one.order): str(one.id) for one in box.ledger.refills("smpanelim")}
    person = make_person()

    made = adopt(refills[0], external_id=by_order[str(orders[0].external_id)], by=person, reason="their page")
    confirm(made.pk)
    settlement_services.accept_without_id(refills[1], by=person, reason="their page, no number")
    with pytest.raises(CannotSettle, match="may still be answered"):
        settlement_services.send_again(refills[2], by=person, reason="not there")
    Attempt.objects.update(started_at=timezone.now() - LONG_AGO)
    Refill.objects.update(claimed_at=timezone.now() - LONG_AGO)
    settlement_services.send_again(Refill.objects.get(pk=refills[2].pk), by=person, reason="not there")

    for refill in refills:
        refill.refresh_from_db()
    assert [refill.status for refill in refills] == ["pending", "pending", "queued"]
    assert refills[0].external_id == by_order[str(orders[0].external_id)]
    assert refills[1].external_id is None
    assert OrderEvent.objects.filter(order=orders[0], kind="settled").count() == 1


@pytest.mark.django_db
def test_a_refill_id_of_another_refill_is_refused() -> None:
    provider = make_provider("smmplus")
    first = Order.objects.create(provider=provider, external_id="1", status="completed")
    second = Order.objects.create(provider=provider, external_id="2", status="completed")
    Refill.objects.create(order=first, external_id="9", status="pending")
    lost = Refill.objects.create(order=second, status="unconfirmed")

    with pytest.raises(CannotSettle, match=f"a refill of order #{first.pk}"):
        adopt(lost, external_id="9", by=make_person(), reason="mistaken")


@pytest.mark.django_db
def test_an_unconfirmed_cancel_is_taken_for_accepted_refused_or_given_up_and_has_no_id_to_adopt() -> None:
    provider = make_provider("smmplus")
    rows = [
        Cancellation.objects.create(
            order=Order.objects.create(provider=provider, external_id=str(number), status="pending"),
            status="unconfirmed",
        )
        for number in range(1, 4)
    ]
    person = make_person()

    with pytest.raises(CannotSettle, match="A cancel has no state"):
        adopt(rows[0], external_id="1", by=person, reason="?")
    settlement_services.accept_without_id(rows[0], by=person, reason="support says so")
    settlement_services.mark_not_placed(rows[1], by=person, reason="still running there")
    settlement_services.close_as_unknown(rows[2], by=person, reason="does not matter any more")

    assert [Cancellation.objects.get(pk=row.pk).status for row in rows] == ["accepted", "refused", "given_up"]
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}


@pytest.mark.django_db(transaction=True)
def test_an_unconfirmed_product_order_is_adopted_by_its_own_number(box: Sandbox) -> None:
    provider = join(box, "smmvna")
    panel = box.panel("smmvna")
    offered = next(one for one in panel.shop.products.values() if one.is_available and not one.require)
    product = make_product(provider, external_id=str(offered.id), rate=offered.rate)
    order = ProductOrder.objects.create(provider=provider, product=product, quantity=offered.minimum)
    panel.misbehave(Fault.empty_body, action="add_product_order", times=1)
    submission_services.send_due(provider, kinds=[PRODUCT_ORDERS])
    order.refresh_from_db()
    assert order.status == "unconfirmed"
    (accepted,) = box.ledger.product_orders("smmvna")
    # Product orders have a number space of their own: an order with the same number does not matter.
    Order.objects.create(provider=provider, external_id=str(accepted.id), status="pending")

    made = adopt(order, external_id=str(accepted.id), by=make_person(), reason="their page")
    confirm(made.pk)

    order.refresh_from_db()
    assert order.external_id == str(accepted.id)
    assert order.status in {"pending", "in_progress", "completed"}
    assert len(calls_of(panel, "add_product_order")) == 1


@pytest.mark.django_db
def test_an_order_is_not_taken_for_accepted_without_an_id() -> None:
    with pytest.raises(CannotSettle, match="by its id"):
        settlement_services.accept_without_id(make_lost(), by=make_person(), reason="surely")


# --- A reply that comes after the decision


def _accepted(order: Order, external_id: str) -> Any:
    return results.results_of([order], {order.pk: Accepted(external_id)}, None)


@pytest.mark.django_db(transaction=True)
def test_a_late_reply_after_sending_again_is_kept_on_its_try_and_raised_as_a_second_purchase(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose(box, provider, service)
    token = Attempt.objects.get(order=lost).call
    Attempt.objects.update(finished_at=None, started_at=timezone.now() - LONG_AGO)
    Order.objects.update(claimed_at=timezone.now() - LONG_AGO)
    lost.refresh_from_db()
    settlement_services.send_again(lost, by=make_person(), reason="not to be found")
    outcomes = _accepted(lost, real_id)

    records.record(ORDERS, provider, token, [lost], outcomes, seconds=90.0)

    lost.refresh_from_db()
    assert (lost.status, lost.external_id) == ("held", None)
    attempt = Attempt.objects.get(order=lost)
    assert attempt.late_id == real_id
    warning = OrderEvent.objects.get(order=lost, kind="warning")
    assert "second purchase" in warning.words

    approve_order(lost, by=make_person())
    submission_services.send_due(provider, kinds=[ORDERS])
    lost.refresh_from_db()
    assert lost.status == "pending"
    assert lost.external_id != real_id
    with pytest.raises(CannotSettle, match="settled it already"):
        settlement_services.adopt_late_id(attempt, by=make_person())

    person = make_person()
    settlement_services.dismiss_second_purchase(attempt, by=person, reason="refunded by support")
    with pytest.raises(CannotSettle):
        settlement_services.dismiss_second_purchase(attempt, by=person, reason="again")


@pytest.mark.django_db(transaction=True)
def test_a_late_id_is_taken_for_the_order_itself_before_it_is_sent_again(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose(box, provider, service)
    token = Attempt.objects.get(order=lost).call
    Attempt.objects.update(finished_at=None, started_at=timezone.now() - LONG_AGO)
    Order.objects.update(claimed_at=timezone.now() - LONG_AGO)
    settlement_services.send_again(Order.objects.get(), by=make_person(), reason="not to be found")
    records.record(ORDERS, provider, token, [lost], _accepted(lost, real_id), seconds=90.0)
    attempt = Attempt.objects.get(order=lost)

    made = settlement_services.adopt_late_id(attempt, by=make_person())

    lost.refresh_from_db()
    assert (lost.status, lost.external_id, lost.held_for) == ("pending", real_id, "")
    assert (made.external_id, made.reason) == (real_id, "The late answer names it.")
    assert submission_services.send_due(provider, kinds=[ORDERS]).calls == 0
    assert len(calls_of(box.panel("smmplus"), "add")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_late_reply_with_the_id_that_was_adopted_is_no_second_purchase(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose(box, provider, service)
    token = Attempt.objects.get(order=lost).call
    Attempt.objects.update(finished_at=None)
    confirm(adopt(lost, external_id=real_id, by=make_person(), reason="seen").pk)

    outcomes = _accepted(lost, real_id)
    records.record(ORDERS, provider, token, [lost], outcomes, seconds=90.0)

    assert Attempt.objects.get(order=lost).late_id == ""
    assert not OrderEvent.objects.filter(kind="warning").exists()


@pytest.mark.django_db(transaction=True)
def test_a_reply_that_is_late_but_before_any_decision_places_the_order(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose(box, provider, service)
    token = Attempt.objects.get(order=lost).call
    Attempt.objects.update(finished_at=None)

    outcomes = _accepted(lost, real_id)
    records.record(ORDERS, provider, token, [lost], outcomes, seconds=90.0)

    lost.refresh_from_db()
    assert (lost.status, lost.external_id) == ("pending", real_id)
    with pytest.raises(CannotSettle, match="settled already"):
        settlement_services.send_again(lost, by=make_person(), reason="too late")
