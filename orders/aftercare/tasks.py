"""Background work of refills: thin doors."""

from __future__ import annotations

from celery import shared_task


@shared_task
def care_for_refills() -> None:
    """Count refill windows from completed orders, and request what is due by rule."""
    from orders.aftercare import refill_rules
    from orders.aftercare.refill_windows import refresh_windows
    from panelhub.background.jobs import job

    with job("refill_care") as run:
        if run is not None:
            run.count(**refresh_windows())
            refill_rules.request_due(run)


@shared_task
def find_slow_orders() -> None:
    """Write down which open orders are slow or stuck."""
    from orders.aftercare.slow_orders import refresh_slow_orders
    from panelhub.background.jobs import job

    with job("find_slow_orders") as run:
        if run is not None:
            run.count(**refresh_slow_orders())
