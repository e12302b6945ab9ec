"""Background work of exchange rates: a thin door."""

from __future__ import annotations

from celery import shared_task

from orders.currency import rate_fetch
from panelhub.background.jobs import job


@shared_task
def fetch_rates() -> None:
    """Fetch exchange rates, where that is switched on."""
    if not rate_fetch.is_switched_on():
        return
    with job("fetch_rates") as run:
        if run is None:
            return
        try:
            figures = rate_fetch.fetch_rates()
        except rate_fetch.RatesFailed as failure:
            run.fail(failure)
        else:
            run.count(written=figures["written"], changed=figures["changed"])
