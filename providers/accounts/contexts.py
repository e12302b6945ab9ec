"""What the page of one account shows, put together in a fixed number of statements."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from panelhub.db.aggregates import CAP, CappedCount
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import describe_span, format_capped, format_money, format_when
from providers.accounts.budget_lines import budget_lines, tone_of
from providers.accounts.call_history import CALLS_OVER, call_rows, list_readings, load_traces
from providers.accounts.check_contexts import describe_capabilities, describe_check, describe_days_left
from providers.accounts.health_labels import health_of
from providers.accounts.words import STATE_CHOICES, find_unknown_words
from providers.calls.rate_limit_usage import budget_of, with_budget
from providers.hooks import Workload, type_labels, workload_of
from providers.models import CatalogueHold, Provider, ProviderCheck, Service

SOON_EMPTY_DAYS: Final = 3


def load_account(accounts: QuerySet[Provider]) -> QuerySet[Any]:
    """Accounts with all that their page needs of other tables; nothing of a key."""
    newest = ProviderCheck.objects.filter(provider=OuterRef("pk")).order_by("-id")
    open_holds = CatalogueHold.objects.filter(provider=OuterRef("pk"), closed_at__isnull=True)
    held = Service.objects.filter(provider=OuterRef("pk"), is_available=True).exclude(hold_reason="")
    found: QuerySet[Any] = with_budget(accounts.defer("api_key")).annotate(
        check_at=Subquery(newest.values("at")[:1]),
        check_lines=Subquery(newest.values("lines")[:1]),
        check_id=Subquery(newest.values("pk")[:1]),
        check_ok=Subquery(newest.values("ok")[:1]),
        hold_kind=Subquery(open_holds.values("kind")[:1]),
        held_services=CappedCount(held),
    )
    return found


def build_live(provider: Any, *, sees_cost: bool, since_check: int | None = None) -> dict[str, Any]:
    """Return what moves by itself on the page: health, money, budget, calls, the last check; two statements.

    ``since_check`` is the newest check when another one was requested: the page waits for the next.
    """
    now = timezone.now()
    load = workload_of(provider.pk)
    budget = budget_of(provider)
    days_left = _days_left(provider, load)
    return {
        "provider": provider,
        "now": now,
        "health": health_of(provider, now, sees_cost=sees_cost),
        "is_low": is_low(provider) or (days_left is not None and days_left < SOON_EMPTY_DAYS),
        "sees_cost": sees_cost,
        "balance_at": format_when(provider.balance_at, now).html,
        "days_left": describe_days_left(days_left),
        "spent_a_day": format_money(_rounded(load.spent_a_day), provider.currency) if load.spent_a_day else "",
        "budget": budget,
        "budget_tone": tone_of(budget),
        "budget_lines": [
            (name, value, tone, words if sees_cost else hide_amounts(words))
            for name, value, tone, words in budget_lines(provider, budget, load, now)
        ],
        "calls": call_rows(provider, now),
        "calls_over": describe_span(CALLS_OVER.total_seconds()),
        "waiting": waiting_words(provider),
        **describe_check(provider, now, since_check, sees_cost=sees_cost),
    }


def build_page(provider: Any, *, sees_cost: bool, since_check: int | None = None) -> dict[str, Any]:
    """Everything on the page; one statement more."""
    now = timezone.now()
    balances, failures = load_traces(provider, now)
    return {
        **build_live(provider, sees_cost=sees_cost, since_check=since_check),
        "dialect": provider.speaks,
        "balances": [balance for _at, balance in balances] if sees_cost else [],
        "readings": list_readings(balances, provider.currency, now) if sees_cost else [],
        "times": _times(provider, now),
        "capabilities": describe_capabilities(provider, now),
        "unknown_words": find_unknown_words(provider),
        "state_choices": list(STATE_CHOICES.items()),
        "type_choices": sorted(type_labels().items()),
        "failures": failures if sees_cost else [one.without_amounts() for one in failures],
    }


def is_low(provider: Provider) -> bool:
    """Whether the balance is below what its administrator wants to be warned of."""
    low = provider.low_balance
    return low is not None and provider.balance is not None and provider.balance < low


def waiting_words(provider: Any) -> str:
    """What of the catalogue waits for a person, in a sentence; "" when nothing does."""
    parts = []
    if provider.hold_kind is not None:
        kind = CatalogueHold.Kind(provider.hold_kind).label
        parts.append(_("A list needs review: %(kind)s.") % {"kind": kind})
    if provider.held_services:
        number = format_capped(provider.held_services, CAP)
        parts.append(_("Services closed until reviewed: %(number)s.") % {"number": number})
    return " ".join(parts)


# --- The budget -------------------------------------------------------------------------------------------------------


# --- Calls ------------------------------------------------------------------------------------------------------------


# --- Call records -----------------------------------------------------------------------------------------------------


def _days_left(provider: Provider, load: Workload) -> Decimal | None:
    if provider.balance is None or not load.spent_a_day or load.spent_a_day < 0:
        return None
    return max(Decimal(0), provider.balance / load.spent_a_day)


def _rounded(amount: Decimal | None) -> Decimal | None:
    return (
        None
        if amount is None
        else amount.quantize(Decimal("0.01"))
        if amount >= 1
        else amount.quantize(Decimal("0.0001"))
    )


def _times(provider: Provider, now: datetime) -> list[tuple[str, Any]]:
    return [
        (_("Last success"), format_when(provider.last_success_at, now).html),
        (_("Balance"), format_when(provider.balance_at, now).html),
        (_("Services"), format_when(provider.catalogue_at, now).html),
        (_("Products"), format_when(provider.products_at, now).html),
    ]
