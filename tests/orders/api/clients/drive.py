"""Runs every method of one published client and prints what each gave: ``drive.py CLIENT`` with JSON on stdin.

A process of its own, so that nothing of a stranger's package is ever imported into the tests.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Client:
    """Where a client's class is, how it is made, and with what each of its methods is called.

    ``methods`` name facts that are given on stdin; a dict gives them by keyword.
    """

    module: str
    made: Callable[[Any, str, str], Any]
    methods: Mapping[str, tuple[str, ...] | Mapping[str, str]]


_SAME: Mapping[str, tuple[str, ...] | Mapping[str, str]] = {
    "get_services": (),
    "get_balance": (),
    "add_order": {"service": "service", "link": "link", "quantity": "quantity"},
    "get_status": ("running",),
    "get_multi_status": ("many",),
    "create_refill": ("completed",),
    "create_multi_refill": ("refillable",),
    "get_refill_status": ("refill",),
    "get_multi_refill_status": ("refills",),
    "cancel_orders": ("cancelable",),
}
CLIENTS = {
    "babismm": Client("smm", lambda module, url, key: module.SMM(url, key), _SAME),
    "smmpy": Client("smmpy", lambda module, url, key: module.smm(url, key), _SAME),
    "safesmm": Client(
        "safesmm",
        lambda module, url, key: module.SafeSMM(key, api_url=url),
        {
            "services": (),
            "balance": (),
            "add_order": {"service": "service", "link": "link", "quantity": "quantity"},
            "status": ("running",),
            "multi_status": ("many",),
            "refill": ("completed",),
            "cancel": ("cancelable",),
        },
    ),
}


def main() -> None:
    """Call every public method once; one that the table does not know makes it fail."""
    client, facts = CLIENTS[sys.argv[1]], json.load(sys.stdin)
    module = importlib.import_module(client.module)
    made = client.made(module, facts["url"], facts["key"])
    public = {name for name in dir(made) if not name.startswith("_") and callable(getattr(made, name))} - {"close"}
    if public != set(client.methods):
        raise SystemExit(f"{sys.argv[1]} has other methods than expected: {sorted(public ^ set(client.methods))}")
    answers: dict[str, Any] = {}
    for name, wanted in client.methods.items():
        if isinstance(wanted, Mapping):
            answers[name] = getattr(made, name)(**{argument: facts[fact] for argument, fact in wanted.items()})
        else:
            answers[name] = getattr(made, name)(*(facts[fact] for fact in wanted))
    refused = client.made(module, facts["url"], "wrong")
    try:
        (refused.balance if hasattr(refused, "balance") else refused.get_balance)()
    except Exception as error:
        answers["wrong key"] = str(error)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
