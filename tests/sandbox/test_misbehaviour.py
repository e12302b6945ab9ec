from __future__ import annotations

from collections.abc import Callable

import pytest

from providers.sandbox import Fault
from providers.sandbox.faults.rules import Misbehaviour
from tests.sandbox.calling import LINK, Buyer


def test_a_fault_is_for_the_actions_it_was_set_for(buyer: Buyer) -> None:
    buyer.panel.misbehave(Fault.maintenance, action=["add", "refill"])
    assert buyer.ask("balance")["balance"]
    assert buyer.ask("add") == buyer.ask("refill") == {"error": "Maintenance"}


def test_without_an_action_it_is_for_all_it_has_a_meaning_for(buyer: Buyer) -> None:
    buyer.panel.misbehave(Fault.negative_balance)
    buyer.panel.misbehave(Fault.bad_key)
    assert buyer.ask("balance")["balance"] == "-12.5"
    assert buyer.ask("services") == {"error": "Invalid API key"}


def test_it_ends_after_the_times_it_was_requested(buyer: Buyer) -> None:
    buyer.panel.misbehave(Fault.maintenance, times=2)
    assert [("error" in buyer.ask("balance")) for _ in range(4)] == [True, True, False, False]
    assert buyer.panel.misbehaviour.rules == []


def test_it_never_ends_by_itself_otherwise(buyer: Buyer) -> None:
    buyer.panel.misbehave(Fault.maintenance)
    assert all("error" in buyer.ask("balance") for _ in range(5))
    buyer.panel.behave()
    assert "error" not in buyer.ask("balance")


def test_one_rule_can_be_undone(buyer: Buyer) -> None:
    rule = buyer.panel.misbehave(Fault.maintenance)
    buyer.panel.misbehave(Fault.bad_key)
    buyer.panel.behave(rule)
    buyer.panel.behave(rule)
    assert buyer.ask("balance") == {"error": "Invalid API key"}


def test_a_probability_is_a_share_and_the_same_one_every_time() -> None:
    def draws() -> list[bool]:
        misbehaviour = Misbehaviour("seed")
        misbehaviour.add(Fault.bad_key, probability=0.3)
        return [misbehaviour.pick({"action": "add"}) is not None for _ in range(1_000)]

    assert 250 < sum(draws()) < 350
    assert draws() == draws()


def test_a_rule_that_chance_spares_does_not_count_down() -> None:
    misbehaviour = Misbehaviour("seed")
    misbehaviour.add(Fault.bad_key, probability=0.0, times=1)
    assert misbehaviour.pick({"action": "add"}) is None
    assert len(misbehaviour.rules) == 1


def test_a_look_at_the_parameters_chooses(buyer: Buyer) -> None:
    buyer.panel.misbehave(Fault.refused, action="add", match=lambda params: params["link"].endswith("/bad"))
    service = buyer.service().id
    assert "order" in buyer.ask("add", service=service, link=LINK, quantity=10)
    assert "error" in buyer.ask("add", service=service, link="https://example.com/bad", quantity=10)


def test_the_first_rule_that_applies_wins(buyer: Buyer) -> None:
    buyer.panel.misbehave(Fault.maintenance, action="add")
    buyer.panel.misbehave(Fault.bad_key)
    assert buyer.ask("add") == {"error": "Maintenance"}
    assert buyer.ask("balance") == {"error": "Invalid API key"}


def test_panels_misbehave_on_their_own(buyer_at: Callable[[str], Buyer]) -> None:
    buyer_at("smmplus").panel.misbehave(Fault.maintenance)
    assert "error" not in buyer_at("servsmm").ask("balance")


@pytest.mark.parametrize(
    ("fault", "action"), [(Fault.catalogue_empty, "add"), (Fault.id_null, "status"), (Fault.negative_balance, "refill")]
)
def test_a_fault_without_a_meaning_for_an_action_is_refused(buyer: Buyer, fault: Fault, action: str) -> None:
    with pytest.raises(ValueError, match=f"{fault} has no meaning for {action}"):
        buyer.panel.misbehave(fault, action=action)


def test_poison_needs_to_be_named(buyer: Buyer) -> None:
    with pytest.raises(ValueError, match="poison_id needs the ids"):
        buyer.panel.misbehave(Fault.poison_id)
