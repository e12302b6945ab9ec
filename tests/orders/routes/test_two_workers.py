"""Two workers at one chain at once: one step is taken, whatever they do, and a late word comes before it or after."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from orders.models import Chain, Order
from orders.placement.services import withdraw_order
from orders.routes.decisions import CannotStep, buy_elsewhere, stop_chain
from orders.routes.steps import step_chain
from orders.routes.sweeper import sweep_chains
from providers.models import Provider
from tests.helpers.makers import make_person
from tests.helpers.routes import accept, answer, last_of, links_of, make_chain, make_route, refuse
from tests.helpers.time_passing import pass_time

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock for all rows"),
]
TIMES = 8


def at_once(*actions: Callable[[], object]) -> list[Exception]:
    """Do all of them at the same moment, each on a connection of its own; what they raised."""
    barrier = Barrier(len(actions))
    raised: list[Exception] = []

    def run(action: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            action()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def in_hand(chain: Chain) -> int:
    return Order.objects.filter(chain=chain, status__in=("held", "queued", "sending", "unconfirmed")).count()


def make_partial() -> tuple[Chain, Order]:
    chain = make_chain(make_route(name=f"Route {next(_numbers)}"), link=f"https://instagram.com/p{next(_numbers)}")
    link = accept(last_of(chain))
    answer(link, "partial", remains=400, charge="0.54")
    pass_time(11)
    answer(link, "partial", remains=400, charge="0.54")
    return chain, link


_numbers = itertools.count(1_000)


@pytest.mark.parametrize("time", range(TIMES))
def test_one_step_is_taken(time: int) -> None:
    chain = make_chain()
    refuse(last_of(chain))

    raised = at_once(*[lambda: step_chain(chain.pk)] * 4, sweep_chains, sweep_chains)

    assert raised == []
    assert [link.status for link in links_of(chain)] == ["rejected", "queued"]


@pytest.mark.parametrize("time", range(TIMES))
def test_a_late_word_comes_before_the_step_or_holds_what_it_bought(time: int) -> None:
    chain, link = make_partial()

    raised = at_once(
        lambda: step_chain(chain.pk), lambda: answer(link, "in_progress", remains=400), lambda: step_chain(chain.pk)
    )

    assert raised == []
    chain.refresh_from_db()
    standing = [one.status for one in links_of(chain)]
    assert standing in (["in_progress"], ["in_progress", "held"])
    assert chain.status == ("active" if len(standing) == 1 else "held")


@pytest.mark.parametrize("time", range(TIMES))
def test_stopping_and_stepping_leave_nothing_to_be_sent(time: int) -> None:
    chain, _link = make_partial()

    raised = at_once(lambda: step_chain(chain.pk), lambda: stop_chain(chain, by=None))

    assert raised == []
    assert in_hand(chain) == 0
    chain.refresh_from_db()
    assert chain.status == "stopped"


@pytest.mark.parametrize("time", range(TIMES))
def test_a_worker_that_claims_and_a_chain_that_moves_on_never_both_win(time: int) -> None:
    chain = make_chain(make_route(patience_minutes=0))
    first = last_of(chain)
    Provider.objects.filter(pk=first.provider_id).update(pause_kind="no_funds", paused_at=first.created_at)

    def claim() -> None:
        Order.objects.filter(pk=first.pk, status="queued").update(status="sending", claim=chain.uid)

    raised = at_once(claim, lambda: step_chain(chain.pk), lambda: withdraw_order(first, by=None))

    assert raised == []
    assert in_hand(chain) <= 1
    assert [link.status for link in links_of(chain)] in (["sending"], ["withdrawn"], ["withdrawn", "queued"])


@pytest.mark.parametrize("time", range(TIMES))
def test_two_people_buy_elsewhere_once(time: int) -> None:
    chain = make_chain()
    Order.objects.filter(chain=chain).update(status="given_up")
    step_chain(chain.pk)
    people = [make_person("orders.add_order") for _person in range(2)]

    raised = at_once(*(lambda who=who: buy_elsewhere(chain, by=who, reason="mine") for who in people))

    assert [type(error) for error in raised] == [CannotStep]
    assert [link.status for link in links_of(chain)] == ["given_up", "queued"]
