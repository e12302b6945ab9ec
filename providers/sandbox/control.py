"""The control page and its endpoints, for demonstrations: misbehave, behave, advance, balance, state."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from html import escape
from typing import Any

from providers.sandbox.api.replies import Reply, json_reply, page_reply
from providers.sandbox.faults.faults import Fault
from providers.sandbox.faults.rules import Rule
from providers.sandbox.panel import Panel

Panels = Mapping[str, Panel]
Orders = dict[str, Any]

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>PanelHub sandbox</title></head>
<body>
<h1>This is a sandbox</h1>
<p>These panels are imitations. No money is spent here, nothing is delivered, and the names stand for
the API documents that were imitated, not for the companies.</p>
<table border="1" cellpadding="6">
<tr><th>Panel</th><th>Address</th><th>Services</th><th>Orders</th><th>Balance</th><th>Faults at work</th></tr>
{rows}
</table>
<p>Faults and time are controlled by POST with JSON, from this machine alone:</p>
<pre>curl -H 'Content-Type: application/json' -d '{{"panel": "servsmm", "fault": "html_502_after_accept",
  "action": "add", "times": 1}}' {address}/control/misbehave
curl -H 'Content-Type: application/json' -d '{{"panel": "servsmm"}}' {address}/control/behave
curl -H 'Content-Type: application/json' -d '{{"panel": "servsmm", "seconds": 3600}}' {address}/control/advance
curl -H 'Content-Type: application/json' -d '{{"panel": "servsmm", "balance": "0.5"}}' {address}/control/balance
curl {address}/control/state</pre>
<h2>Faults</h2>
<dl>
{faults}
</dl>
</body></html>
"""


def answer_control(panels: Panels, address: str, method: str, path: str, body: bytes) -> Reply:
    """Return the reply to a request outside the panels' addresses; mistakes are answered with a sentence."""
    if method == "GET" and path == "/":
        return page_reply(_index_page(panels, address))
    if method == "GET" and path == "/control/state":
        return json_reply({slug: _state_of(panel) for slug, panel in panels.items()})
    act = _ACTS.get(path)
    if act is None:
        return json_reply({"error": "Not found"}, status=404)
    if method != "POST":
        return json_reply({"error": "Use POST."}, status=405, headers=(("Allow", "POST"),))
    try:
        orders = json.loads(body or b"null")
        if not isinstance(orders, dict):
            raise ValueError("Send a JSON object as application/json.")
        panel = panels.get(str(orders.get("panel")))
        if panel is None:
            raise ValueError(f"Name a panel: {', '.join(panels)}.")
        act(panel, orders)
    except (ValueError, RecursionError) as error:
        return json_reply({"error": str(error)}, status=400)
    return json_reply(_state_of(panel))


def _misbehave(panel: Panel, orders: Orders) -> None:
    fault = Fault.__members__.get(str(orders.get("fault")))
    if fault is None:
        raise ValueError(f"There is no fault {orders.get('fault')!r}; the page at / lists them.")
    given = {name: orders[name] for name in _OPTIONS.keys() & orders.keys()}
    for name, value in given.items():
        is_good, sentence = _OPTIONS[name]
        if not is_good(value):
            raise ValueError(sentence)
    panel.misbehave(fault, **given)


def _behave(panel: Panel, orders: Orders) -> None:
    panel.behave()


def _advance(panel: Panel, orders: Orders) -> None:
    is_good, sentence = _OPTIONS["seconds"]
    if not is_good(orders.get("seconds")):
        raise ValueError(sentence)
    panel.advance(orders["seconds"])


def _set_balance(panel: Panel, orders: Orders) -> None:
    text = str(orders.get("balance"))
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,8})?", text):
        raise ValueError("`balance` is an amount such as 12.50.")
    panel.balance = Decimal(text)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str | int) for item in value)


_OPTIONS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "action": (lambda value: _is_text(value) or _is_list(value), "`action` is an action or a list of actions."),
    "times": (_is_count, "`times` is a whole number above zero."),
    "probability": (lambda value: _is_number(value) and value <= 1, "`probability` is between 0 and 1."),
    "seconds": (_is_number, "`seconds` is a number, not below zero."),
    "location": (_is_text, "`location` is an address."),
    "ids": (_is_list, "`ids` is a list of ids."),
}


_ACTS: Mapping[str, Callable[[Panel, Orders], None]] = {
    "/control/misbehave": _misbehave,
    "/control/behave": _behave,
    "/control/advance": _advance,
    "/control/balance": _set_balance,
}


def _state_of(panel: Panel) -> dict[str, Any]:
    return {
        "balance": str(panel.balance),
        "currency": panel.document.currency,
        "orders": len(panel.orders),
        "refills": len(panel.books.refills),
        "cancels": len(panel.books.cancels),
        "product_orders": len(panel.books.product_orders),
        "requests": len(panel.requests),
        "simulated_time": panel.clock.simulated(),
        "speed": panel.clock.anchor.speed,
        "faults": [_rule_state(rule) for rule in panel.misbehaviour.rules],
    }


def _rule_state(rule: Rule) -> dict[str, Any]:
    return {
        "fault": rule.fault,
        "action": sorted(rule.actions),
        "times": rule.times,
        "probability": rule.probability,
        "seconds": rule.seconds,
    }


def _index_page(panels: Panels, address: str) -> str:
    rows = "\n".join(
        f"<tr><td>{escape(panel.document.title)}</td><td><code>{address}/{slug}/api/v2</code></td>"
        f"<td>{len(panel.services)}</td><td>{len(panel.orders)}</td>"
        f"<td>{panel.balance:f} {panel.document.currency}</td>"
        f"<td>{', '.join(rule.fault for rule in panel.misbehaviour.rules) or 'none'}</td></tr>"
        for slug, panel in panels.items()
    )
    faults = "\n".join(f"<dt><code>{fault}</code></dt><dd>{escape(fault.__doc__ or '')}</dd>" for fault in Fault)
    return _PAGE.format(rows=rows, faults=faults, address=address)
