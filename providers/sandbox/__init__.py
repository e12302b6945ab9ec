"""Five SMM panels over real HTTP, each as strict as its own document, with their own books and faults to order.

    with Sandbox(speed=60) as box:
        panel = box.panel("servsmm")
        panel.misbehave(Fault.reset_after_accept, action="add", times=1)
        requests.post(box.url("servsmm"), data={"key": box.key("servsmm"), "action": "balance"})
        panel.advance(3600)
        box.ledger.orders("servsmm")

Nothing here uses Django or the client in `providers.client`: it is an independent reading of the documents, so
that a mistake on one side of the wire is seen by the other.
"""

from __future__ import annotations

from providers.sandbox.books.ledger import Ledger
from providers.sandbox.books.records import Fate
from providers.sandbox.faults.faults import Fault
from providers.sandbox.panel import Panel
from providers.sandbox.sandbox import Sandbox
from providers.sandbox.shop.plans import LIFELIKE, STEADY, Fates

__all__ = ["LIFELIKE", "STEADY", "Fate", "Fates", "Fault", "Ledger", "Panel", "Sandbox"]
