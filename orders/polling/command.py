"""What the commands that ask where things stand have in common."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from orders.polling import services as polling_services
from panelhub.background.command import JobCommand
from panelhub.background.fanout import for_each
from panelhub.background.jobs import job
from providers.models import Provider

if TYPE_CHECKING:
    from orders.polling.services import Synced
    from orders.polling.subjects import Tracked


class TrackingCommand(JobCommand):
    """Asks every active provider about everything of one kind, now."""

    def ask_all(self, tracked: Tracked) -> tuple[Counter[str], dict[str, object], int]:
        """Ask all providers side by side; returns figures, failures by provider, and how many providers there are."""
        figures: Counter[str] = Counter(asked=0, changed=0, unanswered=0, calls=0)
        failures: dict[str, object] = {}
        providers = [
            provider for provider in Provider.objects.active() if polling_services.can_be_asked(tracked, provider)
        ]
        for provider, synced in for_each(providers, lambda provider: _sync(tracked, provider)):
            if isinstance(synced, Exception):
                failures[provider.name] = synced
                continue
            figures.update(asked=synced.asked, changed=synced.changed, unanswered=synced.missing, calls=synced.calls)
            if synced.failure:
                failures[provider.name] = synced.failure
        return figures, failures, len(providers)


def _sync(tracked: Tracked, provider: Provider) -> Synced:
    with job(tracked.job, provider=provider.name, always_keep=True) as run:
        # Somebody else may be at it already: then this process takes its share of the same round.
        synced = polling_services.sync_now(tracked, provider)
        if run is not None:
            run.count(asked=synced.asked, changed=synced.changed, unanswered=synced.missing, calls=synced.calls)
            if synced.failure:
                run.fail(synced.failure)
    return synced
