"""Background work of the dashboard: thin doors."""

from __future__ import annotations

from celery import shared_task

from orders.statistics import provider_prices, quality, rollups
from panelhub.background.jobs import job


@shared_task
def refresh_totals() -> None:
    """Bring the daily totals up to date."""
    with job("refresh_totals") as run:
        if run is not None:
            rollups.refresh_totals()


@shared_task
def refresh_quality() -> None:
    """Measure providers and services again."""
    with job("refresh_quality") as run:
        if run is not None:
            quality.refresh_quality()
            provider_prices.refresh_price_ratios()
