"""What the page of one account shows, put together in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Sum, TextField, Value
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from panelhub.db.aggregates import CAP, CappedCount
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import describe_age, describe_span, format_capped, format_count, format_money, format_when
from providers.accounts.check_contexts import describe_capabilities, describe_check, describe_days_left
from providers.accounts.health_labels import health_of
from providers.accounts.words import STATE_CHOICES, find_unknown_words
from providers.calls.rate_limit_usage import BudgetState, budget_of, with_budget
from providers.calls.services import OK
from providers.catalogue.filters import TYPE_LABELS
from providers.dialects.protocol import ORDER_TYPES
from providers.hooks import Workload, workload_of
from providers.models import BalanceReading, CallCount, CallRecord, CatalogueHold, Provider, ProviderCheck, Service

MOST_READINGS: Final = 60
READINGS_LISTED: Final = 12
MOST_RECORDS: Final = 15
CALLS_OVER: Final = timedelta(hours=24)
SOON_EMPTY_DAYS: Final = 3

OUTCOMES: Final = {
    OK: "good",
    "OrderRefused": "neutral",
    "NotSupported": "neutral",
    "RateLimited": "warn",
    "AccountRefused": "warn",
    "NotSent": "bad",
    "Unknown": "bad",
}
"""The tone of each outcome of a call, in the order in which they are shown."""


def outcome_word(outcome: str) -> str:
    """An outcome of a call in words; one that nobody knows as it is."""
    words = {
        OK: _("good"),
        "OrderRefused": _("refused"),
        "NotSupported": _("cannot be asked"),
        "RateLimited": _("too many requests"),
        "AccountRefused": _("account refused"),
        "NotSent": _("not sent"),
        "Unknown": _("no clear answer"),
    }
    return words.get(outcome, outcome)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed, with what came back."""

    action: str
    outcome: str
    detail: str
    http_status: int | None
    excerpt: str
    when: SafeString

    def without_amounts(self) -> Failure:
        """The same for people who see no costs: the raw reply may hold any."""
        return replace(self, detail=hide_amounts(self.detail), excerpt="")


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the balance, and by how much it moved since the one before."""

    when: SafeString
    balance: SafeString
    step: str
    tone: str


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
        "budget_tone": _tone_of(budget),
        "budget_lines": [
            (name, value, tone, words if sees_cost else hide_amounts(words))
            for name, value, tone, words in _budget_lines(provider, budget, load, now)
        ],
        "calls": call_rows(provider, now),
        "calls_over": describe_span(CALLS_OVER.total_seconds()),
        "waiting": waiting_words(provider),
        **describe_check(provider, now, since_check, sees_cost=sees_cost),
    }


def build_page(provider: Any, *, sees_cost: bool, since_check: int | None = None) -> dict[str, Any]:
    """Everything on the page; one statement more."""
    now = timezone.now()
    balances, failures = _traces(provider, now)
    return {
        **build_live(provider, sees_cost=sees_cost, since_check=since_check),
        "dialect": provider.speaks,
        "balances": [balance for _at, balance in balances] if sees_cost else [],
        "readings": _readings(balances, provider.currency, now) if sees_cost else [],
        "times": _times(provider, now),
        "capabilities": describe_capabilities(provider, now),
        "unknown_words": find_unknown_words(provider),
        "state_choices": list(STATE_CHOICES.items()),
        "type_choices": [(slug, TYPE_LABELS.get(slug, slug)) for slug in sorted(ORDER_TYPES)],
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
        parts.append(_("A list that looks wrong is held back: %(kind)s.") % {"kind": kind})
    if provider.held_services:
        number = format_capped(provider.held_services, CAP)
        parts.append(_("Services closed until somebody looks: %(number)s.") % {"number": number})
    return " ".join(parts)


# --- The budget -------------------------------------------------------------------------------------------------------


def _tone_of(budget: BudgetState) -> str:
    share = budget.used / budget.rate
    return "warn" if budget.held_for or share > 0.9 else "active"


def _budget_lines(
    provider: Provider, budget: BudgetState, load: Workload, now: datetime
) -> list[tuple[str, str, str, str]]:
    """Name, value, a tone where it is not well, and somebody's own words."""
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


def _last_failure(provider: Provider, now: datetime) -> str:
    return describe_age(provider.last_failure_at, now) if provider.last_failure_at else _("none")


def _in_flight(budget: BudgetState) -> str:
    return _("%(polls)d of %(places)d for the background, %(clicks)d for clicks") % {
        "polls": budget.polls,
        "places": budget.places,
        "clicks": budget.clicks,
    }


def _waiting(load: Workload, now: datetime) -> str:
    figures = {"clicks": format_capped(load.clicks, CAP - 1), "rounds": format_count(load.background)}
    if load.oldest is None:
        return _("%(clicks)s to be sent, %(rounds)s rounds of questions due") % figures
    figures["age"] = describe_span(max(0.0, (now - load.oldest).total_seconds()))
    return _("%(clicks)s to be sent, the oldest for %(age)s; %(rounds)s rounds of questions due") % figures


def _next_slot(budget: BudgetState) -> str:
    if budget.next_in < 0.05:
        return _("now")
    figures = {"seconds": f"{budget.next_in:.1f}", "ahead": budget.ahead}
    return _("in %(seconds)s s; %(ahead)d are given to calls that wait for theirs") % figures


def _breaker(provider: Provider, now: datetime) -> tuple[str, str, str]:
    if provider.breaker_until is None:
        if provider.failures_in_a_row:
            return _("closed; %(n)d failures in a row") % {"n": provider.failures_in_a_row}, "warn", ""
        return _("closed"), "", ""
    failures = _failures(provider)
    if provider.breaker_until > now:
        when = describe_age(provider.breaker_until, now)
        return _("open after %(n)d failures; asked again %(when)s") % {"n": failures, "when": when}, "bad", ""
    return _("open after %(n)d failures; a probe is due") % {"n": failures}, "bad", ""


def _failures(provider: Provider) -> int:
    return max(provider.failures_in_a_row, provider.paid_failures)


def _pause(provider: Provider, budget: BudgetState, now: datetime) -> tuple[str, str, str]:
    if provider.pause_kind:
        since = describe_age(provider.paused_at, now) if provider.paused_at else ""
        said = " · ".join(part for part in (str(provider.get_pause_kind_display()), since) if part)
        return said, "warn", provider.pause_text
    if budget.held_for:
        left = describe_span(budget.held_for)
        return _("the provider asked for a pause; %(left)s left") % {"left": left}, "warn", ""
    return _("none"), "", ""


# --- Calls ------------------------------------------------------------------------------------------------------------


def call_rows(provider: Provider, now: datetime) -> list[dict[str, Any]]:
    """One row an action: how the calls of a day went, by outcome, and how long one took."""
    counts = (
        CallCount.objects.filter(provider=provider, hour__gte=now - CALLS_OVER)
        .order_by()
        .values_list("action", "outcome")
        .annotate(Sum("calls"), Sum("seconds"))
    )
    rows: dict[str, dict[str, Any]] = {}
    for action, outcome, calls, seconds in sorted(counts):
        row = rows.setdefault(action, {"action": action, "total": 0, "seconds": 0.0, "found": {}})
        row["total"] += calls
        row["seconds"] += seconds
        row["found"][outcome] = calls
    return [
        {
            "action": row["action"],
            "total": row["total"],
            "good": row["found"].get(OK, 0),
            "others": [
                {"word": outcome_word(outcome), "tone": OUTCOMES.get(outcome, "bad"), "calls": row["found"][outcome]}
                for outcome in (*OUTCOMES, *sorted(set(row["found"]) - set(OUTCOMES)))
                if outcome in row["found"] and outcome != OK
            ],
            "mean": f"{row['seconds'] / row['total']:.2f} s" if row["total"] else "–",
        }
        for row in rows.values()
    ]


# --- What is kept -----------------------------------------------------------------------------------------------------


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


def _readings(balances: list[tuple[datetime, Decimal]], currency: str, now: datetime) -> list[Reading]:
    """The newest readings, newest first, each with its step from the one before."""
    readings = []
    for (_before_at, before), (at, balance) in list(pairwise(balances))[-READINGS_LISTED:]:
        step = balance - before
        sign = "+" if step > 0 else "−"
        readings.append(
            Reading(
                when=format_when(at, now).html,
                balance=format_money(balance, currency),
                step=f"{sign}{format_money(abs(step))}" if step else "",
                tone="good" if step > 0 else "",
            )
        )
    return readings[::-1]


def _traces(provider: Provider, now: datetime) -> tuple[list[tuple[datetime, Decimal]], list[Failure]]:
    """The last balances, oldest first, and the last failed calls, newest first; one statement."""
    readings = BalanceReading.objects.filter(provider=provider).order_by("-at", "-id").values("pk")[:MOST_READINGS]
    failed = CallRecord.objects.filter(provider=provider).exclude(outcome=OK)
    records = failed.order_by("-id").values("pk")[:MOST_RECORDS]
    text = Value("", output_field=TextField())
    rows = (
        BalanceReading.objects.filter(pk__in=readings)
        .order_by()
        .annotate(
            x_action=text,
            x_outcome=text,
            x_detail=text,
            x_http=Value(None, output_field=IntegerField()),
            x_excerpt=text,
        )
        .values_list("at", "pk", "balance", "x_action", "x_outcome", "x_detail", "x_http", "x_excerpt")
        .union(
            CallRecord.objects.filter(pk__in=records)
            .order_by()
            .annotate(x_balance=Value(None, output_field=BalanceReading._meta.get_field("balance")))
            .values_list("at", "pk", "x_balance", "action", "outcome", "detail", "http_status", "excerpt"),
            all=True,
        )
        .order_by("-at", "-pk")
    )
    found = list(rows)
    balances = [(row[0], row[2]) for row in reversed(found) if row[2] is not None]
    failures = [
        Failure(row[3], outcome_word(row[4]), *row[5:], when=format_when(row[0], now).html)
        for row in found
        if row[2] is None
    ]
    return balances, failures


def _times(provider: Provider, now: datetime) -> list[tuple[str, Any]]:
    return [
        (_("Last good answer"), format_when(provider.last_success_at, now).html),
        (_("Balance read"), format_when(provider.balance_at, now).html),
        (_("Services read"), format_when(provider.catalogue_at, now).html),
        (_("Products read"), format_when(provider.products_at, now).html),
    ]
