"""The background work for one provider: under a lease, recorded, and never raising what the provider does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils import timezone

from panelhub.background.jobs import Run, job
from panelhub.background.pool import is_shared
from panelhub.encryption.vault import SecretUnreadable
from panelhub.models import JobLease
from providers import intervals
from providers.accounts import balances, connection_test
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.catalogue import product_sync, sync
from providers.client.errors import ProviderError
from providers.dialects import Action
from providers.models import Provider, ProviderCheck

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from providers.models import ProviderQuerySet

SERVICES: Final = "sync_services"
BALANCES: Final = "sync_balances"
PRODUCTS: Final = "sync_products"
CHECK: Final = "check_provider"
ROUTINE: Final = frozenset({"read", "listed", "unchanged"})
"""Figures of a run that found nothing new: it is not worth a row of its own."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run went: its figures, why it failed ("" when it did not), and whether it ran here at all.

    ``again_in`` are the seconds until the budget allows what it wanted to do.
    """

    figures: Counter[str] = field(default_factory=Counter)
    failure: str = ""
    elsewhere: bool = False
    again_in: float | None = None


def run_services(provider: Provider, *, force: bool = False, priority: CallPriority = CallPriority.POLL) -> Ran:
    """Bring the services of one provider up to date."""
    return _with_lease(SERVICES, provider, lambda _run: sync.sync_services(provider, force=force, priority=priority))


def run_balance(provider: Provider, *, priority: CallPriority = CallPriority.POLL) -> Ran:
    """Read the balance of one provider."""
    return _with_lease(BALANCES, provider, lambda _run: balances.sync_balance(provider, priority=priority))


def run_products(provider: Provider, *, priority: CallPriority = CallPriority.POLL) -> Ran:
    """Bring the products of one provider up to date."""
    return _with_lease(PRODUCTS, provider, lambda _run: product_sync.sync_products(provider, priority=priority))


def run_check(provider: Provider, *, priority: CallPriority = CallPriority.CLICK) -> tuple[Ran, ProviderCheck | None]:
    """Look whether the account of one provider works; the check is None when another is at it."""
    kept: list[ProviderCheck] = []

    def look(run: Run) -> Counter[str]:
        check = connection_test.check_provider(provider, priority=priority)
        kept.append(check)
        if not check.ok:
            run.fail(next((line["text"] for line in check.lines if line["kind"] == connection_test.BAD), ""))
        return Counter(checked=1)

    ran = _with_lease(CHECK, provider, look)
    return ran, kept[0] if kept else None


def _with_lease(name: str, provider: Provider, work: Callable[[Run], Counter[str]]) -> Ran:
    with job(name, provider=provider.name) as run:
        if run is None:
            return Ran(elsewhere=True)
        figures: Counter[str] = Counter()
        try:
            figures = work(run)
        except BudgetExhausted as error:
            if is_shared():
                # Nothing has failed: it is done as soon as the budget allows it.
                return Ran(again_in=error.seconds)
            run.fail(connection_test.explain(error))
        except (ProviderError, SecretUnreadable) as error:
            run.fail(connection_test.explain(error))
        if set(figures) - ROUTINE:
            run.count(**figures)
        return Ran(figures, run.failure)


# --- What is due ------------------------------------------------------------------------------------------------------


def services_due() -> ProviderQuerySet:
    """Return providers whose services are to be requested now."""
    return _lists_due(SERVICES, "catalogue_at", intervals.SERVICES)


def products_due() -> list[Provider]:
    """Return providers with a shop whose products are to be requested now."""
    due = _lists_due(PRODUCTS, "products_at", intervals.PRODUCTS)
    return [provider for provider in due if provider.speaks.can(Action.products)]


def checks_due() -> ProviderQuerySet:
    """Return providers whose new key still waits to be found good."""
    now = timezone.now()
    lately = ProviderCheck.objects.filter(at__gt=now - intervals.AFTER_A_FAILURE)
    return Provider.objects.active().filter(pause_kind=Provider.Pause.NEW_KEY).exclude(checks__in=lately)


def _lists_due(job_name: str, column: str, interval: timedelta) -> ProviderQuerySet:
    now = timezone.now()
    stale = Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__lte": now - interval})
    # Whoever is down or refuses the key is probed by its balance; lists can wait until that is over.
    well = Q(breaker_until__isnull=True) & ~Q(pause_kind__in=list(intervals.PAUSED_PROBES))
    tried = JobLease.objects.filter(job=job_name, finished_at__gt=now - intervals.AFTER_A_FAILURE)
    return Provider.objects.active().not_held().filter(stale, well).exclude(name__in=tried.values("provider_name"))
