"""The lines of an account's request budget: calls in flight, what waits, the circuit breaker, pauses."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from panelhub.db.aggregates import CAP
from panelhub.ui.formatting import describe_age, describe_span, format_capped, format_count
from providers.calls.rate_limit_usage import BudgetState
from providers.hooks import Workload
from providers.models import Provider


def tone_of(budget: BudgetState) -> str:
    """Return the tone of the budget: a warning while a pause is on or little is left."""
    share = budget.used / budget.rate
    return "warn" if budget.held_for or share > 0.9 else "active"


def budget_lines(
    provider: Provider, budget: BudgetState, load: Workload, now: datetime
) -> list[tuple[str, str, str, str]]:
    """Return lines of name, value, a tone where it is not well, and the words of a provider or a person."""
    return [
        (_("In flight"), _in_flight(budget), "", ""),
        (_("Waiting"), _waiting(load, now), "", ""),
        (_("Next slot"), _next_slot(budget), "", ""),
        (_("Breaker"), *_breaker(provider, now)),
        (_("Pause"), *_pause(provider, budget, now)),
        (
            _("Last failure"),
            describe_age(provider.last_failure_at, now) if provider.last_failure_at else _("none"),
            "",
            provider.last_failure,
        ),
    ]


def _in_flight(budget: BudgetState) -> str:
    return _("%(polls)d of %(places)d background, %(clicks)d interactive") % {
        "polls": budget.polls,
        "places": budget.places,
        "clicks": budget.clicks,
    }


def _waiting(load: Workload, now: datetime) -> str:
    figures = {"clicks": format_capped(load.clicks, CAP - 1), "rounds": format_count(load.background)}
    if load.oldest is None:
        return _("%(clicks)s to send, %(rounds)s status checks due") % figures
    figures["age"] = describe_span(max(0.0, (now - load.oldest).total_seconds()))
    return _("%(clicks)s to send, oldest %(age)s; %(rounds)s status checks due") % figures


def _next_slot(budget: BudgetState) -> str:
    if budget.next_in < 0.05:
        return _("now")
    figures = {"seconds": f"{budget.next_in:.1f}", "ahead": budget.ahead}
    return _("in %(seconds)s s, behind %(ahead)d waiting calls") % figures


def _breaker(provider: Provider, now: datetime) -> tuple[str, str, str]:
    if provider.breaker_until is None:
        if provider.failures_in_a_row:
            return _("closed; %(n)d failures in a row") % {"n": provider.failures_in_a_row}, "warn", ""
        return _("closed"), "", ""
    failures = _failures(provider)
    if provider.breaker_until > now:
        when = describe_age(provider.breaker_until, now)
        return _("open after %(n)d failures; next check %(when)s") % {"n": failures, "when": when}, "bad", ""
    return _("open after %(n)d failures; check due") % {"n": failures}, "bad", ""


def _failures(provider: Provider) -> int:
    return max(provider.failures_in_a_row, provider.paid_failures)


def _pause(provider: Provider, budget: BudgetState, now: datetime) -> tuple[str, str, str]:
    if provider.pause_kind:
        since = describe_age(provider.paused_at, now) if provider.paused_at else ""
        said = " · ".join(part for part in (str(provider.get_pause_kind_display()), since) if part)
        return said, "warn", provider.pause_text
    if budget.held_for:
        left = describe_span(budget.held_for)
        return _("paused by the provider; %(left)s left") % {"left": left}, "warn", ""
    return _("none"), "", ""
