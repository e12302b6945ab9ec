"""The providers of a run: sandbox panels that misbehave in a share of all calls, in every way the sandbox knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from providers.sandbox.faults.faults import Fault

if TYPE_CHECKING:
    from providers.sandbox import Sandbox
    from providers.sandbox.panel import Panel

PAID: Final = ("add", "add_product_order", "refill", "cancel")
READS: Final = ("status", "refill_status", "product_order_status", "balance", "services")
# What makes a client wait until its deadline.
SLOW: Final = frozenset(
    {Fault.hang_before_accept, Fault.hang_after_accept, Fault.dripping_body, Fault.dripping_head, Fault.endless_body}
)
_HANGS: Final = frozenset({Fault.hang_before_accept, Fault.hang_after_accept})
_BATCHES: Final = frozenset({"refill", "cancel"})
# An id that belongs to another order is a lie that no client can see through at the time; it has a test of its
# own (F19). A refill or cancel of zero reads as a refusal by every document.
_LEFT_OUT: Final = frozenset({Fault.same_id_twice, Fault.poison_id})
# Whatever a list says for half an hour is what can be ordered; lists have their own tests.
_LISTS: Final = frozenset(fault for fault in Fault if fault.actions == {"services"})


def faults_of(action: str) -> list[Fault]:
    """Return every way in which a call of ``action`` can go wrong here."""
    return [
        fault
        for fault in Fault
        if (not fault.actions or action in fault.actions)
        and fault not in _LEFT_OUT | _LISTS
        and not (fault is Fault.id_zero and action in _BATCHES)
    ]


def misbehave(panel: Panel, *, share: float, patience: float, without: frozenset[Fault] = frozenset()) -> int:
    """Let a ``share`` of the calls of each action fail, each way as often as the others; how many ways there are.

    ``patience`` is how long a client waits: what hangs, hangs longer.
    """
    ways: set[Fault] = set()
    for action in (*PAID, *READS):
        faults = [fault for fault in faults_of(action) if fault not in without]
        # The first rule that applies wins, so later ones see fewer calls: each takes its share of what is left.
        for place, fault in enumerate(faults):
            each = share / len(faults)
            panel.misbehave(
                fault,
                action=action,
                probability=each / (1 - each * place),
                seconds=patience + 1 if fault in _HANGS else None,
            )
        ways.update(faults)
    return len(ways)


def count_faults(box: Sandbox, slugs: Iterable[str]) -> tuple[int, Counter[str]]:
    """Return how many calls the panels have read, and how often each fault was met."""
    calls, met = 0, Counter[str]()
    for slug in slugs:
        for call in box.ledger.calls(slug):
            calls += 1
            if call.fault:
                met[call.fault] += 1
    return calls, met
