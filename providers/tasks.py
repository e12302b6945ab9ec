"""Background work of providers: thin doors. Rows say what is due; a message only says that it is time to look."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from celery import shared_task

from panelhub.background.dispatch import publish
from panelhub.background.jobs import job
from panelhub.background.pool import hand_over
from panelhub.schedule import CLICKS
from providers import job_runs
from providers.accounts import balances
from providers.accounts.connection_test import has_working_key
from providers.calls import retention
from providers.models import Provider


@shared_task
def sync_services_due() -> None:
    """Have a worker ask each provider whose services are due."""
    for provider in job_runs.services_due().only("pk"):
        publish("providers.tasks.sync_services", provider.pk)


@shared_task
def sync_services(provider_id: int) -> None:
    """Bring the services of one provider up to date."""
    hand_over("sync_services", provider_id, partial(_run, job_runs.run_services, provider_id))


@shared_task
def sync_balances_due() -> None:
    """Have a worker ask each provider whose balance, or whose recovery, is to be looked at."""
    for provider in balances.providers_due().only("pk"):
        publish("providers.tasks.sync_balance", provider.pk)
    for provider in job_runs.checks_due().only("pk"):
        publish("providers.tasks.check_provider", provider.pk, queue=CLICKS)


@shared_task
def sync_balance(provider_id: int) -> None:
    """Read the balance of one provider."""
    hand_over("sync_balance", provider_id, partial(_run, job_runs.run_balance, provider_id))


@shared_task
def sync_products_due() -> None:
    """Have a worker ask each shop whose products are due."""
    for provider in job_runs.products_due():
        publish("providers.tasks.sync_products", provider.pk)


@shared_task
def sync_products(provider_id: int) -> None:
    """Bring the products of one provider up to date."""
    hand_over("sync_products", provider_id, partial(_run, job_runs.run_products, provider_id))


@shared_task
def check_provider(provider_id: int) -> None:
    """Look whether the account of one provider works, and read its lists for the first time when it does."""
    hand_over("check_provider", provider_id, partial(_check, provider_id), is_click=True)


def _run(work: Callable[[Provider], job_runs.Ran], provider_id: int) -> float | None:
    provider = Provider.objects.filter(pk=provider_id).first()
    return None if provider is None else work(provider).again_in


def _check(provider_id: int) -> None:
    provider = Provider.objects.filter(pk=provider_id).first()
    if provider is None:
        return
    _, check = job_runs.run_check(provider)
    # What the check was refused for want of time, the sync comes back for.
    works = check is not None and has_working_key(check.lines)
    if works and provider.is_active and provider.catalogue_at is None:
        publish("providers.tasks.sync_services", provider.pk)
        publish("providers.tasks.sync_products", provider.pk)


@shared_task
def tidy_records() -> None:
    """Remove records of calls that are too old, or more than there is room for."""
    with job(retention.JOB) as run:
        if run is not None:
            run.count(**retention.tidy_records())
