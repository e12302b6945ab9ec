"""Ask the shops what they list, where open product orders stand, and for what was delivered."""

from __future__ import annotations

from collections import Counter
from typing import Any

from orders.goods import fetch_due_goods
from orders.management.tracking_command import TrackingCommand
from orders.tracked import PRODUCT_ORDERS
from panelhub.fanout import for_each
from panelhub.jobs import job
from providers.dialects import Action
from providers.models import Provider
from providers.products import sync_products
from providers.wire.outcomes import ProviderError


class Command(TrackingCommand):
    """`manage.py sync_products`: the products of every shop, the states of all open product orders, then the goods."""

    help = "Ask every provider that has a shop for its products, its open product orders and the delivered goods."

    def handle(self, *args: Any, **options: Any) -> None:
        """List, ask, then print figures and failures."""
        shops = [provider for provider in Provider.objects.active() if provider.speaks.can(Action.products)]
        figures: Counter[str] = Counter(listed=0)
        failures: dict[str, object] = {}
        for provider, outcome in for_each(shops, _list_products):
            if isinstance(outcome, Counter):
                figures.update(outcome)
            else:
                failures[provider.name] = outcome
        asked, unanswered, _providers = self.ask_all(PRODUCT_ORDERS)
        for provider, fetched in for_each(shops, lambda shop: fetch_due_goods(shop, at_once=True)):
            if isinstance(fetched, Exception):
                failures.setdefault(provider.name, fetched)
                continue
            figures["delivered"] += fetched.delivered
            if fetched.failure:
                failures.setdefault(provider.name, fetched.failure)
        self.conclude({**figures, **asked}, failures | unanswered, of=len(shops))


def _list_products(provider: Provider) -> Counter[str] | str:
    with job("sync_products", provider=provider.name, always_keep=True) as run:
        if run is None:
            return Counter()
        try:
            figures = sync_products(provider)
        except ProviderError as error:
            run.fail(error)
            return str(error)
        run.count(**figures)
    return figures
