"""What the hub does by itself, and how often: the schedule as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CLICKS: Final = "clicks"
BACKGROUND: Final = "background"


@dataclass(frozen=True, slots=True)
class Tick:
    """One entry: `task` is sent to `queue` every `every` seconds.

    A tick that waited longer than its own interval is dropped, since the next one is already there: a worker
    that comes back after a day finds one tick of each kind and not a day of them.
    """

    task: str
    every: float
    queue: str = BACKGROUND


# Each of these looks in the database for what is due, and does nothing when nothing is.
SCHEDULE: tuple[Tick, ...] = (
    Tick("panelhub.tasks.beat_heartbeat", every=20, queue=CLICKS),
    Tick("panelhub.tasks.tidy", every=3600),
    Tick("orders.submission.tasks.submit_due", every=5, queue=CLICKS),
    Tick("orders.submission.tasks.sweep", every=30, queue=CLICKS),
    Tick("orders.settlement.tasks.settle_due", every=15),
    Tick("orders.accounting.tasks.reconcile_due", every=900),
    Tick("orders.mass.tasks.place_due", every=10, queue=CLICKS),
    Tick("orders.polling.tasks.sync_statuses_due", every=10),
    Tick("orders.polling.tasks.sync_refills_due", every=30),
    Tick("orders.polling.tasks.sync_product_orders_due", every=30),
    Tick("providers.tasks.sync_services_due", every=60),
    Tick("providers.tasks.sync_balances_due", every=60),
    Tick("providers.tasks.sync_products_due", every=60),
    Tick("providers.tasks.tidy_records", every=3600),
    Tick("orders.products.tasks.fetch_goods_due", every=30),
    Tick("orders.notifications.tasks.watch", every=60),
    Tick("orders.currency.tasks.fetch_rates", every=3600),
    Tick("orders.statistics.tasks.refresh_totals", every=60),
    Tick("orders.statistics.tasks.refresh_quality", every=600),
)
