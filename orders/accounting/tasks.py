"""Background work of accounting: a thin door."""

from __future__ import annotations

from celery import shared_task

from orders.accounting import ledger


@shared_task
def reconcile_due() -> None:
    """Recognise top-ups, and learn from reported charges what the rate of a package means."""
    ledger.learn_from_charges()
