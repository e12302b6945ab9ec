"""Faults of answers about several ids: rows that are missing, strange, or change their word."""

from __future__ import annotations

from typing import Any

import pytest

from providers.sandbox import Fault
from tests.sandbox.calling import Buyer


class TestBatches:
    @pytest.fixture
    def three(self, buyer: Buyer) -> list[int]:
        """Ids of three completed orders with refills."""
        orders = [buyer.buy(buyer.service(refill=True), link=f"https://example.com/{n}").id for n in range(3)]
        buyer.panel.advance(100_000)
        return orders

    def statuses(self, buyer: Buyer, orders: list[int], fault: Fault, **options: Any) -> Any:
        buyer.panel.misbehave(fault, action="status", **options)
        return buyer.ask("status", orders=",".join(map(str, orders)))

    def test_every_other_id_is_missing(self, buyer: Buyer, three: list[int]) -> None:
        assert list(self.statuses(buyer, three, Fault.missing_ids)) == [str(three[0]), str(three[2])]

    def test_chosen_ids_are_missing(self, buyer: Buyer, three: list[int]) -> None:
        reply = self.statuses(buyer, three, Fault.missing_ids, ids=three[:1])
        assert list(reply) == list(map(str, three[1:]))
        buyer.panel.misbehave(Fault.missing_ids, action="refill", ids=three[1:])
        assert [row["order"] for row in buyer.ask("refill", orders=",".join(map(str, three)))] == three[:1]

    def test_a_request_without_the_chosen_ids_is_spared(self, buyer: Buyer, three: list[int]) -> None:
        buyer.panel.misbehave(Fault.empty_body, action="status", ids=three[2:])
        assert len(buyer.ask("status", orders=f"{three[0]},{three[1]}")) == 2
        assert buyer.post("status", order=three[2]).text == ""

    def test_there_is_a_row_no_one_requested(self, buyer: Buyer, three: list[int]) -> None:
        reply = self.statuses(buyer, three[:2], Fault.extra_ids)
        assert len(reply) == 3
        assert set(map(str, three[:2])) < set(reply)

    def test_one_poison_id_spoils_the_batch(self, buyer: Buyer, three: list[int]) -> None:
        poisoned = self.statuses(buyer, three, Fault.poison_id, ids=[three[1]])
        assert poisoned == {"error": "Incorrect order IDs"}
        assert len(buyer.ask("status", orders=f"{three[0]},{three[2]}")) == 2
        assert buyer.ask("status", order=three[1]) == {"error": "Incorrect order IDs"}

    def test_a_list_where_an_object_is_due(self, buyer: Buyer, three: list[int]) -> None:
        reply = self.statuses(buyer, three, Fault.wrong_container)
        assert [row["status"] for row in reply] == ["Completed"] * 3

    def test_an_object_where_a_list_is_due(self, buyer: Buyer, three: list[int]) -> None:
        buyer.panel.misbehave(Fault.wrong_container, action="refill")
        assert list(buyer.ask("refill", orders=f"{three[0]},{three[1]}")) == ["0", "1"]

    def test_a_word_no_one_knows(self, buyer: Buyer, three: list[int]) -> None:
        reply = self.statuses(buyer, three, Fault.unknown_word)
        assert {row["status"] for row in reply.values()} == {"On hold"}

    def test_what_has_ended_is_at_work_again(self, buyer: Buyer, three: list[int]) -> None:
        fresh = buyer.buy().id
        reply = self.statuses(buyer, [three[0], fresh, 5], Fault.status_goes_back)
        assert [row.get("status") for row in reply.values()] == ["In progress", "Pending", None]

    def test_charges_change(self, buyer: Buyer, three: list[int]) -> None:
        charge = buyer.ask("status", order=three[0])["charge"]
        row = self.statuses(buyer, three, Fault.charge_changes)[str(three[0])]
        assert float(row["charge"]) == pytest.approx(3 * float(charge))
        assert isinstance(row["charge"], str)

    def test_charges_are_no_numbers(self, buyer: Buyer, three: list[int]) -> None:
        reply = self.statuses(buyer, three, Fault.charge_not_a_number)
        assert {row["charge"] for row in reply.values()} == {"NaN"}

    def test_refill_statuses_too(self, buyer: Buyer, three: list[int]) -> None:
        refills = [row["refill"] for row in buyer.ask("refill", orders=",".join(map(str, three)))]
        asked = ",".join(map(str, refills))
        for fault, count in ((Fault.missing_ids, 2), (Fault.extra_ids, 4)):
            rule = buyer.panel.misbehave(fault, action="refill_status")
            assert len(buyer.ask("refill_status", refills=asked)) == count
            buyer.panel.behave(rule)

    def test_figures_no_one_can_hold(self, buyer: Buyer, three: list[int]) -> None:
        buyer.panel.misbehave(Fault.huge_number, action="status", times=1)
        assert buyer.post("status", orders=three[0]).text.count("7" * 5_000) == 4

    def test_a_debt(self, buyer: Buyer) -> None:
        buyer.panel.misbehave(Fault.negative_balance)
        assert buyer.ask("balance") == {"balance": "-12.5", "currency": "USD"}
