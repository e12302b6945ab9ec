"""Ordering through a route takes limits, the second person, duplicates and tokens as every order does."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Attempt, Chain, HubRules, Order
from orders.placement.form_tokens import TokenReused
from orders.placement.reserved_amounts import spent_today
from orders.placement.services import DuplicateLink, approve_order
from orders.placement.spending_limits import LimitNotSet, LimitPassed
from orders.placement.validation import OrderInvalid
from orders.routes.books import Books, books_of
from orders.routes.decisions import (
    CannotStep,
    buy_elsewhere,
    close_chain,
    continue_chain,
    mark_to_move,
    stop_chain,
)
from orders.routes.steps import step_chain
from providers.models import Provider
from tests.helpers.makers import make_order, make_person, make_service, set_limits
from tests.helpers.routes import LINK, accept, answer, last_of, links_of, make_chain, make_route, refuse
from tests.helpers.time_passing import pass_time

pytestmark = pytest.mark.django_db


def test_the_first_order_is_an_ordinary_one_that_takes_nothing_of_the_limit() -> None:
    chain = make_chain()
    link = last_of(chain)

    assert (link.status, link.position, link.predecessor, link.reserved) == ("queued", 1, None, None)
    assert (link.expected_charge, link.link, link.created_by) == (Decimal("0.90"), LINK, chain.created_by)
    assert (chain.reserved, spent_today(chain.created_by)) == (Decimal(5), Decimal(5))


def test_the_ceiling_is_the_most_expensive_candidate_by_default() -> None:
    route = make_route(make_service(rate=Decimal(1)), make_service(rate=Decimal(3)), make_service(rate=Decimal(2)))

    assert make_chain(route, ceiling=None).ceiling == Decimal(3)


def test_a_ceiling_below_the_first_order_is_refused() -> None:
    with pytest.raises(OrderInvalid):
        make_chain(ceiling=Decimal("0.89"))


def test_the_limit_counts_the_ceiling_once_on_its_day() -> None:
    person = make_person("orders.add_order")
    set_limits(person, daily_limit=Decimal(6))
    chain = make_chain(user=person)
    refuse(last_of(chain))
    step_chain(chain.pk)

    assert spent_today(person) == Decimal(5)
    with pytest.raises(LimitPassed):
        make_chain(user=person, link="https://instagram.com/other")


def test_a_person_without_a_limit_set_orders_nothing() -> None:
    with pytest.raises(LimitNotSet):
        make_chain(user=make_person("orders.add_order", limit_set=False))


def test_the_second_person_approves_the_ceiling() -> None:
    person = make_person("orders.add_order")
    set_limits(person, second_person_above=Decimal(4))
    chain = make_chain(user=person)
    assert (chain.status, chain.reason, last_of(chain).held_for) == ("held", "second_person", "second_person")

    with pytest.raises(OrderInvalid):
        approve_order(last_of(chain), by=person)
    assert approve_order(last_of(chain), by=make_person("orders.approve_order"))

    chain.refresh_from_db()
    assert (chain.status, last_of(chain).status) == ("active", "queued")
    assert chain.let_out_at is not None


def test_orders_of_a_route_for_one_link_add_up_for_the_second_person() -> None:
    person = make_person("orders.add_order")
    set_limits(person, second_person_above=Decimal(8))
    route = make_route()
    make_chain(route, user=person)

    assert make_chain(route, user=person, confirm_duplicate=True).status == "held"


def test_another_open_order_for_the_link_must_be_confirmed() -> None:
    route = make_route()
    make_order(route.entries.first().service, link=LINK)  # type: ignore[union-attr]

    with pytest.raises(DuplicateLink):
        make_chain(route)
    assert make_chain(route, confirm_duplicate=True).pk


def test_the_same_form_is_the_same_chain() -> None:
    person, route, token = make_person("orders.add_order"), make_route(), uuid.uuid4()
    chain = make_chain(route, user=person, form_token=token)

    assert make_chain(route, user=person, form_token=token) == chain
    assert Order.objects.count() == 1
    with pytest.raises(TokenReused):
        make_chain(route, user=person, form_token=token, quantity=999)


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"quantity": 9}, "quantity"), ({"quantity": None}, "quantity"), ({"link": " "}, "link")],
)
def test_what_no_service_takes_is_said_at_its_field(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(OrderInvalid) as refusal:
        make_chain(**fields)

    assert list(refusal.value.errors) == [name]


@pytest.mark.parametrize("switched", [{"is_active": False}, {"min_quantity": 2_000}, {"max_quantity": 500}])
def test_the_route_itself_may_refuse(switched: dict[str, Any]) -> None:
    with pytest.raises(OrderInvalid):
        make_chain(make_route(**switched))


# --- What people do -------------------------------------------------------------------------------------------------


def test_a_stopped_chain_buys_nothing_more() -> None:
    chain = make_chain()

    assert stop_chain(chain, by=None)
    assert not stop_chain(chain, by=None)

    chain.refresh_from_db()
    assert (chain.status, last_of(chain).status) == ("stopped", "withdrawn")
    assert chain.reserved == 0
    assert step_chain(chain.pk) is None


def test_a_person_buys_elsewhere_what_the_chain_never_would() -> None:
    chain = make_chain()
    Order.objects.filter(chain=chain).update(status="given_up")
    step_chain(chain.pk)

    with pytest.raises(CannotStep):
        buy_elsewhere(chain, by=make_person("orders.add_order"), reason=" ")
    buy_elsewhere(chain, by=make_person("orders.add_order"), reason="asked the panel")

    chain.refresh_from_db()
    assert chain.status == "active"
    assert [link.status for link in links_of(chain)] == ["given_up", "queued"]


def test_a_person_buys_nowhere_while_a_reply_may_still_come() -> None:
    chain = make_chain()
    link = last_of(chain)
    Attempt.objects.create(
        order=link, provider=link.provider, action="add", outcome="unknown", started_at=timezone.now()
    )
    Order.objects.filter(pk=link.pk).update(status="given_up")
    step_chain(chain.pk)

    with pytest.raises(CannotStep):
        buy_elsewhere(chain, by=make_person("orders.add_order"), reason="now")
    pass_time(5)
    assert buy_elsewhere(chain, by=make_person("orders.add_order"), reason="now")


@pytest.mark.parametrize("status", ["held", "queued", "sending", "unconfirmed", "in_progress", "completed"])
def test_a_person_buys_nothing_beside_an_open_order(status: str) -> None:
    chain = make_chain()
    Order.objects.filter(chain=chain).update(status=status, claim=chain.uid)

    with pytest.raises(CannotStep):
        buy_elsewhere(chain, by=make_person("orders.add_order"), reason="more")


def test_a_chain_moves_elsewhere_after_a_cancel_that_was_for_that() -> None:
    chain = make_chain()
    link = accept(last_of(chain))
    assert mark_to_move(chain, by=None)
    for _time in range(2):
        answer(link, "canceled", remains=1_000, charge="0")
        pass_time(11)

    step_chain(chain.pk)

    assert [(one.status, one.quantity) for one in links_of(chain)] == [("canceled", 1_000), ("queued", 1_000)]


def test_a_held_chain_goes_on_when_a_person_says_so() -> None:
    chain = make_chain()
    refuse(last_of(chain))
    Provider.objects.exclude(pk=last_of(chain).provider_id).update(is_active=False)
    step_chain(chain.pk)
    chain.refresh_from_db()
    assert (chain.status, chain.reason) == ("held", "no_candidate")
    Provider.objects.update(is_active=True)

    assert continue_chain(chain, by=None)
    step_chain(chain.pk)

    assert len(links_of(chain)) == 2


def test_a_flagged_chain_is_closed_or_let_go_on_with_a_reason() -> None:
    chain = make_chain()
    answer(accept(last_of(chain)), "completed", remains=0)
    Chain.objects.update(status="flagged", reason="second_purchase")

    with pytest.raises(CannotStep):
        continue_chain(chain, by=None)
    assert close_chain(chain, by=None, reason="one purchase in all")

    chain.refresh_from_db()
    assert chain.status == "done"


def test_the_books_of_a_chain_add_up() -> None:
    HubRules.load()
    chain = make_chain()
    link = accept(last_of(chain))
    answer(link, "in_progress", remains=700)
    assert books_of(chain, links_of(chain)) == Books(1_000, 300, 700, 0, 0)

    answer(link, "partial", remains=400)
    assert books_of(chain, links_of(chain)) == Books(1_000, 600, 0, 0, 400)
