"""The books: what they hold, that they survive, and that another process can read them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from providers.sandbox import Fate, Fault, Ledger, Sandbox
from providers.sandbox.books.journal import decode, encode
from providers.sandbox.books.records import Call, Movement, Order, ProductOrder
from tests.helpers.waiting import wait_until
from tests.sandbox.calling import LINK, Buyer

ROOT = Path(__file__).parents[2]
SERVE = """
import sys
from providers.sandbox import Sandbox
box = Sandbox(state=sys.argv[1]).start()
print(box.port, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return where a sandbox may keep its books."""
    return tmp_path / "books" / "sandbox.sqlite3"


@pytest.fixture
def process(state: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a sandbox in a process of its own, and the address of its smm.plus."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(state)], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdout is not None
        yield started, f"http://127.0.0.1:{int(started.stdout.readline())}/smmplus/api/v2"
        started.kill()


def test_everything_accepted_is_in_the_books(buyer_at_vna: Buyer) -> None:
    buyer, ledger = buyer_at_vna, buyer_at_vna.box.ledger
    order = buyer.buy_completed(buyer.service(refill=True))
    refill = int(buyer.ask("refill", order=order.id)["refill"])
    product = buyer.ask("add_product_order", product=5, quantity=4, require="for me")["order"]
    assert [found.id for found in ledger.orders("smmvna")] == [order.id]
    assert ledger.orders("smmvna")[0] == order
    assert order.parameters == {"link": LINK, "quantity": "100"}
    assert [(found.id, found.order) for found in ledger.refills("smmvna")] == [(refill, order.id)]
    bought = ledger.product_orders("smmvna")[0]
    assert (bought.id, bought.product, bought.quantity, bought.require, bought.charge) == (
        product, 5, 4, "for me", Decimal(2),
    )  # fmt: skip
    assert ledger.panels() == sorted(buyer.box.panels)


@pytest.fixture
def buyer_at_vna(box: Sandbox) -> Buyer:
    """Return a buyer at the panel that sells products too."""
    return Buyer(box, "smmvna")


def test_every_call_is_logged_with_its_outcome(buyer: Buyer) -> None:
    buyer.panel.misbehave(Fault.reset_after_accept, action="add", times=1)
    with pytest.raises(requests.ConnectionError):
        buyer.post("add", service=buyer.service().id, link=LINK, quantity=50)
    buyer.ask("status", order="4")
    buyer.ask("balance", key="wrong")
    added, asked, refused = buyer.box.ledger.calls("smmplus")
    order = buyer.box.ledger.orders("smmplus")[0]
    assert added == buyer.panel.requests[0]
    assert (added.action, added.fault, added.accepted) == ("add", "reset_after_accept", (str(order.id),))
    assert added.params == {"service": str(order.service), "link": LINK, "quantity": "50"}
    assert (asked.action, asked.params, asked.error) == ("status", {"order": "4"}, "Incorrect order ID")
    assert (refused.action, refused.error, refused.accepted) == ("balance", "Invalid API key", ())


def test_the_key_is_in_no_book(buyer: Buyer, state: Path) -> None:
    with Sandbox(state=state, only=["smmplus"]) as box:
        Buyer(box, "smmplus").buy()
        dump = "\n".join(sqlite3.connect(state).iterdump())
        assert box.key("smmplus") not in dump


def test_movements_explain_the_balance(buyer: Buyer) -> None:
    ledger = buyer.box.ledger
    order = buyer.buy()
    buyer.panel.decide(order.id, Fate.partial, share=0.25)
    buyer.panel.advance(100_000)
    buyer.panel.balance += 5
    movements = ledger.movements("smmplus")
    assert [(movement.kind, movement.reference) for movement in movements] == [
        ("opening", ""), ("charge", f"order:{order.id}"), ("refund", f"order:{order.id}"), ("adjustment", ""),
    ]  # fmt: skip
    assert movements[1].amount == -order.charge
    assert ledger.balance("smmplus") == buyer.panel.balance


def test_children_are_there_for_who_asks_for_them(buyer: Buyer) -> None:
    parent = buyer.buy(quantity=10, runs=2, interval=1)
    buyer.panel.advance(100)
    assert [order.id for order in buyer.box.ledger.orders("smmplus")] == [parent.id]
    assert len(buyer.box.ledger.orders("smmplus", children=True)) == 3


def test_a_restart_goes_on_where_it_ended(state: Path) -> None:
    now = 1_900_000_000.0
    with Sandbox(state=state, clock=lambda: now) as box:
        buyer, shopper = Buyer(box, "smmplus"), Buyer(box, "smmvna")
        done = buyer.buy_completed(buyer.service(refill=True))
        refill = buyer.ask("refill", order=done.id)["refill"]
        parent = buyer.buy(quantity=10, runs=3, interval=60)
        failing = buyer.buy()
        buyer.panel.decide(failing.id, Fate.canceled)
        product = shopper.ask("add_product_order", product=1, quantity=2)["order"]
        balances = [panel.balance for panel in box.panels.values()]
        last = max(buyer.panel.orders)
    with Sandbox(state=state, clock=lambda: now) as box:
        buyer, shopper = Buyer(box, "smmplus"), Buyer(box, "smmvna")
        assert [panel.balance for panel in box.panels.values()] == balances
        assert buyer.ask("status", order=done.id)["status"] == "Completed"
        assert buyer.ask("refill_status", refill=refill) == {"status": "Pending"}
        assert buyer.buy().id > last
        box.advance(100_000)
        assert buyer.ask("refill_status", refill=refill) == {"status": "Completed"}
        assert len(buyer.ask("status", order=parent.id)["orders"]) == 3
        assert buyer.ask("status", order=failing.id)["status"] == "Canceled"
        assert shopper.ask("product_order_status", order=product)["status"] == "Completed"
        assert shopper.ask("products")[0]["inventory"] == 38
        refunded = box.ledger.balance("smmplus")
    with Sandbox(state=state, clock=lambda: now) as box:
        assert box.panel("smmplus").balance == refunded
        assert Buyer(box, "smmvna").ask("products")[0]["inventory"] == 38


def test_orders_go_on_while_the_sandbox_is_switched_off(state: Path) -> None:
    with Sandbox(state=state, clock=lambda: 1_900_000_000.0, speed=60) as box:
        order = Buyer(box, "smmplus").buy()
    with Sandbox(state=state, clock=lambda: 1_900_000_060.0, speed=1) as box:
        assert Buyer(box, "smmplus").ask("status", order=order.id)["status"] == "Completed"


def test_another_process_reads_along(process: tuple[subprocess.Popen[str], str], state: Path) -> None:
    _, url = process
    ledger = Ledger.open(state)
    service = next(row for row in ask(url, action="services") if row["type"] == "Default")
    for count in range(1, 4):
        ask(url, action="add", service=service["service"], link=LINK, quantity=100)
        assert len(ledger.orders("smmplus")) == count
    ledger.close()


def test_what_was_answered_survives_a_kill(process: tuple[subprocess.Popen[str], str], state: Path) -> None:
    running, url = process
    service = next(row for row in ask(url, action="services") if row["type"] == "Default")
    placed: list[int] = []

    def buy() -> None:
        try:
            while True:
                placed.append(ask(url, action="add", service=service["service"], link=LINK, quantity=10)["order"])
        except requests.RequestException:
            return

    buyers = [Thread(target=buy) for _ in range(4)]
    for thread in buyers:
        thread.start()
    wait_until(lambda: len(placed) >= 40, what="forty orders")
    os.kill(running.pid, signal.SIGKILL)
    for thread in buyers:
        thread.join()
    ledger = Ledger.open(state)
    accepted = ledger.orders("smmplus")
    assert set(placed) <= {order.id for order in accepted}
    assert len(set(placed)) == len(placed)
    assert len(accepted) <= len(placed) + len(buyers)
    logged = [number for call in ledger.calls("smmplus") for number in call.accepted]
    assert sorted(map(int, logged)) == [order.id for order in accepted]
    charged = sum(movement.amount for movement in ledger.movements("smmplus") if movement.kind == "charge")
    assert -charged == sum(order.charge for order in accepted)
    ledger.close()
    with Sandbox(state=state) as box:
        assert Buyer(box, "smmplus").buy().id > max(placed)


def ask(url: str, **params: object) -> Any:
    response = requests.post(url, data={"key": "sandbox-smmplus-key", **params}, timeout=10)
    return response.json()


def test_a_ledger_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        Ledger.open(tmp_path / "none.sqlite3")
    assert not list(tmp_path.iterdir())


def test_a_panel_that_was_never_opened_has_empty_books(box: Sandbox) -> None:
    assert box.ledger.orders("elsewhere") == []
    assert box.ledger.balance("elsewhere") == 0
    assert box.ledger.state("elsewhere") == {}


def test_old_calls_are_dropped_and_nothing_else(buyer: Buyer) -> None:
    buyer.buy()
    for _ in range(5):
        buyer.ask("balance")
    buyer.box._journal.drop_calls("smmplus", keep=2)
    assert [call.action for call in buyer.box.ledger.calls("smmplus")] == ["balance", "balance"]
    assert len(buyer.box.ledger.movements("smmplus")) == 2
    assert len(buyer.box.ledger.orders("smmplus")) == 1


def test_the_last_calls_can_be_had_alone(buyer: Buyer) -> None:
    for action in ("balance", "services", "nonsense"):
        buyer.ask(action)
    assert [call.action for call in buyer.box.ledger.calls("smmplus", last=2)] == ["services", "nonsense"]


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (Movement, Movement("charge", "order:1", Decimal("-0.10000000"), 1.5)),
        (Call, Call("add", {"link": "ก"}, 1.0, "", ("1", "2"), "")),
        (ProductOrder, ProductOrder(1, 2, 3, "x", Decimal("7.5"), 1.0, 2.0, 3.0, Fate.partial, 0.5, None)),
    ],
)
def test_records_are_read_as_they_were_written(kind: Any, record: Any) -> None:
    assert decode(kind, encode(record)) == record


def test_an_order_is_read_as_it_was_written(buyer: Buyer) -> None:
    order = buyer.buy(runs=2, interval=5)
    assert decode(Order, encode(order)) == order
