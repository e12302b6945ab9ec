"""Send everything that is queued: orders, product orders, cancellations, refills."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils import timezone

from orders.submission import runner, sweeper
from orders.submission import services as submission_services
from panelhub.background.command import JobCommand
from panelhub.background.fanout import for_each
from providers.models import Provider


class Command(JobCommand):
    """`manage.py submit_orders`: safe to run in parallel with workers, and with itself."""

    help = "Send every paid call that is queued and due, once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep, then work on all providers side by side."""
        figures: Counter[str] = Counter(accepted=0, refused=0, unknown=0, queued_again=0, calls=0)
        figures["swept"] = sum(sweeper.sweep().values())
        providers = Provider.objects.filter(pk__in=submission_services.providers_with_due_work(with_held=True))
        failures: dict[str, object] = {}
        for provider, sent in for_each(providers, runner.submit_now):
            if isinstance(sent, Exception):
                failures[provider.name] = sent
                continue
            for outcome, rows in sent.outcomes.items():
                figures["queued_again" if outcome in ("postponed", "not_sent") else outcome] += rows
            figures["calls"] += sent.calls
            if reason := runner.failure_of(sent):
                failures[provider.name] = reason
            elif sent.left:
                self.stdout.write(f"{provider.name}: {sent.left}")
        later = submission_services.queued_for_later()
        for provider in Provider.objects.active().filter(pk__in=later):
            again = timezone.localtime(later[provider.pk]).strftime("%F %H:%M:%S")
            failures.setdefault(provider.name, f"queued calls are held until {again}")
        self.conclude(figures, failures, of=len({*later, *(provider.pk for provider in providers)}))
