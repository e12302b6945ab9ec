"""Who sends, and when: for the background within a time box, for a person until nothing is left."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from orders.submission import services as submission_services
from panelhub.background.dispatch import notify_worker
from panelhub.background.jobs import lease
from panelhub.schedule import CLICKS
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orders.submission.services import Sent

TASK: Final = "orders.submission.tasks.submit_provider"
SECONDS: Final = 20.0
# Two, so that one call that hangs does not hold up the rest; not more, so that one provider does not
# take every worker there is.
SENDERS: Final = ("submit_orders", "submit_orders 2")


def submit_for_a_while(provider: Provider) -> Sent | None:
    """Send what is queued for a provider, for a while; ``None`` when enough workers are at it already.

    When work is left over, or came while the last worker was leaving, a worker is notified.
    """
    with _place(provider) as taken:
        if not taken:
            return None
        sent = submission_services.send_due(provider, seconds=SECONDS)
    if not (sent.stopped or sent.left) and submission_services.has_due_work(provider):
        notify_worker(TASK, provider.pk, queue=CLICKS)
    return sent


def submit_in_turn(provider_id: int) -> float | None:
    """Send what is queued for a provider, if it is there; returns the seconds until its budget allows more."""
    provider = Provider.objects.active().filter(pk=provider_id).first()
    sent = None if provider is None else submit_for_a_while(provider)
    return None if sent is None else sent.again_in


@contextmanager
def _place(provider: Provider) -> Iterator[bool]:
    """One of the provider's places for senders while the block runs; claims, not places, make sending safe."""
    for name in SENDERS:
        with lease(name, provider.name) as taken:
            if taken:
                yield True
                return
    yield False


def submit_now(provider: Provider) -> Sent:
    """Send everything that is due for a provider; the balance of a paused or broken one is checked first."""
    return submission_services.send_due(provider, at_once=True)


def failure_of(sent: Sent) -> str:
    """Return why a run of sending cannot be called a success; empty when it can."""
    return sent.stopped or sent.trouble
