"""What an order of a chain left undelivered is bought once the provider said the same twice, or a person decides."""

from __future__ import annotations

import pytest

from orders.models import Cancellation, Chain, Refill
from orders.routes.sweeper import sweep_chains
from tests.helpers.makers import make_service
from tests.helpers.routes import accept, answer, end_partial, last_of, links_of, make_chain, make_route, reason_of
from tests.helpers.time_passing import pass_time

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["partial", "canceled"])
def test_the_rest_is_bought_once_the_provider_said_the_same_twice(status: str) -> None:
    chain = make_chain()
    end_partial(chain, status=status)

    sweep_chains()

    assert [(link.quantity, link.status) for link in links_of(chain)] == [(1_000, status), (400, "queued")]


def test_a_rest_that_was_said_once_is_waited_for() -> None:
    chain = make_chain()
    link = accept(last_of(chain))
    answer(link, "partial", remains=400)
    sweep_chains()
    pass_time(9)
    answer(link, "partial", remains=400)
    sweep_chains()

    assert len(links_of(chain)) == 1
    pass_time(2)
    answer(link, "partial", remains=400)
    sweep_chains()
    assert len(links_of(chain)) == 2


def test_a_rest_that_changes_is_seen_again() -> None:
    chain = make_chain()
    link = accept(last_of(chain))
    answer(link, "partial", remains=400)
    pass_time(11)
    answer(link, "partial", remains=300)
    sweep_chains()

    assert len(links_of(chain)) == 1
    pass_time(11)
    answer(link, "partial", remains=300)
    sweep_chains()
    assert last_of(chain).quantity == 300


@pytest.mark.parametrize("remains", [None, 0, -5, 1_001])
def test_a_rest_that_cannot_be_right_asks_a_person(remains: int | None) -> None:
    chain = make_chain()
    link = accept(last_of(chain))
    answer(link, "partial", remains=remains)
    pass_time(11)

    sweep_chains()

    assert reason_of(chain) == ("held", "by_hand")


def test_a_refill_that_is_open_is_waited_for() -> None:
    chain = make_chain()
    link = end_partial(chain)
    refill = Refill.objects.create(order=link, status="pending", external_id="1")

    sweep_chains()
    assert len(links_of(chain)) == 1
    Refill.objects.filter(pk=refill.pk).update(status="completed")
    Chain.objects.update(due_at=None)
    sweep_chains()
    assert len(links_of(chain)) == 2


def test_after_a_cancel_from_here_a_person_decides() -> None:
    chain = make_chain()
    link = end_partial(chain, status="canceled")
    Cancellation.objects.create(order=link, status="accepted")

    sweep_chains()

    assert reason_of(chain) == ("held", "cancel")


def test_a_rest_below_every_minimum_asks_a_person() -> None:
    chain = make_chain()
    end_partial(chain, remains=9)

    sweep_chains()

    assert reason_of(chain) == ("held", "no_candidate")


def test_a_route_that_does_not_buy_the_rest_is_done() -> None:
    chain = make_chain(make_route(buys_rest=False))
    end_partial(chain)

    sweep_chains()

    assert reason_of(chain) == ("done", "")


def test_a_drip_feed_never_buys_the_rest_by_itself() -> None:
    chain = make_chain(make_route(make_service(dripfeed=True)), quantity=100, parameters={"runs": 10, "interval": 5})
    link = accept(last_of(chain))
    answer(link, "partial", remains=40)
    pass_time(11)

    sweep_chains()

    assert (chain.quantity, link.quantity) == (1_000, 100)
    assert reason_of(chain) == ("held", "by_hand")


def test_no_service_is_tried_a_third_time() -> None:
    chain = make_chain(make_route(make_service(), make_service()))
    for remains in (800, 600, 400, 200):
        end_partial(chain, remains=(last_of(chain).quantity or 0) * remains // 1000 + 100)
        sweep_chains()

    services = [link.service_id for link in links_of(chain)]
    assert all(services.count(one) <= 2 for one in services)
    assert reason_of(chain)[0] == "held"
