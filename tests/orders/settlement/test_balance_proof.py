"""What the balance proves about a lost order."""

from __future__ import annotations

import pytest

from orders.settlement.evidence import evidence
from providers.models import BalanceReading, Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import send_order
from tests.helpers.lost_orders import lose, read_balance


@pytest.mark.django_db(transaction=True)
def test_the_balance_shows_whether_a_lost_order_was_charged(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    read_balance(box, provider)
    send_order(provider, service)
    lost = lose(box, provider, service)
    send_order(provider, service)
    assert evidence(lost).balance.open == "no_reading"

    read_balance(box, provider)
    move = evidence(lost).balance

    assert move.charged is True
    assert lost.expected_charge is not None
    assert move.others == 2 * lost.expected_charge


@pytest.mark.django_db(transaction=True)
def test_a_balance_that_did_not_move_says_that_nothing_was_charged(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    read_balance(box, provider)
    # Seen once with the figures that such an order moves.
    send_order(provider, service)
    read_balance(box, provider)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    read_balance(box, provider)
    assert BalanceReading.objects.count() == 2

    assert evidence(lost).balance.charged is False


@pytest.mark.django_db(transaction=True)
def test_a_balance_rounded_more_coarsely_than_the_price_proves_nothing(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    read_balance(box, provider)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    read_balance(box, provider)
    BalanceReading.objects.update(balance=100)

    move = evidence(lost).balance
    assert (move.charged, move.open) == (None, "too_small")


@pytest.mark.django_db(transaction=True)
def test_another_lost_order_in_between_leaves_the_balance_open(box: Sandbox, account: tuple[Provider, Service]) -> None:
    provider, service = account
    read_balance(box, provider)
    box.panel("smmplus").misbehave(Fault.reset_before_accept, action="add", times=1)
    lost = send_order(provider, service)
    lose(box, provider, service)
    read_balance(box, provider)

    move = evidence(lost).balance

    assert (move.charged, move.open) == (None, "others_open")
