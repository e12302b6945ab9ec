from __future__ import annotations

from typing import Any

import pytest
import requests

from providers.sandbox import Fault, Sandbox
from tests.sandbox.calling import Buyer


def control(box: Sandbox, act: str, **orders: object) -> requests.Response:
    return requests.post(f"{box.address}/control/{act}", json=orders, timeout=5)


def test_the_page_says_what_it_is(box: Sandbox) -> None:
    response = requests.get(f"{box.address}/", timeout=5)
    assert response.headers["Content-Type"].startswith("text/html")
    assert "This is a sandbox" in response.text
    assert all(box.url(slug) in response.text for slug in box.panels)
    assert all(fault in response.text for fault in Fault)
    assert not any(panel.key in response.text for panel in box.panels.values())
    assert "<script" not in response.text


def test_a_fault_can_be_ordered(buyer: Buyer) -> None:
    reply = control(buyer.box, "misbehave", panel="smmplus", fault="maintenance", action="balance", times=1)
    assert reply.json()["faults"] == [
        {"fault": "maintenance", "action": ["balance"], "times": 1, "probability": None, "seconds": 35.0}
    ]
    assert buyer.ask("balance") == {"error": "Maintenance"}
    assert "balance" in buyer.ask("balance")


def test_all_faults_can_be_undone(buyer: Buyer) -> None:
    control(buyer.box, "misbehave", panel="smmplus", fault="bad_key")
    assert control(buyer.box, "behave", panel="smmplus").json()["faults"] == []
    assert "balance" in buyer.ask("balance")


def test_time_can_be_skipped(buyer: Buyer) -> None:
    order = buyer.buy()
    assert control(buyer.box, "advance", panel="smmplus", seconds=100_000).status_code == 200
    assert buyer.ask("status", order=order.id)["status"] == "Completed"


def test_a_balance_can_be_set(buyer: Buyer) -> None:
    control(buyer.box, "balance", panel="smmplus", balance="0.5")
    assert buyer.ask("balance")["balance"] == "0.5"


def test_the_state_is_reported(buyer: Buyer) -> None:
    buyer.buy()
    state: dict[str, Any] = requests.get(f"{buyer.box.address}/control/state", timeout=5).json()
    assert set(state) == set(buyer.box.panels)
    assert (state["smmplus"]["orders"], state["smmplus"]["requests"]) == (1, 1)
    assert state["servsmm"]["orders"] == 0


@pytest.mark.parametrize(
    ("act", "orders", "sentence"),
    [
        ("misbehave", {"panel": "nobody", "fault": "bad_key"}, "Name a panel"),
        ("misbehave", {"panel": "smmplus"}, "There is no fault None"),
        ("misbehave", {"panel": "smmplus", "fault": "nonsense"}, "There is no fault 'nonsense'"),
        ("misbehave", {"panel": "smmplus", "fault": "id_null", "action": "status"}, "id_null has no meaning"),
        ("misbehave", {"panel": "smmplus", "fault": "bad_key", "times": "two"}, "`times` is a whole number"),
        ("misbehave", {"panel": "smmplus", "fault": "bad_key", "probability": 2}, "`probability` is between 0 and 1"),
        ("advance", {"panel": "smmplus"}, "`seconds` is a number"),
        ("advance", {"panel": "smmplus", "seconds": -1}, "`seconds` is a number"),
        ("balance", {"panel": "smmplus", "balance": "much"}, "`balance` is an amount"),
        ("balance", {"panel": "smmplus", "balance": "NaN"}, "`balance` is an amount"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(
    box: Sandbox, act: str, orders: dict[str, object], sentence: str
) -> None:
    response = control(box, act, **orders)
    assert response.status_code == 400
    assert sentence in response.json()["error"]
    assert not box.panel("smmplus").misbehaviour.rules


@pytest.mark.parametrize("body", ["not json", "[]", "null", '"text"'])
def test_something_else_than_an_object_is_refused(box: Sandbox, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    response = requests.post(f"{box.address}/control/behave", data=body, headers=headers, timeout=5)
    assert response.status_code == 400


def test_a_page_of_a_browser_cannot_order_faults(box: Sandbox) -> None:
    """A form or a fetch without preflight cannot say application/json, a rebound name is not ours."""
    body = '{"panel": "smmplus", "fault": "bad_key"}'
    for headers, status in (
        ({"Content-Type": "text/plain"}, 400),
        ({"Content-Type": "application/json", "Host": "evil.example"}, 403),
    ):
        response = requests.post(f"{box.address}/control/misbehave", data=body, headers=headers, timeout=5)
        assert response.status_code == status
    assert not box.panel("smmplus").misbehaviour.rules


def test_reading_does_not_change_anything(box: Sandbox) -> None:
    for act in ("misbehave", "behave", "advance", "balance"):
        assert requests.get(f"{box.address}/control/{act}", timeout=5).status_code == 405
    assert requests.get(f"{box.address}/control/nothing", timeout=5).status_code == 404
    assert requests.get(f"{box.address}/favicon.ico", timeout=5).status_code == 404
