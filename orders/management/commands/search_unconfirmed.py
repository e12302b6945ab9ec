"""Look for every order whose answer was lost, and check the ids that wait to be adopted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from orders import statuses
from orders.models import Order, Settlement, WindowSearch
from orders.settlement.id_confirmation import confirm, due_adoptions
from orders.settlement.search_jobs import ask_for_search, run_searches
from panelhub.background.command import JobCommand
from providers.models import Provider


class Command(JobCommand):
    """`manage.py search_unconfirmed`: all unconfirmed orders now, however often they were searched for."""

    help = "Search among neighbouring ids for every unconfirmed order, and confirm the adoptions that wait."

    def handle(self, *args: Any, **options: Any) -> None:
        """Search and check, then print figures and failures."""
        figures: Counter[str] = Counter(searches=0, calls=0, ids=0, found=0, adopted=0)
        failures: dict[str, object] = {}
        lost = Order.objects.filter(status=statuses.UNCONFIRMED, provider__is_active=True).select_related("provider")
        providers: dict[int, Provider] = {}
        for order in lost:
            ask_for_search(order)
            providers[order.provider_id] = order.provider
        for provider in providers.values():
            newest = WindowSearch.objects.filter(order__provider=provider).order_by("-id").values_list("id", flat=True)
            last = newest.first() or 0
            figures.update(run_searches(provider))
            broken = WindowSearch.objects.filter(order__provider=provider, id__gte=last).exclude(failure="").first()
            if broken is not None:
                failures[provider.name] = broken.failure
        for settlement_id in due_adoptions():
            made = confirm(settlement_id)
            figures["adopted"] += made is not None and made.state == Settlement.State.DONE
        self.conclude(figures, failures, of=len(providers))
