"""Which state may follow which, and that the tables and the models name the same ones."""

from __future__ import annotations

import pytest

from orders import statuses
from orders.statuses import Machine
from orders.submission.call_types import CALL_TYPES, CallType

MACHINES = [statuses.ORDER, statuses.PRODUCT_ORDER, statuses.REFILL, statuses.CANCELLATION]


@pytest.mark.parametrize("kind", CALL_TYPES, ids=lambda kind: kind.slug)
def test_the_machine_and_the_model_name_the_same_states(kind: CallType) -> None:
    field = kind.model._meta.get_field("status")
    known = {value for value, _label in field.choices}

    machine = kind.machine
    assert set(machine.moves) == known
    assert {after for targets in machine.moves.values() for after in targets} <= known
    assert {machine.refused, machine.accepted} <= known
    assert all(len(value) <= field.max_length for value in known)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_what_is_settled_for_good_stays(machine: Machine) -> None:
    for end in (statuses.WITHDRAWN, statuses.GIVEN_UP):
        assert not machine.moves[end]
    # What costs money and was rejected because the balance stood still is doubtful again when it moves after all.
    buys = statuses.HELD in machine.moves
    assert machine.moves[machine.refused] == (frozenset({statuses.UNCONFIRMED}) if buys else frozenset())


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_only_a_claim_leads_onto_the_wire(machine: Machine) -> None:
    assert machine.sources_of(statuses.SENDING) == {statuses.QUEUED}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_nothing_the_provider_has_is_ever_queued_again(machine: Machine) -> None:
    assert not machine.sources_of(statuses.QUEUED) & machine.at_provider


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_what_was_on_the_wire_cannot_be_withdrawn(machine: Machine) -> None:
    assert machine.sources_of(statuses.WITHDRAWN) <= statuses.UNSENT


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_an_unconfirmed_one_can_be_settled_in_every_way(machine: Machine) -> None:
    assert machine.moves[statuses.UNCONFIRMED] == {
        statuses.QUEUED,
        statuses.GIVEN_UP,
        machine.refused,
        *machine.at_provider,
    }


@pytest.mark.parametrize(
    ("before", "after"), [("completed", "refunded"), ("completed", "in_progress"), ("refunded", "pending")]
)
def test_a_provider_may_say_any_of_its_words_after_any_other(before: str, after: str) -> None:
    assert statuses.ORDER.may_follow(before, after)
    assert statuses.PRODUCT_ORDER.may_follow(before, after)


@pytest.mark.parametrize(
    ("before", "after"), [("queued", "pending"), ("rejected", "queued"), ("pending", "queued"), ("held", "sending")]
)
def test_what_may_not_follow(before: str, after: str) -> None:
    assert not statuses.ORDER.may_follow(before, after)


def test_the_names_that_stay_put() -> None:
    own = {"held", "queued", "sending", "unconfirmed", "rejected", "withdrawn", "given_up"}
    assert own == statuses.OWN
    assert {"completed", "partial", "canceled", "refunded", "failed"} == statuses.FINAL
    assert set(statuses.OrderStatus.values) == own | statuses.OPEN | statuses.FINAL
    assert set(statuses.OrderStatus.values) - set(statuses.ProductOrderStatus.values) == {"processing"}
