"""Fetch exchange rates now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.currency.rate_fetch import RatesFailed, fetch_rates, is_switched_on
from panelhub.background.jobs import job


class Command(BaseCommand):
    """`manage.py fetch_rates`: what the hub does by itself once an hour where PANELHUB_RATES_URL is set."""

    help = "Fetch exchange rates from the sheet at PANELHUB_RATES_URL and keep those of the currencies in use."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch, then print figures. Exit status 1 when there was nothing to be had."""
        if not is_switched_on():
            raise CommandError(
                "PANELHUB_RATES_URL is not set. The European Central Bank's sheet is at "
                "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
            )
        with job("fetch_rates", always_keep=True) as run:
            if run is None:
                self.stdout.write("Exchange rates are being fetched elsewhere right now.")
                return
            try:
                figures = fetch_rates()
            except RatesFailed as failure:
                run.fail(failure)
                raise CommandError(str(failure)) from None
            run.count(**figures)
        self.stdout.write(", ".join(f"{name}: {figure}" for name, figure in figures.items()))
