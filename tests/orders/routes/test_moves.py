"""Moving a chain elsewhere holds for the one cancel that was requested with it."""

from __future__ import annotations

import pytest

from orders.aftercare.services import request_cancels
from orders.models import Cancellation, Chain, Order
from orders.routes.decisions import mark_to_move
from orders.routes.steps import step_chain
from tests.helpers.makers import make_person, make_service
from tests.helpers.routes import accept, end_partial, last_of, links_of, make_chain, make_route, reason_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved() -> Chain:
    """A chain that was to be moved, and whose provider refused the cancel; it doesn't buy rests by itself."""
    chain = make_chain(make_route(*(make_service(cancel=True) for _number in range(2)), buys_rest=False))
    accept(last_of(chain))
    assert mark_to_move(chain, by=make_person())
    cancel(chain)
    assert reason_of(chain) == ("active", "moved")
    Cancellation.objects.update(status="refused")
    return chain


def cancel(chain: Chain) -> None:
    person = make_person("orders.aftercare_order")
    assert request_cancels(Order.objects.all(), by=person, ids=[last_of(chain).pk]).created == 1


def test_a_later_cancel_stops_the_chain(moved: Chain) -> None:
    cancel(moved)

    assert reason_of(moved)[0] == "stopped"


def test_a_rest_after_a_refused_cancel_is_no_move(moved: Chain) -> None:
    end_partial(moved)
    step_chain(moved.pk)

    assert (reason_of(moved)[0], len(links_of(moved))) == ("done", 1)


def test_a_cancel_that_was_accepted_moves_the_chain(moved: Chain) -> None:
    Cancellation.objects.update(status="accepted")
    end_partial(moved, status="canceled", remains=1_000)
    step_chain(moved.pk)

    assert len(links_of(moved)) == 2
