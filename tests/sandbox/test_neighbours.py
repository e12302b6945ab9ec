from __future__ import annotations

from itertools import pairwise

from providers.sandbox import Sandbox
from tests.sandbox.calling import LINK, Buyer


def test_other_customers_take_ids_by_themselves() -> None:
    with Sandbox(neighbours=3, only=["smmplus"]) as box:
        buyer = Buyer(box, "smmplus")
        ids = [buyer.buy().id for _ in range(12)]
    gaps = {later - earlier for earlier, later in pairwise(ids)}
    assert gaps <= {1, 2, 3, 4}
    assert len(gaps) > 1


def test_refills_and_product_orders_have_sequences_of_their_own() -> None:
    with Sandbox(neighbours=0, only=["smmvna"]) as box:
        buyer = Buyer(box, "smmvna")
        order = buyer.buy()
        product = buyer.ask("add_product_order", product=1, quantity=1)["order"]
    assert order.id == product == 99_999


def test_the_stock_empties_while_others_buy() -> None:
    with Sandbox(neighbours=3, only=["smmvna"]) as box:
        buyer = Buyer(box, "smmvna")
        before = sum(row.get("inventory", 0) for row in buyer.ask("products"))
        for _ in range(10):
            buyer.ask("add_product_order", product=4, quantity=1, require="me@example.com")
        assert sum(row.get("inventory", 0) for row in buyer.ask("products")) < before


def test_a_quiet_panel_gives_all_ids_to_us() -> None:
    with Sandbox(neighbours=0, only=["smmplus"]) as box:
        buyer = Buyer(box, "smmplus")
        ids = [buyer.buy(link=LINK).id for _ in range(5)]
    assert ids == list(range(ids[0], ids[0] + 5))
