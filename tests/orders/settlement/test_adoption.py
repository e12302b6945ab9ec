"""Adopt an id for an unconfirmed order, and an order that was placed elsewhere."""

from __future__ import annotations

import pytest

from orders.models import (
    Attempt,
    ChargeDelta,
    Order,
    ProductOrder,
    Settlement,
)
from orders.settlement import services as settlement_services
from orders.settlement.adoption import adopt, adopt_elsewhere, stop_adoption
from orders.settlement.id_confirmation import confirm, due_adoptions
from orders.settlement.services import CannotSettle
from orders.submission.call_types import PRODUCT_ORDERS
from panelhub.models import AuditEvent
from providers.models import Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import join, send_order
from tests.helpers.lost_orders import lose_reply
from tests.helpers.makers import make_lost, make_person, make_product, make_provider

# --- Adopting an id


@pytest.mark.django_db(transaction=True)
def test_an_id_typed_by_a_person_is_confirmed_by_the_provider_after_the_click(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose_reply(box, provider, service)
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
    lost, _real_id = lose_reply(box, provider, service)
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
    lost, _real_id = lose_reply(box, provider, service)

    with pytest.raises(CannotSettle, match=rf"is already order #{other.pk} \(Pending\)"):
        adopt(lost, external_id=str(other.external_id), by=make_person(), reason="mistaken")
    with pytest.raises(CannotSettle, match=rf"is already order #{other.pk}"):
        adopt_elsewhere(provider, external_id=str(other.external_id), by=make_person())

    assert not Settlement.objects.exists()


@pytest.mark.django_db
def test_a_child_of_a_drip_feed_is_refused_and_its_parent_is_named() -> None:
    provider = make_provider("smmplus")
    parent = Order.objects.create(provider=provider, external_id="70", status="in_progress", children=["71", "73"])
    lost = make_lost(provider)

    with pytest.raises(CannotSettle, match=f"part of order #{parent.pk}"):
        adopt(lost, external_id="73", by=make_person(), reason="mistaken")


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "   ", "12 13", "-5", "0", "12;13", "null", "x" * 101])
def test_what_is_no_id_is_refused(typed: str) -> None:
    with pytest.raises(CannotSettle, match="isn’t an order ID"):
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
    with pytest.raises(CannotSettle, match="Another person is adopting 500"):
        adopt(make_lost(order.provider), external_id="500", by=make_person(), reason="mine")

    assert stop_adoption(made, by=first)
    assert not stop_adoption(made, by=first)
    settlement_services.close_as_unknown(order, by=first, reason="after all")


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_cannot_be_reached_leaves_the_adoption_waiting_and_at_last_fails_it(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose_reply(box, provider, service)
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
    assert "Couldn’t reach the provider" in made.answer
    assert lost.status == "unconfirmed"


@pytest.mark.django_db(transaction=True)
def test_an_adoption_gives_way_to_the_late_reply_that_placed_the_order(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose_reply(box, provider, service)
    made = adopt(lost, external_id=real_id, by=make_person(), reason="seen")
    Order.objects.filter(pk=lost.pk).update(status="pending", external_id=real_id)

    confirm(made.pk)

    made.refresh_from_db()
    assert made.state == "failed"
    assert f"is already order #{lost.pk}" in made.answer


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
    lost, real_id = lose_reply(box, provider, service)
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
    lost, real_id = lose_reply(box, provider, service)

    with pytest.raises(CannotSettle, match=f"Order #{lost.pk} is unconfirmed, hasn’t been searched for yet"):
        adopt_elsewhere(provider, external_id=real_id, by=make_person())


@pytest.mark.django_db
def test_a_provider_that_is_switched_off_adopts_nothing() -> None:
    with pytest.raises(CannotSettle, match="is disabled"):
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
    with pytest.raises(CannotSettle, match=f"is already product order #{adopted.pk}"):
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
    with pytest.raises(CannotSettle, match="how many items"):
        adopt_elsewhere(make_provider("smmvna"), external_id="1", by=make_person(), kind=PRODUCT_ORDERS)


@pytest.mark.django_db
def test_while_a_product_order_of_ours_is_lost_none_is_adopted_as_a_strangers() -> None:
    provider = make_provider("smmvna")
    lost = ProductOrder.objects.create(provider=provider, status="unconfirmed")

    with pytest.raises(CannotSettle, match=f"Product order #{lost.pk} is unconfirmed"):
        adopt_elsewhere(provider, external_id="1", by=make_person(), kind=PRODUCT_ORDERS, quantity=1)


@pytest.mark.django_db
def test_a_provider_without_products_has_none_to_adopt() -> None:
    with pytest.raises(CannotSettle):
        adopt_elsewhere(make_provider("smmplus"), external_id="1", by=make_person(), kind=PRODUCT_ORDERS, quantity=1)
