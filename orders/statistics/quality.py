"""Measure providers and services on the orders that finished lately, in a job, so that pages and routes only read.

The number of statements does not depend on the number of orders: the finished orders of the window, their refills,
the price changes, then for providers and services the writes in batches and the removal of what has left the window.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from orders import statuses
from orders.models import Order, ProviderQuality, Refill, ServiceQuality
from orders.models.statistics import PRIOR_SHARE, WINDOW_DAYS, smooth
from providers.catalogue.changes import read_price
from providers.models import ServiceChange

LAST_ORDERS: Final = 20_000
"""How many finished orders are looked at, the newest first."""
ENOUGH: Final = 200
"""How many of them count for one provider or service."""
MOST_SPREAD: Final = 100.0
"""A price that rose a hundredfold has no better figure."""
_CANCELED: Final = ("canceled", "refunded", "failed")
_DECIDED: Final = ("completed", "rejected", "refused", "error")
"""States of a refill that was either delivered or declined."""


@dataclass(slots=True)
class _Tally:
    """What is collected of one provider or service."""

    states: Counter[str] = field(default_factory=Counter)
    starts: list[float] = field(default_factory=list)
    finishes: list[float] = field(default_factory=list)
    refilled: int = 0
    asked: int = 0
    decided: int = 0
    honoured: int = 0

    @property
    def orders(self) -> int:
        return self.states.total()

    def add(self, status: str, placed: datetime | None, started: datetime | None, finished: datetime | None) -> None:
        self.states[status] += 1
        if placed and started:
            self.starts.append(max(0.0, (started - placed).total_seconds()))
        if placed and finished and status == "completed":
            self.finishes.append(max(0.0, (finished - placed).total_seconds()))

    def add_refills(self, asked: int, decided: int, honoured: int) -> None:
        self.asked += asked
        self.decided += decided
        self.honoured += honoured

    @property
    def sureness(self) -> float:
        """The lower end of Wilson's interval for the share completed: one of one is no better than 190 of 200."""
        orders = self.orders
        share, z2 = self.states["completed"] / orders, 1.96**2
        spread = 1.96 * math.sqrt(share * (1 - share) / orders + z2 / (4 * orders**2))
        return max(0.0, (share + z2 / (2 * orders) - spread) / (1 + z2 / orders))

    def expect(self, prior: float) -> float:
        """Return the share to expect completed, as if ``PRIOR_ORDERS`` more had done as well as ``prior`` says."""
        return smooth(self.states["completed"], self.orders, prior)

    def figures(self, at: datetime) -> dict[str, Any]:
        return {
            "at": at,
            "orders": self.orders,
            "seconds_to_start": statistics.median(self.starts) if self.starts else None,
            "seconds_to_finish": statistics.median(self.finishes) if self.finishes else None,
            "completed": self.states["completed"] / self.orders,
            "partial": self.states["partial"] / self.orders,
            "canceled": sum(self.states[state] for state in _CANCELED) / self.orders,
            "refills_asked": self.asked,
            "refills_decided": self.decided,
            "refills_honoured": self.honoured,
        }


def refresh_quality() -> int:
    """Measure providers and services again on the window; returns how many finished orders were looked at."""
    now = timezone.now()
    since = now - timedelta(days=WINDOW_DAYS)
    providers: defaultdict[int, _Tally] = defaultdict(_Tally)
    services: defaultdict[int, _Tally] = defaultdict(_Tally)
    home: dict[int, int] = {}
    looked, completed = 0, 0
    finished = (
        Order.objects.filter(status__in=statuses.FINAL, created_at__gte=since)
        .order_by("-created_at", "-id")
        .annotate(was_refilled=Exists(Refill.objects.filter(order=OuterRef("pk"))))
        .values_list("provider_id", "service_id", "status", "placed_at", "started_at", "finished_at", "was_refilled")
    )
    for provider, service, status, placed, started, ended, was_refilled in finished[:LAST_ORDERS]:
        looked += 1
        completed += status == "completed"
        if providers[provider].orders < ENOUGH:
            providers[provider].add(status, placed, started, ended)
            providers[provider].refilled += bool(was_refilled)
        if service is not None and services[service].orders < ENOUGH:
            services[service].add(status, placed, started, ended)
            home[service] = provider
    _add_refills(since, providers, services)
    prices = _price_moves(since, services)
    whole = smooth(completed, looked, PRIOR_SHARE)
    expected = {pk: tally.expect(whole) for pk, tally in providers.items()}
    _store(
        ProviderQuality,
        "provider",
        [
            ProviderQuality(
                provider_id=pk,
                refilled=tally.refilled / tally.orders,
                expected=expected[pk],
                **tally.figures(now),
            )
            for pk, tally in providers.items()
        ],
        since,
    )
    _store(
        ServiceQuality,
        "service",
        [
            ServiceQuality(
                service_id=pk,
                sureness=tally.sureness,
                expected=tally.expect(expected[home[pk]]),
                price_changes=prices[pk].changes,
                price_spread=prices[pk].spread,
                **tally.figures(now),
            )
            for pk, tally in services.items()
        ],
        since,
    )
    return looked


def _add_refills(since: datetime, providers: Mapping[int, _Tally], services: Mapping[int, _Tally]) -> None:
    """Add the refills of the window's orders; one statement."""
    counted = (
        Refill.objects.filter(order__created_at__gte=since)
        .exclude(status=statuses.WITHDRAWN)
        .order_by()
        .values_list("order__provider_id", "order__service_id")
        .annotate(
            asked=Count("pk"),
            decided=Count("pk", filter=Q(status__in=_DECIDED)),
            honoured=Count("pk", filter=Q(status="completed")),
        )
    )
    for provider, service, asked, decided, honoured in counted:
        if provider in providers:
            providers[provider].add_refills(asked, decided, honoured)
        if service in services:
            services[service].add_refills(asked, decided, honoured)


@dataclass(slots=True)
class _Prices:
    """The prices of one service in the window."""

    changes: int = 0
    lowest: Decimal | None = None
    highest: Decimal | None = None

    def add(self, *prices: Decimal | None) -> None:
        self.changes += 1
        for price in prices:
            if price is not None:
                self.lowest = price if self.lowest is None else min(self.lowest, price)
                self.highest = price if self.highest is None else max(self.highest, price)

    @property
    def spread(self) -> float:
        """How far the highest price lies above the lowest one, as a share of it; from and to nothing is all of it."""
        if self.lowest is None or self.highest is None or self.highest == self.lowest:
            return 0.0
        return min(MOST_SPREAD, float((self.highest - self.lowest) / self.lowest)) if self.lowest > 0 else MOST_SPREAD


def _price_moves(since: datetime, services: Collection[int]) -> Mapping[int, _Prices]:
    """Return how the prices of services moved in the window; one statement."""
    found: defaultdict[int, _Prices] = defaultdict(_Prices)
    moves = ServiceChange.objects.filter(kind=ServiceChange.Kind.RATE, at__gte=since).order_by()
    for service, before, after in moves.values_list("service_id", "before", "after").iterator():
        if service in services:
            found[service].add(read_price(before), read_price(after))
    return found


def _store(model: Any, subject: str, rows: Sequence[Any], since: datetime) -> None:
    """Write what was measured now; what was last measured before the window is removed."""
    if rows:
        written = [column.name for column in model._meta.concrete_fields if column.name not in {"id", subject}]
        model.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=[f"{subject}_id"], update_fields=written, batch_size=500
        )
    model.objects.filter(at__lt=since).delete()
