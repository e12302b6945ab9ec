"""What was being sent when its chain was stopped or flagged isn't sent again; a late id takes of the limit."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from orders import link_hooks
from orders.models import Attempt, BalanceCheck, Chain, Order, Settlement
from orders.placement.services import approve_order
from orders.routes.decisions import CannotStep, buy_elsewhere, continue_chain, stop_chain
from orders.routes.late_truth import note_late_purchase
from orders.routes.steps import step_chain
from orders.submission.call_types import ORDERS
from orders.submission.results import CallOutcome, Result
from orders.submission.row_moves import drop_claim
from tests.helpers.makers import make_person
from tests.helpers.routes import accept, answer, end_partial, last_of, links_of, make_chain, reason_of, refuse
from tests.helpers.submission import record
from tests.helpers.time_passing import pass_time

pytestmark = pytest.mark.django_db


def begin(link: Order) -> uuid.UUID:
    """Let a worker claim an order and begin its call; the token of the try."""
    token, now = uuid.uuid4(), timezone.now()
    Order.objects.filter(pk=link.pk).update(status="sending", claim=token, claimed_at=now)
    Attempt.objects.create(order=link, provider=link.provider, action="add", call=token, started_at=now)
    link.refresh_from_db()
    return token


def statuses_of(chain: Chain) -> list[str]:
    return [link.status for link in links_of(chain)]


@pytest.mark.parametrize("outcome", [CallOutcome.POSTPONED, CallOutcome.NOT_SENT])
def test_a_rest_that_was_being_sent_at_a_late_word_is_held(outcome: CallOutcome) -> None:
    chain = make_chain()
    first = end_partial(chain)
    step_chain(chain.pk)
    token = begin(last_of(chain))
    answer(first, "completed", remains=0, charge="0.90")
    assert reason_of(chain) == ("flagged", "second_purchase")

    record(last_of(chain), token, Result(outcome))

    assert statuses_of(chain) == ["completed", "held"]
    assert approve_order(last_of(chain), by=make_person("orders.approve_order"))
    token = begin(last_of(chain))
    record(last_of(chain), token, Result(outcome))
    assert statuses_of(chain) == ["completed", "queued"]


def test_what_was_being_sent_at_a_stop_is_withdrawn_when_it_was_not_taken() -> None:
    chain = make_chain()
    token = begin(last_of(chain))
    assert stop_chain(chain, by=None)

    record(last_of(chain), token, Result(CallOutcome.POSTPONED))

    chain.refresh_from_db()
    assert (statuses_of(chain), chain.status) == (["withdrawn"], "stopped")
    assert chain.reserved == 0


def test_a_claim_that_went_stale_after_a_stop_is_withdrawn() -> None:
    chain = make_chain()
    token = begin(last_of(chain))
    stop_chain(chain, by=None)

    drop_claim(ORDERS, token)

    assert statuses_of(chain) == ["withdrawn"]


def test_what_a_person_sends_again_after_a_stop_is_sent_until_it_is_taken() -> None:
    chain = make_chain()
    token = begin(last_of(chain))
    stop_chain(chain, by=None)
    record(last_of(chain), token, Result(CallOutcome.UNKNOWN))
    pass_time(1)
    token = begin(last_of(chain))

    record(last_of(chain), token, Result(CallOutcome.POSTPONED))

    assert statuses_of(chain) == ["queued"]


def test_a_late_id_after_a_stop_takes_of_the_limit() -> None:
    chain = make_chain()
    stop_chain(chain, by=None)
    link = last_of(chain)
    Chain.objects.filter(pk=chain.pk).update(reserved=chain.ceiling)
    Attempt.objects.create(order=link, provider=link.provider, action="add", outcome="accepted", late_id="77")

    link_hooks.links_changed([link.pk])

    chain.refresh_from_db()
    assert (chain.status, chain.reserved) == ("flagged", chain.ceiling)


def test_an_order_that_the_balance_reopens_flags_its_stopped_chain_and_takes_of_the_limit() -> None:
    chain = make_chain()
    link = last_of(chain)
    attempt = refuse(link, outcome="unknown", problem="")
    BalanceCheck.objects.create(provider=link.provider, order=link, attempt=attempt, state="rejected")
    stop_chain(chain, by=None)
    chain.refresh_from_db()
    assert chain.reserved == 0

    assert note_late_purchase(link)

    chain.refresh_from_db()
    assert (chain.status, chain.reason, chain.reserved) == ("flagged", "late_answer", chain.ceiling)


def test_nothing_is_bought_elsewhere_before_someone_dealt_with_a_late_id() -> None:
    chain = make_chain()
    link = last_of(chain)
    refuse(link, problem="link")
    step_chain(chain.pk)
    Attempt.objects.filter(order=link).update(late_id="77")
    person = make_person("orders.add_order", "orders.view_order")

    with pytest.raises(CannotStep, match="sent already"):
        buy_elsewhere(chain, by=person, reason="mine")

    Settlement.objects.create(
        kind="order", way="second_seen", external_id="77", order=link, provider=link.provider, reason="canceled there"
    )
    buy_elsewhere(chain, by=person, reason="mine")
    assert statuses_of(chain) == ["rejected", "queued"]


def test_a_rest_that_went_on_between_two_looks_did_not_stand() -> None:
    chain = make_chain()
    link = accept(last_of(chain))
    answer(link, "partial", remains=400)
    pass_time(6)
    answer(link, "in_progress", remains=400)
    pass_time(6)
    answer(link, "partial", remains=400)
    step_chain(chain.pk)
    assert statuses_of(chain) == ["partial"]

    pass_time(11)
    answer(link, "partial", remains=400)
    step_chain(chain.pk)

    assert statuses_of(chain) == ["partial", "queued"]


def test_a_person_lets_a_flagged_chain_go_on_as_before() -> None:
    chain = make_chain()
    end_partial(chain)
    Chain.objects.filter(pk=chain.pk).update(status="flagged", reason="second_purchase")

    assert continue_chain(chain, by=make_person(), reason="looked")
    step_chain(chain.pk)

    assert statuses_of(chain) == ["partial", "queued"]


def test_what_a_late_reply_says_was_accepted_counts_against_the_ceiling() -> None:
    chain = make_chain(ceiling=Decimal("1.50"))
    refuse(last_of(chain))
    Attempt.objects.update(late_id="77")
    Settlement.objects.create(
        kind="order", way="second_seen", external_id="77", order=last_of(chain), provider=last_of(chain).provider
    )

    with pytest.raises(CannotStep, match="ceiling"):
        buy_elsewhere(chain, by=make_person("orders.add_order"), reason="mine")
