"""Ask the providers what they sell."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import CommandError, CommandParser

from panelhub.background.command import JobCommand
from panelhub.background.fanout import for_each
from providers.job_runs import Ran, run_services
from providers.models import Provider


class Command(JobCommand):
    """`manage.py sync_services`: every active provider now, or the one that is named."""

    help = "Ask every active provider for its services and take over what changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--provider NAME` for one alone, `--force` to compare lists that are known."""
        parser.add_argument("--provider", metavar="NAME", help="only the provider of this name")
        parser.add_argument("--force", action="store_true", help="compare a list even if it is the one of last time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, then print figures and failures."""
        providers = Provider.objects.active()
        if name := options["provider"]:
            providers = Provider.objects.filter(name=name)
            if not providers:
                raise CommandError(f"There is no provider called {name!r}.")
        figures: Counter[str] = Counter(providers=len(providers), listed=0, new=0, changed=0, closed=0)
        failures: dict[str, object] = {}
        for provider, ran in for_each(providers, lambda one: run_services(one, force=options["force"])):
            if isinstance(ran, Ran):
                figures.update(ran.figures)
                figures["elsewhere"] += ran.elsewhere
            if not isinstance(ran, Ran) or ran.failure:
                failures[provider.name] = ran.failure if isinstance(ran, Ran) else ran
        self.conclude(figures, failures, of=len(providers))
