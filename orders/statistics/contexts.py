"""What managers see at a glance, read from daily totals and measured quality in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import ExchangeRate, HubRules
from orders.permissions import granted_client_ids, seen_by
from orders.statistics.rollups import find_totals
from orders.statistics.stuck_orders import Watched, find_waiting
from panelhub.redaction import hide_amounts
from panelhub.ui.charts import Bar, bars, share_bar
from panelhub.ui.formatting import Badge, badge, describe_span, format_count, format_money, format_when
from providers.models import Provider, ServiceChange
from providers.permissions import sees_all_clients

PERIODS: Final = (7, 14, 30, 90)
PACE_DAYS: Final = 7
LONGEST_DAILY: Final = 31
"""Days up to which a chart has a bar for each; longer periods have one for each week."""
MOST_ROWS: Final = 12
_ZERO: Final = Decimal(0)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """One provider: what it was paid, how it did, and how long its balance lasts."""

    pk: int
    name: str
    spent: SafeString
    orders: str
    to_start: str
    to_finish: str
    completed: str
    partial: str
    canceled: str
    refilled: str
    balance: SafeString
    days_left: str
    is_low: bool


@dataclass(frozen=True, slots=True)
class StateLine:
    """How many orders of the period are in one state."""

    badge: Badge
    orders: str
    bar: SafeString
    status: str


@dataclass(frozen=True, slots=True)
class SpendLine:
    """What one person, or at one provider, was ordered in the period; ``url`` leads to those orders, or is ""."""

    name: str
    orders: str
    spent: SafeString
    bar: SafeString
    url: str


class Dashboard:
    """Everything the page shows for one reader and one period of days."""

    def __init__(self, user: Any, *, days: int, sees_cost: bool) -> None:
        self.days = days if days in PERIODS else PERIODS[1]
        self.sees_cost = sees_cost
        self.now = timezone.now()
        self.today = timezone.localdate()
        newest = ExchangeRate.objects.filter(currency=OuterRef("currency")).order_by("-day")
        providers: Any = seen_by(Provider.objects.select_related("quality").defer("api_key"), user, path="pk").annotate(
            hub_currency=Subquery(HubRules.objects.filter(pk=1).values("currency")[:1]),
            worth=Subquery(newest.values("rate")[:1]),
            every_client=Exists(sees_all_clients(user.pk)),
        )
        self._providers: dict[int, Any] = {provider.pk: provider for provider in providers.order_by("name")}
        stated = (provider.hub_currency for provider in self._providers.values() if provider.hub_currency)
        self.currency = next(stated, HubRules().currency)
        first = self.today - timedelta(days=max(self.days, PACE_DAYS) - 1)
        sees_all = any(provider.every_client for provider in self._providers.values())
        self._clients = None if sees_all else granted_client_ids(user)
        found = find_totals(first, self._providers, self._clients)
        self._totals = [
            (day, provider, (person, name), status, orders, charge, expected)
            for day, provider, person, name, status, orders, charge, expected in found
        ]
        self.without_rate = sorted({p.currency for p in self._providers.values() if self._rate(p) is None})

    def _rate(self, provider: Any) -> Decimal | None:
        """Return what one unit of a provider's currency is worth in the hub's, where a rate is known."""
        return Decimal(1) if provider.currency in {"", self.currency} else provider.worth

    def _worth(self, provider_id: int, amount: Decimal) -> Decimal:
        return amount * (self._rate(self._providers[provider_id]) or _ZERO)

    def _in_period(self) -> list[Any]:
        first = self.today - timedelta(days=self.days - 1)
        return [row for row in self._totals if row[0] >= first]

    def spend_chart(self) -> SafeString:
        """Return bars of what was charged a day (in long periods: a week), in the hub's currency."""
        charged = ((day, self._worth(provider, charge)) for day, provider, _p, _s, _n, charge, _e in self._in_period())
        points = [Bar(word, amount.quantize(_CENT)) for word, amount in self._over_time(charged)]
        return bars(points, label=_("Charged over time, %(currency)s") % {"currency": self.currency})

    def orders_chart(self) -> SafeString:
        """Return bars of how many orders were made a day (in long periods: a week)."""
        made = ((day, Decimal(orders)) for day, _pr, _p, _s, orders, _c, _e in self._in_period())
        return bars([Bar(word, count) for word, count in self._over_time(made)], label=_("Orders over time"))

    def _over_time(self, amounts: Iterable[tuple[date, Decimal]]) -> list[tuple[str, Decimal]]:
        """Return sums by day or week, oldest first, each under the day it begins with."""
        length = 1 if self.days <= LONGEST_DAILY else 7
        # Whole weeks that end today: the first may begin before the period, and then holds its days alone.
        count = -(-self.days // length)
        sums = [_ZERO] * count
        for day, amount in amounts:
            sums[count - 1 - (self.today - day).days // length] += amount
        begins = (self.today - timedelta(days=(count - index) * length - 1) for index in range(count))
        return [(date_format(day, "j M"), total) for day, total in zip(begins, sums, strict=True)]

    def totals(self) -> dict[str, Any]:
        """Return the figures on top of the page."""
        rows = self._in_period()
        spent = sum((self._worth(row[1], row[5]) for row in rows), _ZERO)
        done = sum(row[4] for row in rows if row[3] == "completed")
        ended = sum(row[4] for row in rows if row[3] in statuses.FINAL)
        return {
            "orders": format_count(sum(row[4] for row in rows)),
            "spent": format_money(spent.quantize(_CENT), self.currency),
            "open": format_count(sum(row[4] for row in rows if row[3] in statuses.OPEN)),
            "completed": _share(done, ended),
        }

    def state_lines(self) -> list[StateLine]:
        """Return orders of the period by state, the most frequent first."""
        count: defaultdict[str, int] = defaultdict(int)
        for row in self._in_period():
            count[row[3]] += row[4]
        ordered = sorted(count.items(), key=lambda pair: -pair[1])
        most = max(count.values(), default=0)
        return [
            StateLine(badge(status), format_count(orders), share_bar(orders, most, tone=badge(status).tone), status)
            for status, orders in ordered
        ]

    def people(self) -> list[SpendLine]:
        """Return who ordered what in the period, the most first."""
        home = reverse("orders:list")
        rows = (
            (name or _("the hub"), f"{home}?person={person}" if person else "", orders, self._worth(provider, charge))
            for _day, provider, (person, name), _status, orders, charge, _expected in self._in_period()
        )
        return self._spend_lines(rows)

    def spend_by_provider(self) -> list[SpendLine]:
        """Return where it was ordered in the period, the most first; in the hub's currency."""
        home = reverse("orders:list")
        rows = (
            (self._providers[pk].name, f"{home}?provider={pk}", orders, self._worth(pk, charge))
            for _day, pk, _person, _status, orders, charge, _expected in self._in_period()
        )
        return self._spend_lines(rows)

    def _spend_lines(self, rows: Iterable[tuple[str, str, int, Decimal]]) -> list[SpendLine]:
        """Return sums by name; the bars are of money for who sees it, of orders for others."""
        count: defaultdict[tuple[str, str], int] = defaultdict(int)
        spent: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for name, url, orders, worth in rows:
            count[name, url] += orders
            spent[name, url] += worth
        weight: Any = spent if self.sees_cost else count
        most = max(weight.values(), default=0)
        return [
            SpendLine(
                name=key[0],
                orders=format_count(count[key]),
                spent=format_money(spent[key].quantize(_CENT), self.currency),
                bar=share_bar(weight[key], most),
                url=key[1],
            )
            for key in sorted(count, key=lambda key: (-weight[key], -count[key]))[:MOST_ROWS]
        ]

    def provider_lines(self) -> list[ProviderLine]:
        """Return every provider with its spend, its quality and its balance."""
        spent: defaultdict[int, Decimal] = defaultdict(Decimal)
        count: defaultdict[int, int] = defaultdict(int)
        pace: defaultdict[int, Decimal] = defaultdict(Decimal)
        first, lately = self.today - timedelta(days=self.days - 1), self.today - timedelta(days=PACE_DAYS - 1)
        for day, provider, _person, _status, orders, charge, _expected in self._totals:
            if day >= first:
                spent[provider] += charge
                count[provider] += orders
            if day >= lately:
                pace[provider] += charge
        return [
            self._provider_line(provider, spent[pk], count[pk], pace[pk] / PACE_DAYS)
            for pk, provider in self._providers.items()
        ]

    def _provider_line(self, provider: Provider, spent: Decimal, orders: int, pace: Decimal) -> ProviderLine:
        quality = getattr(provider, "quality", None)
        low = provider.low_balance
        # What some clients spend says nothing about how long a balance lasts.
        paced = pace if self._clients is None else _ZERO
        days = provider.balance / paced if provider.balance is not None and paced > 0 else None
        return ProviderLine(
            pk=provider.pk,
            name=provider.name,
            spent=format_money(spent, provider.currency),
            orders=format_count(orders),
            to_start=_span(quality.seconds_to_start if quality else None),
            to_finish=_span(quality.seconds_to_finish if quality else None),
            completed=_percent(quality.completed if quality else None),
            partial=_percent(quality.partial if quality else None),
            canceled=_percent(quality.canceled if quality else None),
            refilled=_percent(quality.refilled if quality else None),
            balance=format_money(provider.balance, provider.currency),
            days_left="–" if days is None else _("%(n)d d") % {"n": min(int(days), 999)},
            is_low=low is not None and provider.balance is not None and provider.balance < low,
        )

    def watched(self) -> Watched:
        """Return orders that wait for a person, stand still, or are slow; one statement."""
        found = find_waiting(list(self._providers), now=self.now, clients=self._clients)
        if not self.sees_cost:
            found.people = [replace(one, why=hide_amounts(one.why)) for one in found.people]
        return found

    def price_changes(self) -> list[dict[str, Any]]:
        """Return the newest changes of rates."""
        found = (
            ServiceChange.objects.filter(kind=ServiceChange.Kind.RATE, service__provider__in=self._providers)
            .order_by("-id")
            .values("at", "before", "after", "service_id", "service__name", "service__provider__name")[:MOST_ROWS]
        )
        return [
            {
                "when": format_when(row["at"], self.now).html,
                "service": row["service_id"],
                "name": row["service__name"],
                "provider": row["service__provider__name"],
                "before": row["before"],
                "after": row["after"],
                "rose": _rose(row["before"], row["after"]),
            }
            for row in found
        ]


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else describe_span(seconds)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _rose(before: str, after: str) -> bool:
    try:
        return Decimal(after) > Decimal(before)
    except ArithmeticError:
        return False
