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


OWN_MOVES = {
    "queued": {"sending", "withdrawn", "held"},
    "sending": {"queued", "unconfirmed", "REFUSED", "PROVIDER"},
    "unconfirmed": {"queued", "given_up", "REFUSED", "PROVIDER"},
    "REFUSED": {"unconfirmed"},
    "withdrawn": set(),
    "given_up": set(),
    "held": {"queued", "withdrawn", "ACCEPTED"},
}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_the_hubs_own_states_lead_where_a_paid_call_leads_and_nowhere_else(machine: Machine) -> None:
    can_hold = machine in (statuses.ORDER, statuses.PRODUCT_ORDER)
    named = {"REFUSED": {machine.refused}, "ACCEPTED": {machine.accepted}, "PROVIDER": set(machine.at_provider)}
    for before, targets in OWN_MOVES.items():
        if before == "held" and not can_hold:
            assert "held" not in machine.moves
            continue
        wanted = {state for target in targets for state in named.get(target, {target})}
        if not can_hold:
            wanted -= {"held"} | ({"unconfirmed"} if before == "REFUSED" else set())
        (state,) = named.get(before, {before})
        assert machine.moves[state] == wanted, state


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_provider_may_say_each_of_its_words_after_each_other_one(machine: Machine) -> None:
    for before in machine.at_provider:
        assert machine.moves[before] == machine.at_provider - {before}
        assert not machine.may_follow(before, before)


def test_what_may_still_change_is_watched() -> None:
    assert set(statuses.LIVE) == {
        *("held", "queued", "sending", "unconfirmed"),
        *("pending", "processing", "in_progress"),
    }


def test_an_unknown_state_leads_nowhere() -> None:
    assert not statuses.ORDER.may_follow("invented", "pending")
    assert statuses.ORDER.sources_of("invented") == frozenset()
