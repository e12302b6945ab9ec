from __future__ import annotations

from collections.abc import Callable

import pytest

from providers.sandbox import Fate
from tests.sandbox.calling import Buyer


@pytest.fixture
def refilled(buyer: Buyer) -> Buyer:
    """Return a buyer whose first order, of a service with refills, is complete."""
    buyer.buy_completed(buyer.service(refill=True, cancel=True))
    return buyer


def first_order(buyer: Buyer) -> int:
    return next(iter(buyer.panel.orders))


class TestRefill:
    def test_a_completed_order_is_refilled_once_at_a_time(self, refilled: Buyer) -> None:
        order = first_order(refilled)
        refill = refilled.ask("refill", order=order)["refill"]
        assert refilled.ask("refill", order=order) == {"error": "The refill task is not completed for this order"}
        refilled.panel.advance(2_000)
        assert refilled.ask("refill_status", refill=refill) == {"status": "Completed"}
        assert refilled.ask("refill", order=order)["refill"] != refill

    def test_it_costs_nothing(self, refilled: Buyer) -> None:
        before = refilled.panel.balance
        refilled.ask("refill", order=first_order(refilled))
        assert refilled.panel.balance == before

    def test_an_order_at_work_is_not_eligible(self, buyer: Buyer) -> None:
        order = buyer.buy(buyer.service(refill=True))
        assert buyer.ask("refill", order=order.id) == {"error": "Order not eligible for refill."}

    @pytest.mark.parametrize("fate", [Fate.partial, Fate.canceled])
    def test_an_order_that_did_not_complete_is_not_eligible(self, buyer: Buyer, fate: Fate) -> None:
        order = buyer.buy(buyer.service(refill=True))
        buyer.panel.decide(order.id, fate)
        buyer.panel.advance(100_000)
        assert buyer.ask("refill", order=order.id) == {"error": "Order not eligible for refill."}

    def test_a_service_without_refills_refuses(self, buyer: Buyer) -> None:
        order = buyer.buy_completed(buyer.service(refill=False))
        assert buyer.ask("refill", order=order.id) == {"error": "Refill is disabled for this service"}

    @pytest.mark.parametrize("order", ["1", "abc", "1.5", "-1", "9" * 300])
    def test_an_unknown_order_is_refused(self, buyer: Buyer, order: str) -> None:
        assert buyer.ask("refill", order=order) == {"error": "Incorrect order ID"}

    def test_it_can_be_rejected(self, refilled: Buyer) -> None:
        refill = refilled.ask("refill", order=first_order(refilled))["refill"]
        refilled.panel.decide_refill(int(refill), Fate.rejected)
        words = []
        for _ in range(5):
            words.append(refilled.ask("refill_status", refill=refill)["status"])
            refilled.panel.advance(400)
        assert list(dict.fromkeys(words)) == ["Pending", "In progress", "Rejected"]

    def test_a_list_holds_a_row_for_every_order_requested(self, refilled: Buyer) -> None:
        order = first_order(refilled)
        assert refilled.ask("refill", orders=f"{order},{order},x") == [
            {"order": order, "refill": min(refilled.panel.books.refills)},
            {"order": order, "refill": {"error": "The refill task is not completed for this order"}},
            {"order": "x", "refill": {"error": "Incorrect order ID"}},
        ]


class TestCancel:
    def test_it_is_a_request_that_takes_effect_later(self, buyer: Buyer) -> None:
        before = buyer.panel.balance
        order = buyer.buy(buyer.service(cancel=True))
        assert buyer.ask("cancel", orders=order.id) == [{"order": order.id, "cancel": 1}]
        assert buyer.ask("status", order=order.id)["status"] == "Pending"
        assert buyer.panel.balance == before - order.charge
        buyer.panel.advance(1_000)
        row = buyer.ask("status", order=order.id)
        assert (row["status"], row["charge"], row["remains"]) == ("Canceled", "0", "100")
        assert buyer.panel.balance == before

    def test_what_was_delivered_by_then_is_kept(self, buyer: Buyer) -> None:
        before = buyer.panel.balance
        order = buyer.buy(buyer.service(cancel=True), quantity=1_000)
        while int(buyer.ask("status", order=order.id)["remains"]) > 700:
            buyer.panel.advance(20)
        buyer.ask("cancel", orders=order.id)
        buyer.panel.advance(1_000)
        row = buyer.ask("status", order=order.id)
        assert row["status"] == "Partial"
        assert 0 < int(row["remains"]) < 700
        assert 0 < before - buyer.panel.balance < order.charge

    def test_an_order_that_completes_first_stays_completed(self, buyer: Buyer) -> None:
        order = buyer.buy(buyer.service(cancel=True), quantity=1_000)
        while int(buyer.ask("status", order=order.id)["remains"]) > 20:
            buyer.panel.advance(10)
        balance = buyer.panel.balance
        assert buyer.ask("cancel", orders=order.id)[0]["cancel"] == 1
        buyer.panel.advance(1_000)
        assert buyer.ask("status", order=order.id)["status"] == "Completed"
        assert buyer.panel.balance == balance

    def test_it_can_be_requested_once(self, buyer: Buyer) -> None:
        order = buyer.buy(buyer.service(cancel=True))
        rows = buyer.ask("cancel", orders=f"{order.id},{order.id}")
        assert rows == [
            {"order": order.id, "cancel": {"error": "Order is already being canceled"}},
            {"order": order.id, "cancel": 1},
        ]

    def test_an_order_that_has_ended_is_too_late(self, buyer: Buyer) -> None:
        order = buyer.buy_completed(buyer.service(cancel=True))
        assert buyer.ask("cancel", orders=order.id)[0]["cancel"] == {"error": "Order already completed"}

    def test_a_service_without_cancels_refuses(self, buyer: Buyer) -> None:
        order = buyer.buy(buyer.service(cancel=False))
        error = buyer.ask("cancel", orders=order.id)[0]["cancel"]["error"]
        assert error == "Cancellation via API is not supported. Contact support."

    def test_it_is_in_the_books(self, buyer: Buyer) -> None:
        order = buyer.buy(buyer.service(cancel=True))
        buyer.ask("cancel", orders=f"{order.id},4")
        assert [cancel.order for cancel in buyer.box.ledger.cancels("smmplus")] == [order.id]
        assert buyer.panel.requests[-1].accepted == (str(order.id),)


def test_an_order_of_a_service_that_is_gone_can_be_polled(buyer_at: Callable[[str], Buyer]) -> None:
    buyer = buyer_at("smmprovider")
    order = buyer.buy()
    del buyer.panel.services[order.service]
    assert buyer.ask("status", order=order.id)["status"] == "Pending"
    assert "error" in buyer.ask("refill", order=order.id)
    assert "error" in buyer.ask("cancel", orders=order.id)[0]["cancel"]
