"""Who sends, and when: for the background within a time box, for a person until nothing is left."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from orders import sending
from panelhub.bell import ring
from panelhub.jobs import give_back_lease, take_lease
from panelhub.schedule import CLICKS
from providers.models import Provider

if TYPE_CHECKING:
    from orders.sending import Sent

TASK: Final = "orders.tasks.submit_provider"
SECONDS: Final = 20.0
# Two, so that one call that hangs does not hold up the rest; not more, so that one provider does not
# take every worker there is.
SENDERS: Final = ("submit_orders", "submit_orders 2")
# Claims make sending safe; this only counts senders, so it may run out while one of them waits for a slot.
LEASE: Final = timedelta(seconds=120)


def submit_for_a_while(provider: Provider) -> Sent | None:
    """Send what is queued for a provider, for a while; ``None`` when enough workers are at it already.

    Work that is left over, or came while the last worker was leaving, is rung for.
    """
    taken = _take_place(provider)
    if not taken:
        return None
    try:
        sent = sending.send_due(provider, seconds=SECONDS)
    finally:
        give_back_lease(taken[0], provider.name, taken[1])
    if not sent.stopped and sending.has_due_work(provider):
        ring(TASK, provider.pk, queue=CLICKS)
    return sent


def _take_place(provider: Provider) -> tuple[str, str] | None:
    for name in SENDERS:
        token = take_lease(name, provider.name, lease=LEASE)
        if token:
            return name, token
    return None


def submit_now(provider: Provider) -> Sent:
    """Send everything that is due for a provider; one that is paused or broken is asked for its balance first."""
    return sending.send_due(provider, at_once=True)


def failure_of(sent: Sent) -> str:
    """Why a run of sending cannot be called a success; empty when it can."""
    return sent.stopped or sent.trouble
