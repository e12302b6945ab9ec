"""How the calls and the balance of an account went lately: results by action, readings, failures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from django.db.models import IntegerField, Sum, TextField, Value
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import format_money, format_when
from providers.calls.services import OK
from providers.models import BalanceReading, CallCount, CallRecord, Provider

MOST_READINGS: Final = 60
READINGS_LISTED: Final = 12
MOST_RECORDS: Final = 15
CALLS_OVER: Final = timedelta(hours=24)

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
    """An outcome of a call in words; one that no one knows as it is."""
    words = {
        OK: _("good"),
        "OrderRefused": _("rejected"),
        "NotSupported": _("not supported"),
        "RateLimited": _("too many requests"),
        "AccountRefused": _("account rejected"),
        "NotSent": _("not sent"),
        "Unknown": _("unclear"),
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


def list_readings(balances: list[tuple[datetime, Decimal]], currency: str, now: datetime) -> list[Reading]:
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


def load_traces(provider: Provider, now: datetime) -> tuple[list[tuple[datetime, Decimal]], list[Failure]]:
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
