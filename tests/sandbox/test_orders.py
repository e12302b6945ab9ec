"""Orders over time as a buyer sees them: figures, refunds, runs and posts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from providers.sandbox import Fate
from tests.sandbox.calling import LINK, Buyer

DAY = 86_400


def test_an_order_is_seen_to_move_to_completed(buyer: Buyer) -> None:
    order = buyer.buy(quantity=100)
    words, remains = [], []
    for _ in range(60):
        row = buyer.ask("status", order=order.id)
        words.append(row["status"])
        remains.append(int(row["remains"]))
        buyer.panel.advance(30)
    assert list(dict.fromkeys(words)) == ["Pending", "Processing", "In progress", "Completed"]
    assert remains == sorted(remains, reverse=True)
    assert len(set(remains)) > 5
    assert remains[-1] == 0


@pytest.mark.parametrize(
    ("fate", "status", "delivered"), [(Fate.partial, "Partial", 60), (Fate.canceled, "Canceled", 0)]
)
def test_what_was_not_delivered_is_refunded_once(buyer: Buyer, fate: Fate, status: str, delivered: int) -> None:
    before = buyer.panel.balance
    order = buyer.buy(quantity=100)
    buyer.panel.decide(order.id, fate, share=0.6)
    assert buyer.panel.balance == before - order.charge
    buyer.panel.advance(DAY)
    row = buyer.ask("status", order=order.id)
    kept = (order.charge * delivered / 100).quantize(Decimal("0.00001"))
    assert (row["status"], row["remains"]) == (status, str(100 - delivered))
    assert Decimal(row["charge"]) == kept
    assert buyer.panel.balance == before - kept
    buyer.panel.advance(DAY)
    assert buyer.panel.balance == before - kept


def test_nothing_is_refunded_before_the_end(buyer: Buyer) -> None:
    order = buyer.buy()
    buyer.panel.decide(order.id, Fate.canceled)
    balance = buyer.panel.balance
    buyer.panel.advance(60)
    assert buyer.ask("status", order=order.id)["status"] == "Pending"
    assert buyer.panel.balance == balance


def test_a_decision_can_be_undone(buyer: Buyer) -> None:
    order = buyer.buy()
    buyer.panel.decide(order.id, Fate.canceled)
    buyer.panel.decide(order.id, Fate.completed)
    balance = buyer.panel.balance
    buyer.panel.advance(DAY)
    assert buyer.ask("status", order=order.id)["status"] == "Completed"
    assert buyer.panel.balance == balance


def test_smmvna_sometimes_delivers_too_much(buyer_at: Callable[[str], Buyer]) -> None:
    buyer = buyer_at("smmvna")
    orders = [buyer.buy(quantity=100, link=f"https://example.com/{number}") for number in range(30)]
    buyer.panel.advance(DAY)
    remains = [int(buyer.ask("status", order=order.id)["remains"]) for order in orders]
    assert max(remains) == 0
    assert -3 <= min(remains) < 0


def test_others_never_deliver_too_much(buyer: Buyer) -> None:
    orders = [buyer.buy(quantity=100, link=f"https://example.com/{number}") for number in range(30)]
    buyer.panel.advance(DAY)
    assert {buyer.ask("status", order=order.id)["remains"] for order in orders} == {"0"}


def test_a_surplus_can_be_decided(buyer: Buyer) -> None:
    order = buyer.buy()
    buyer.panel.decide(order.id, Fate.completed, surplus=2)
    buyer.panel.advance(DAY)
    assert buyer.ask("status", order=order.id)["remains"] == "-2"


class TestDripFeed:
    def test_runs_become_orders_of_their_own_as_time_passes(self, buyer: Buyer) -> None:
        parent = buyer.buy(quantity=100, runs=3, interval=60)
        assert buyer.ask("status", order=parent.id)["orders"] == [str(parent.id + 1)]
        foreign = buyer.panel.inject_foreign(2)
        buyer.panel.advance(3_600)
        row = buyer.ask("status", order=parent.id)
        assert row["orders"] == [str(parent.id + 1), str(foreign[-1] + 1)]
        assert (row["status"], row["runs"]) == ("In progress", "3")
        child = buyer.ask("status", order=parent.id + 1)
        assert child["status"] == "Completed"
        assert "orders" not in child

    def test_it_completes_with_its_last_run(self, buyer: Buyer) -> None:
        before = buyer.panel.balance
        parent = buyer.buy(quantity=100, runs=3, interval=60)
        buyer.panel.advance(2 * 3_600 + 60)
        assert buyer.ask("status", order=parent.id)["status"] == "In progress"
        buyer.panel.advance(DAY)
        row = buyer.ask("status", order=parent.id)
        assert (row["status"], row["remains"], len(row["orders"])) == ("Completed", "0", 3)
        assert buyer.panel.balance == before - parent.charge

    def test_the_charge_is_shared_among_the_runs(self, buyer: Buyer) -> None:
        parent = buyer.buy(quantity=10, runs=7, interval=1)
        buyer.panel.advance(DAY)
        children = [order for order in buyer.panel.orders.values() if order.parent == parent.id]
        assert sum(child.charge for child in children) == parent.charge

    def test_it_makes_no_difference_when_someone_looks(self, buyer_at: Callable[[str], Buyer]) -> None:
        rows = []
        for slug, steps in (("smmplus", 1), ("smmprovider", 40)):
            buyer = buyer_at(slug)
            parent = buyer.buy(quantity=10, runs=5, interval=30)
            for _ in range(steps):
                buyer.panel.advance(2.5 * 3_600 / steps)
                buyer.ask("status", order=parent.id)
            children = [order for order in buyer.panel.orders.values() if order.parent == parent.id]
            rows.append([child.since - parent.since for child in children])
        assert rows[0] == rows[1] == [0, 1_800, 3_600, 5_400, 7_200]

    def test_a_canceled_one_makes_no_more_runs_and_gives_the_rest_back(self, buyer: Buyer) -> None:
        before = buyer.panel.balance
        parent = buyer.buy(buyer.service(cancel=True), quantity=100, runs=4, interval=60)
        buyer.panel.advance(3_600 - 60)
        assert buyer.ask("cancel", orders=parent.id)[0]["cancel"] == 1
        buyer.panel.advance(DAY)
        row = buyer.ask("status", order=parent.id)
        assert (row["status"], row["remains"], len(row["orders"])) == ("Partial", "300", 1)
        assert Decimal(row["charge"]) == (parent.charge / 4).quantize(Decimal("0.00001"))
        assert buyer.panel.balance == before - Decimal(row["charge"])

    def test_a_run_that_fails_makes_it_partial(self, buyer: Buyer) -> None:
        parent = buyer.buy(quantity=100, runs=2, interval=60)
        buyer.panel.decide(parent.id + 1, Fate.partial, share=0.5)
        before = buyer.panel.balance
        buyer.panel.advance(DAY)
        row = buyer.ask("status", order=parent.id)
        assert (row["status"], row["remains"]) == ("Partial", "50")
        assert buyer.panel.balance == before + parent.charge - Decimal(row["charge"])


class TestSubscription:
    def subscribe(self, buyer: Buyer, **params: object) -> int:
        service = buyer.service("Subscriptions")
        given = {"username": "@ann", "min": 100, "max": 200, "delay": 0, **params}
        return int(buyer.ask("add", service=service.id, **given)["order"])

    def test_it_has_no_figures_and_lists_its_posts(self, buyer: Buyer) -> None:
        parent = self.subscribe(buyer)
        assert buyer.ask("status", order=parent) == {"status": "Active", "expiry": None, "posts": "0", "orders": []}
        buyer.panel.advance(2 * 3_600)
        row = buyer.ask("status", order=parent)
        assert int(row["posts"]) == len(row["orders"]) >= 2

    def test_each_post_is_an_order_charged_when_it_appears(self, buyer: Buyer) -> None:
        before, parent = buyer.panel.balance, self.subscribe(buyer, posts=3)
        assert buyer.panel.balance == before
        buyer.panel.advance(DAY)
        children = [order for order in buyer.panel.orders.values() if order.parent == parent]
        assert len(children) == 3
        assert all(100 <= child.quantity <= 200 for child in children)
        assert buyer.panel.balance == before - sum(child.charge for child in children)
        assert buyer.ask("status", order=parent)["status"] == "Completed"
        assert buyer.ask("status", order=children[0].id)["status"] == "Completed"

    def test_old_posts_are_served_first(self, buyer: Buyer) -> None:
        parent = self.subscribe(buyer, old_posts=4, posts=1)
        buyer.panel.advance(120)
        assert len(buyer.ask("status", order=parent)["orders"]) == 4

    def test_the_delay_is_waited_for(self, buyer: Buyer) -> None:
        parent = self.subscribe(buyer, old_posts=1, posts=1, delay=90)
        buyer.panel.advance(89 * 60)
        assert buyer.ask("status", order=parent)["orders"] == []
        buyer.panel.advance(3 * 60)
        assert len(buyer.ask("status", order=parent)["orders"]) == 1

    def test_it_expires_at_the_end_of_its_day(self, buyer: Buyer) -> None:
        parent = self.subscribe(buyer, expiry="18/03/2030")
        buyer.panel.advance(3 * DAY)
        row = buyer.ask("status", order=parent)
        assert (row["status"], row["expiry"]) == ("Expired", "18/03/2030")
        posts = row["posts"]
        buyer.panel.advance(3 * DAY)
        assert buyer.ask("status", order=parent)["posts"] == posts

    def test_it_pauses_without_money_and_goes_on_with_it(self, buyer: Buyer) -> None:
        parent = self.subscribe(buyer)
        buyer.panel.balance = 0
        buyer.panel.advance(3 * 3_600)
        assert buyer.ask("status", order=parent)["status"] == "Paused"
        assert buyer.panel.balance == 0
        buyer.panel.balance = 100
        buyer.panel.advance(3 * 3_600)
        assert buyer.ask("status", order=parent)["status"] == "Active"

    def test_a_canceled_one_serves_no_more_posts(self, buyer: Buyer) -> None:
        service = buyer.service("Subscriptions", cancel=True)
        given = {"username": "ann", "min": service.minimum, "max": service.minimum, "delay": 0}
        parent = buyer.ask("add", service=service.id, **given)["order"]
        assert buyer.ask("cancel", orders=parent)[0]["cancel"] == 1
        buyer.panel.advance(DAY)
        assert buyer.ask("status", order=parent) == {"status": "Canceled", "expiry": None, "posts": "0", "orders": []}

    def test_it_cannot_be_refilled(self, buyer: Buyer) -> None:
        parent = self.subscribe(buyer, posts=1)
        buyer.panel.advance(DAY)
        assert "error" in buyer.ask("refill", order=parent)


def test_children_can_be_polled_with_their_parent(buyer: Buyer) -> None:
    parent = buyer.buy(quantity=50, runs=2, interval=1, link=LINK)
    buyer.panel.advance(120)
    reply = buyer.ask("status", orders=f"{parent.id},{parent.id + 1},{parent.id + 2}")
    assert [("orders" in row) for row in reply.values()] == [True, False, False]
