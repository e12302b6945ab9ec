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
