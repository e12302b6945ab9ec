"""Sync products: read the shops' lists, poll open product orders, and fetch the goods that are due."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from orders.polling.command import TrackingCommand
from orders.polling.subjects import PRODUCT_ORDERS
from orders.products import goods
from panelhub.background.fanout import for_each
from providers.dialects import Action
from providers.job_runs import Ran, run_products
from providers.models import Provider


class Command(TrackingCommand):
    """`manage.py sync_products`: the products of every shop, the states of all open product orders, the goods."""

    help = "Ask every provider that has a shop for its products, and where open product orders stand."

    def handle(self, *args: Any, **options: Any) -> None:
        """List, poll and fetch, then print figures and failures."""
        shops = [provider for provider in Provider.objects.active() if provider.speaks.can(Action.products)]
        figures: Counter[str] = Counter(listed=0)
        failures: dict[str, object] = {}
        for provider, ran in for_each(shops, run_products):
            if isinstance(ran, Ran):
                figures.update(ran.figures)
            if not isinstance(ran, Ran) or ran.failure:
                failures[provider.name] = ran.failure if isinstance(ran, Ran) else ran
        asked, unanswered, _providers = self.ask_all(PRODUCT_ORDERS)
        figures.update({f"orders_{name}": figure for name, figure in asked.items()})
        silent: dict[str, object] = {}
        for provider, fetched in for_each(shops, partial(goods.fetch_due_goods, at_once=True)):
            if isinstance(fetched, goods.Fetched):
                figures.update(goods_asked=fetched.asked, goods_delivered=fetched.delivered)
            if not isinstance(fetched, goods.Fetched) or fetched.failure:
                silent[provider.name] = fetched.failure if isinstance(fetched, goods.Fetched) else fetched
        self.conclude(figures, failures | unanswered | silent, of=len(shops))
