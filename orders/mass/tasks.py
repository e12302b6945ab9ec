"""Background work of mass orders: a thin door that looks in the database for what is being placed."""

from __future__ import annotations

from celery import shared_task


@shared_task
def place_due() -> None:
    """Make the orders of mass orders that are being placed, unless a worker is at it already."""
    from orders.mass.placement import place_waiting
    from panelhub.background.jobs import job

    with job("place_mass_orders") as run:
        if run is not None:
            place_waiting(run)
