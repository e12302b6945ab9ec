"""Ask the providers what is left on each account."""

from __future__ import annotations

from collections import Counter
from typing import Any

from panelhub.background.command import JobCommand
from panelhub.background.fanout import for_each
from providers.job_runs import Ran, run_balance
from providers.models import Provider


class Command(JobCommand):
    """`manage.py sync_balances`: every active provider now."""

    help = "Ask every active provider for its balance."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, then print figures and failures."""
        providers = Provider.objects.active()
        figures: Counter[str] = Counter(providers=len(providers), read=0, moved=0)
        failures: dict[str, object] = {}
        for provider, ran in for_each(providers, run_balance):
            if isinstance(ran, Ran):
                figures.update(ran.figures)
                figures["elsewhere"] += ran.elsewhere
            if not isinstance(ran, Ran) or ran.failure:
                failures[provider.name] = ran.failure if isinstance(ran, Ran) else ran
        self.conclude(figures, failures, of=len(providers))
