"""Background work of schedules: a thin door that looks in the database for what is due."""

from __future__ import annotations

from celery import shared_task


@shared_task
def make_due() -> None:
    """Make the orders of schedules that are due, unless a worker is at it already."""
    from orders.schedules import making
    from panelhub.background.jobs import job

    with job("make_scheduled_orders") as run:
        if run is not None:
            making.make_due(run)
