"""What this app reports to Prometheus: calls, budgets, balances, and what waits for a person; two statements."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import OuterRef, Sum
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, Metric

from panelhub.db.aggregates import CappedCount
from panelhub.monitoring.metrics import gauge
from providers.calls.circuit_breaker import is_broken
from providers.calls.rate_limit import CallPriority
from providers.calls.rate_limit_usage import budget_of, with_budget
from providers.models import CallCount, CatalogueHold, Provider, Service


def read_provider_metrics() -> Iterator[Metric]:
    """Yield everything about the accounts."""
    yield from _calls()
    now = timezone.now()
    holds = CatalogueHold.objects.filter(provider=OuterRef("pk"), closed_at__isnull=True)
    held = Service.objects.filter(provider=OuterRef("pk"), is_available=True).exclude(hold_reason="")
    accounts = with_budget(Provider.objects.defer("api_key")).annotate(
        holds=CappedCount(holds), held=CappedCount(held, cap=100_000)
    )
    providers = [(provider, budget_of(provider)) for provider in accounts.order_by("name")]
    names = ["provider"]
    yield gauge(
        "budget_requests_per_minute", "Requests a minute that are allowed.", names,
        [(one.name, budget.rate) for one, budget in providers],
    )  # fmt: skip
    yield gauge(
        "budget_used", "Requests of the last minute.", names, [(one.name, budget.used) for one, budget in providers]
    )
    yield gauge(
        "budget_held_seconds", "How long a provider asked to be left alone yet.", names,
        [(one.name, budget.held_for) for one, budget in providers],
    )  # fmt: skip
    yield gauge(
        "calls_in_flight", "Calls under way or about to be.", ["provider", "priority"],
        [
            ((one.name, str(priority)), figure)
            for one, budget in providers
            for priority, figure in ((CallPriority.CLICK, budget.clicks), (CallPriority.POLL, budget.polls))
        ],
    )  # fmt: skip
    active = [(one.name, one.is_active) for one, _ in providers]
    yield gauge("provider_active", "Whether an account is switched on.", names, active)
    yield gauge(
        "provider_paused", "Why no paid call is made at an account.", ["provider", "reason"],
        [((one.name, one.pause_kind), 1) for one, _ in providers if one.pause_kind],
    )  # fmt: skip
    yield gauge(
        "breaker_open", "Whether a provider is left alone because it keeps failing.", names,
        [(one.name, is_broken(one, now)) for one, _ in providers],
    )  # fmt: skip
    yield gauge(
        "balance", "What is left on an account, as last read.", ["provider", "currency"],
        [((one.name, one.currency), float(one.balance)) for one, _ in providers if one.balance is not None],
    )  # fmt: skip
    for name, text, column in (
        ("balance_read", "When a balance was last read.", "balance_at"),
        ("catalogue_read", "When a catalogue was last read.", "catalogue_at"),
        ("last_success", "When a call last went well, to a minute.", "last_success_at"),
    ):
        moments = [(one.name, getattr(one, column)) for one, _ in providers]
        yield gauge(f"{name}_timestamp_seconds", text, names, [(who, at.timestamp()) for who, at in moments if at])
    waiting = [(one.name, one.holds, one.held) for one, _ in providers]
    yield gauge("catalogue_held", "Lists that wait for a person.", names, [(name, lists) for name, lists, _ in waiting])
    yield gauge("services_held", "Services that wait for a person.", names, [(name, held) for name, _, held in waiting])


def _calls() -> Iterator[Metric]:
    """Yield calls ever made. Old hours are added up, never dropped, so these only grow."""
    labels = ["provider", "action", "outcome"]
    calls = CounterMetricFamily("panelhub_calls", "Calls made.", labels=labels)
    seconds = CounterMetricFamily("panelhub_call_seconds", "Time spent in calls.", labels=labels)
    rows = CallCount.objects.order_by().values_list("provider__name", "action", "outcome")
    for *values, made, took in rows.annotate(made=Sum("calls"), took=Sum("seconds")):
        calls.add_metric(values, made)
        seconds.add_metric(values, took)
    yield calls
    yield seconds
