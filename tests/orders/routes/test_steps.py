"""A chain goes on by itself only where it is certain, once, and to where its rules say."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders.models import Attempt, BalanceCheck, ChainStep, Order, OrderEvent, Person
from orders.routes.steps import step_chain
from orders.routes.sweeper import sweep_chains
from providers.models import Provider
from tests.helpers.makers import make_order
from tests.helpers.routes import (
    LINK,
    accept,
    answer,
    end_partial,
    last_of,
    links_of,
    make_chain,
    make_route,
    reason_of,
    refuse,
)
from tests.helpers.time_passing import pass_time

pytestmark = pytest.mark.django_db


# --- 1: one successor, one place, one order in hand -----------------------------------------------------------------


def link_beside(link: Order, **fields: Any) -> None:
    plain = {"service": link.service, "status": "queued", "chain": link.chain, "position": 2, "predecessor": link}
    with transaction.atomic():
        make_order(**(plain | fields))


def test_the_database_holds_one_order_in_hand() -> None:
    first = last_of(make_chain())

    with pytest.raises(IntegrityError):
        link_beside(first)


def test_the_database_holds_one_order_at_each_place_and_one_successor() -> None:
    first = last_of(make_chain())
    link_beside(first, status="rejected")

    for fields in ({"predecessor": first, "position": 3}, {"predecessor": links_of(first.chain)[-1], "position": 2}):  # type: ignore[arg-type]
        with pytest.raises(IntegrityError):
            link_beside(first, status="rejected", **fields)


@pytest.mark.parametrize("fields", [{"position": None}, {"predecessor": None}, {"position": 1}])
def test_the_database_holds_that_an_order_of_a_chain_has_a_place(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        link_beside(last_of(make_chain()), status="rejected", **fields)


def test_two_orders_at_the_provider_break_no_batch() -> None:
    chain = make_chain()
    refuse(last_of(chain))
    step_chain(chain.pk)
    first, second = links_of(chain)
    accept(second)
    Order.objects.filter(pk=first.pk).update(status="partial", external_id="7", remains=5)

    answer(first, "in_progress", remains=5)

    assert [link.status for link in links_of(chain)] == ["in_progress", "in_progress"]


# --- 2: idempotent --------------------------------------------------------------------------------------------------


def test_a_step_that_is_repeated_buys_once() -> None:
    chain = make_chain()
    refuse(last_of(chain))

    assert step_chain(chain.pk) is not None
    assert step_chain(chain.pk) is None
    sweep_chains()

    assert [link.position for link in links_of(chain)] == [1, 2]


def test_the_sweeper_takes_the_step_that_no_one_rang_for() -> None:
    chain = make_chain()
    refuse(last_of(chain))

    assert sweep_chains() == {"refused": 1}
    assert sweep_chains() == {}
    assert last_of(chain).predecessor == links_of(chain)[0]


# --- 3: only what is certain ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem", ["service", "quantity"])
def test_a_listed_refusal_about_service_or_quantity_goes_on(problem: str) -> None:
    route = make_route()
    chain = make_chain(route)
    refuse(last_of(chain), problem=problem)

    step_chain(chain.pk)

    services = [entry.service_id for entry in route.entries.order_by("position")]
    assert [(link.service_id, link.status) for link in links_of(chain)] == [
        (services[0], "rejected"),
        (services[1], "queued"),
    ]
    assert ChainStep.objects.filter(chain=chain).values_list("reason", flat=True)[1] == "refused"


@pytest.mark.parametrize("problem", ["link", "parameter", "duplicate", "other", "action", ""])
def test_a_refusal_about_the_order_asks_a_person(problem: str) -> None:
    chain = make_chain()
    refuse(last_of(chain), problem=problem)

    step_chain(chain.pk)

    assert len(links_of(chain)) == 1
    assert reason_of(chain) == ("held", "by_hand")


def test_what_was_rejected_before_it_was_sent_asks_a_person() -> None:
    chain = make_chain()
    Order.objects.filter(chain=chain).update(status="rejected")

    step_chain(chain.pk)

    assert reason_of(chain) == ("held", "by_hand")


@pytest.mark.parametrize("earlier", ["unknown", "open", "late id", "swept"])
def test_never_after_a_try_that_was_unknown(earlier: str) -> None:
    chain = make_chain()
    link = last_of(chain)
    plain: dict[str, Any] = {"order": link, "provider": link.provider, "action": "add"}
    if earlier == "swept":
        OrderEvent.objects.create(order=link, kind="state", before="sending", after="unconfirmed")
    else:
        outcome = {"unknown": "unknown", "open": "", "late id": "refused"}[earlier]
        Attempt.objects.create(outcome=outcome, late_id="9" if earlier == "late id" else "", **plain)
    refuse(link)

    step_chain(chain.pk)

    assert len(links_of(chain)) == 1
    assert reason_of(chain) == ("held", "not_certain")


def test_a_refusal_that_the_balance_confirmed_goes_on() -> None:
    chain = make_chain()
    link = last_of(chain)
    OrderEvent.objects.create(order=link, kind="state", before="sending", after="unconfirmed")
    attempt = refuse(link, outcome="unknown", problem="")
    BalanceCheck.objects.create(provider=link.provider, order=link, attempt=attempt, state="rejected")

    step_chain(chain.pk)

    assert [link.status for link in links_of(chain)] == ["rejected", "queued"]
    assert ChainStep.objects.filter(chain=chain).values_list("reason", flat=True)[1] == "balance"


def test_a_paused_provider_is_waited_for_and_then_left() -> None:
    chain = make_chain(make_route(patience_minutes=30))
    first = last_of(chain)
    Provider.objects.filter(pk=first.provider_id).update(pause_kind="no_funds", paused_at=timezone.now())

    sweep_chains()
    assert len(links_of(chain)) == 1
    pass_time(31)
    sweep_chains()

    assert [link.status for link in links_of(chain)] == ["withdrawn", "queued"]
    assert ChainStep.objects.filter(chain=chain).values_list("reason", flat=True)[1] == "patience"


@pytest.mark.parametrize("closed", [{"provider": {"is_active": False}}, {"service": {"hold_reason": "refused"}}])
def test_what_is_closed_without_a_time_is_waited_for_since_it_was_seen(closed: dict[str, dict[str, Any]]) -> None:
    chain = make_chain(make_route(patience_minutes=30))
    first = last_of(chain)
    pass_time(60)
    for name, fields in closed.items():
        type(getattr(first, name)).objects.filter(pk=getattr(first, name).pk).update(**fields)

    sweep_chains()
    assert len(links_of(chain)) == 1
    pass_time(31)
    sweep_chains()

    assert [link.status for link in links_of(chain)] == ["withdrawn", "queued"]


def test_an_order_that_a_worker_took_is_not_left() -> None:
    chain = make_chain(make_route(patience_minutes=0))
    first = last_of(chain)
    Provider.objects.filter(pk=first.provider_id).update(pause_kind="no_funds", paused_at=timezone.now())
    Order.objects.filter(pk=first.pk).update(status="sending", claim=chain.uid)

    assert step_chain(chain.pk) is None
    assert [link.status for link in links_of(chain)] == ["sending"]


def test_while_all_are_paused_the_order_stays_where_it_is_and_says_so() -> None:
    chain = make_chain(make_route(patience_minutes=0))
    Provider.objects.update(pause_kind="no_funds", paused_at=timezone.now() - timedelta(minutes=5))

    step_chain(chain.pk)

    chain.refresh_from_db()
    assert [link.status for link in links_of(chain)] == ["queued"]
    assert (chain.status, chain.words) == ("active", "No other service of the route fits now.")


# --- 4: only a person -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["given_up", "failed", "refunded", "withdrawn"])
def test_what_is_not_certain_asks_a_person(status: str) -> None:
    chain = make_chain()
    Order.objects.filter(chain=chain).update(status=status)

    sweep_chains()

    assert len(links_of(chain)) == 1
    assert reason_of(chain) == ("held", "by_hand")


# --- 8: money -------------------------------------------------------------------------------------------------------


def test_the_ceiling_counts_what_is_expected_until_a_charge_is_reported() -> None:
    chain = make_chain(ceiling=Decimal("0.90"))
    link = accept(last_of(chain))
    for _time in range(2):
        answer(link, "partial", remains=400)
        pass_time(11)

    sweep_chains()
    assert reason_of(chain) == ("held", "ceiling")


def test_a_charge_that_fell_makes_room_below_the_ceiling() -> None:
    chain = make_chain(ceiling=Decimal("0.90"))
    end_partial(chain)

    sweep_chains()

    assert [link.status for link in links_of(chain)] == ["partial", "queued"]


def test_a_missing_exchange_rate_holds_the_chain() -> None:
    chain = make_chain()
    end_partial(chain)
    Provider.objects.update(currency="XAU")

    sweep_chains()

    assert reason_of(chain) == ("held", "no_rate")


# --- 9: the person and the service ----------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["inactive", "no right", "no grant", "no limit set"])
def test_a_person_who_may_not_order_any_more_holds_the_chain(change: str) -> None:
    chain = make_chain()
    refuse(last_of(chain))
    person = chain.created_by
    assert person is not None
    if change == "inactive":
        person.is_active = False
        person.save()
    elif change == "no right":
        person.user_permissions.clear()
    elif change == "no grant":
        Person.objects.filter(user=person).update(all_providers=False)
    else:
        Person.objects.filter(user=person).update(no_limit=False)

    sweep_chains()

    assert reason_of(chain) == ("held", "limit" if change == "no limit set" else "person")


def test_a_service_that_is_gone_is_passed_over() -> None:
    route = make_route()
    chain = make_chain(route)
    refuse(last_of(chain))
    second, third = (entry.service for entry in route.entries.order_by("position")[1:])
    type(second).objects.filter(pk=second.pk).update(is_available=False)

    sweep_chains()

    assert last_of(chain).service == third


# --- 10: other orders of the link -----------------------------------------------------------------------------------


def test_another_open_order_for_the_link_holds_the_chain() -> None:
    route = make_route()
    chain = make_chain(route)
    refuse(last_of(chain))
    make_order(route.entries.get(position=2).service, link=LINK)

    sweep_chains()

    assert reason_of(chain) == ("held", "duplicate")


# --- The end --------------------------------------------------------------------------------------------------------


def test_a_completed_order_ends_the_chain() -> None:
    chain = make_chain()
    answer(accept(last_of(chain)), "completed", remains=0)

    sweep_chains()

    assert reason_of(chain) == ("done", "")
