"""What orders does by itself, and how often."""

from __future__ import annotations

from typing import Final

from panelhub.schedule import CLICKS, Tick

SCHEDULE: Final = (
    Tick("orders.submission.tasks.submit_due", every=5, queue=CLICKS),
    Tick("orders.submission.tasks.sweep", every=30, queue=CLICKS),
    Tick("orders.routes.tasks.sweep_chains", every=15, queue=CLICKS),
    Tick("orders.settlement.tasks.settle_due", every=15),
    Tick("orders.accounting.tasks.reconcile_due", every=900),
    Tick("orders.mass.tasks.place_due", every=10, queue=CLICKS),
    Tick("orders.schedules.tasks.make_due", every=15, queue=CLICKS),
    Tick("orders.aftercare.tasks.care_for_refills", every=60),
    Tick("orders.aftercare.tasks.find_slow_orders", every=600),
    Tick("orders.polling.tasks.sync_statuses_due", every=10),
    Tick("orders.polling.tasks.sync_refills_due", every=30),
    Tick("orders.polling.tasks.sync_product_orders_due", every=30),
    Tick("orders.products.tasks.fetch_goods_due", every=30),
    Tick("orders.notifications.tasks.watch", every=60),
    Tick("orders.clients.tasks.rewrite_clients", every=300),
    Tick("orders.currency.tasks.fetch_rates", every=3600),
    Tick("orders.statistics.tasks.refresh_totals", every=60),
    Tick("orders.statistics.tasks.refresh_quality", every=600),
)
