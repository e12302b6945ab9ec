"""Sync commands: the base class of those that poll states now."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from orders.polling import services as polling_services
from panelhub.background.command import JobCommand
from panelhub.background.fanout import for_each
from providers.models import Provider

if TYPE_CHECKING:
    from orders.polling.subjects import Tracked


class TrackingCommand(JobCommand):
    """Poll every active provider for all rows of one kind, now."""

    def ask_all(self, tracked: Tracked) -> tuple[Counter[str], dict[str, object], int]:
        """Poll all providers in parallel; return figures, failures by provider, and the number of providers."""
        figures: Counter[str] = Counter(asked=0, changed=0, unanswered=0, calls=0)
        failures: dict[str, object] = {}
        providers = [
            provider for provider in Provider.objects.active() if polling_services.can_be_asked(tracked, provider)
        ]
        for provider, synced in for_each(providers, partial(polling_services.sync_now, tracked)):
            if isinstance(synced, Exception):
                failures[provider.name] = synced
                continue
            figures.update(asked=synced.asked, changed=synced.changed, unanswered=synced.missing, calls=synced.calls)
            if synced.failure:
                failures[provider.name] = synced.failure
        return figures, failures, len(providers)
