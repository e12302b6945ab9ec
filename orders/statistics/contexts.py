"""What managers see at a glance, read from daily rollups and measured quality in a few statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders import statuses
from orders.permissions import granted_client_ids, seen_by
from orders.statistics.totals import Figures, Period, Totals, read_totals
from panelhub.db.prepared import as_decimal
from panelhub.ui.charts import Bar, bars, share_bar
from panelhub.ui.formatting import Badge, badge, describe_span, format_count, format_money, format_when, money_text
from providers.hub_prices import price_columns
from providers.models import Provider, ServiceChange
from providers.permissions import sees_all, sees_all_clients

PACE_DAYS: Final = 7
SOON_EMPTY_DAYS: Final = 3
MOST_ROWS: Final = 12
_ZERO: Final = Decimal(0)
_CENT: Final = Decimal("0.01")
_FINAL: Final = tuple(sorted(statuses.FINAL))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure beside that of the period before: ``change`` is in words, ``tone`` says whether it is good."""

    label: str
    text: str | SafeString
    change: str = ""
    tone: str = ""
    before: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class StateLine:
    """How many orders of the period are in one state."""

    badge: Badge
    orders: str
    bar: SafeString
    url: str


@dataclass(frozen=True, slots=True)
class SpendLine:
    """What one person, or at one provider, was ordered in the period; ``url`` leads to those orders, or is ""."""

    name: str
    orders: str
    spent: SafeString
    bar: SafeString
    url: str


class Dashboard:
    """Everything the page shows for one reader and one period."""

    def __init__(self, user: Any, period: Period, *, sees_cost: bool) -> None:
        self.period = period
        self.sees_cost = sees_cost
        self.now = timezone.now()
        visible: Any = seen_by(Provider.objects.select_related("quality").defer("api_key"), user, path="pk")
        visible = visible.annotate(
            sees_every_one=Exists(sees_all(user.pk)),
            every_client=Exists(sees_all_clients(user.pk)),
            **price_columns(),
        )
        self.providers: dict[int, Any] = {provider.pk: provider for provider in visible.order_by("name")}
        every = self.providers.values()
        self.currency = next((one.hub for one in every if one.hub), "")
        self._worth = {
            one.currency: Decimal(1) if one.currency in {"", self.currency} else as_decimal(one.worth) or _ZERO
            for one in every
        }
        self.without_rate = sorted(currency for currency, worth in self._worth.items() if not worth)
        self.clients = None if any(one.every_client for one in every) else granted_client_ids(user)
        self.totals: Totals = read_totals(
            period,
            list(self.providers),
            self._worth,
            pace_days=PACE_DAYS,
            is_whole=any(one.sees_every_one for one in every),
            clients=self.clients,
        )

    def _link(self, period: Period | None = None, **query: Any) -> str:
        """Return the address of the list of orders of a period (of the page's own when none is given)."""
        days = period or self.period
        return f"{reverse('orders:list')}?{urlencode({**query, 'since': days.since, 'until': days.until})}"

    # --- Figures against the period before --------------------------------------------------------------------------

    def figures(self) -> list[Figure]:
        """Return the figures on top of the page."""
        now, before = self.totals.whole(now=True), self.totals.whole(now=False)
        done, done_before = self._completion(now=True), self._completion(now=False)
        every, ended = self._link(), self._link(status="completed")
        shown = [
            Figure(_("Orders"), format_count(now.orders), *_grown(now.orders, before.orders, format_count), every),
            Figure(_("Completion rate"), percent_text(done), *self._points(done, done_before), ended),
            Figure(_("Delivery time"), *self._delivery(now, before), ended),
        ]
        if self.sees_cost:
            charged = Figure(
                _("Charged"),
                format_money(now.charge.quantize(_CENT), self.currency),
                *_grown(now.charge, before.charge, lambda amount: money_text(amount.quantize(_CENT), self.currency)),
            )
            shown.insert(0, charged)
        return shown

    def _completion(self, *, now: bool) -> float | None:
        """Return the share of the orders that ended which ended as completed."""
        ended = sum(self.totals.by_status[now, status].orders for status in _FINAL)
        return self.totals.by_status[now, "completed"].orders / ended if ended else None

    def _points(self, share: float | None, before: float | None) -> tuple[str, str, str]:
        if share is None or before is None:
            return "", "", ""
        points = round((share - before) * 100)
        tone = "good" if points > 0 else "bad" if points < 0 else ""
        return _signed(points, _("%(n)s points")), tone, percent_text(before)

    def _delivery(self, now: Figures, before: Figures) -> tuple[str, str, str, str]:
        """Return the mean time from placed to completed, and how much longer or shorter it is than before."""
        span, former = _mean(now), _mean(before)
        if span is None or not former:
            return span_text(span), "", "", ""
        percent = round((span - former) / former * 100)
        tone = "good" if percent < 0 else "bad" if percent > 0 else ""
        return span_text(span), _signed(percent, "%(n)s%%"), tone, span_text(former)

    # --- Charts ---------------------------------------------------------------------------------------------------

    def spend_chart(self) -> SafeString:
        """Return bars of what was charged a day (in long periods: a week), in the hub's currency."""
        return self._chart(
            lambda one: one.charge.quantize(_CENT),
            lambda amount: money_text(amount, self.currency),
            label=_("Charged over time, %(currency)s") % {"currency": self.currency},
        )

    def orders_chart(self) -> SafeString:
        """Return bars of how many orders were made a day (in long periods: a week)."""
        return self._chart(lambda one: Decimal(one.orders), lambda n: format_count(int(n)), label=_("Orders over time"))

    def _chart(self, figure: Callable[[Figures], Decimal], text: Callable[[Decimal], str], *, label: str) -> SafeString:
        points = []
        for part in self.period.parts():
            days = [one for day, one in self.totals.by_day.items() if part.since <= day <= part.until]
            value = sum(map(figure, days), _ZERO)
            points.append(Bar(date_format(part.since, "j M"), value, text(value), self._link(part)))
        return bars(points, label=label)

    # --- Tables ---------------------------------------------------------------------------------------------------

    def state_lines(self) -> list[StateLine]:
        """Return orders of the period by state, the most frequent first."""
        count = {status: one.orders for (now, status), one in self.totals.by_status.items() if now and one.orders}
        ordered = sorted(count.items(), key=lambda pair: -pair[1])
        most = max(count.values(), default=0)
        return [
            StateLine(
                badge(status),
                format_count(orders),
                share_bar(orders, most, tone=badge(status).tone),
                self._link(status=status),
            )
            for status, orders in ordered
        ]

    def people(self) -> list[SpendLine]:
        """Return who ordered what in the period, the most first."""
        return self._spend_lines(
            (name or _("the hub"), self._link(person=key) if key else "", one)
            for (key, name), one in self.totals.by_person.items()
        )

    def _spend_lines(self, rows: Iterable[tuple[str, str, Figures]]) -> list[SpendLine]:
        """Return sums by name; the bars are of money for who sees it, of orders for others."""
        found = [(name, url, one, one.charge if self.sees_cost else one.orders) for name, url, one in rows]
        most = max((weight for *_row, weight in found), default=0)
        return [
            SpendLine(
                name=name,
                orders=format_count(one.orders),
                spent=format_money(one.charge.quantize(_CENT), self.currency),
                bar=share_bar(weight, most),
                url=url,
            )
            for name, url, one, weight in sorted(found, key=lambda row: (-row[3], -row[2].orders))[:MOST_ROWS]
        ]

    def days_left(self, provider: Provider) -> Decimal | None:
        """Return how many days a balance lasts at the pace of the last week; ``None`` when no one can say."""
        pace = self.totals.pace[provider.pk] / PACE_DAYS
        return provider.balance / pace if provider.balance is not None and pace > 0 else None

    def is_low(self, provider: Provider) -> bool:
        """Return whether a balance is below its limit, or ends within days."""
        days = self.days_left(provider)
        is_below = provider.low_balance is not None and (provider.balance or _ZERO) < provider.low_balance
        return (is_below and provider.balance is not None) or (days is not None and days < SOON_EMPTY_DAYS)

    def price_changes(self) -> list[dict[str, Any]]:
        """Return the newest changes of rates."""
        found = (
            ServiceChange.objects.filter(kind=ServiceChange.Kind.RATE, service__provider__in=self.providers)
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


def span_text(seconds: float | None) -> str:
    return "–" if seconds is None else describe_span(seconds)


def percent_text(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _mean(one: Figures) -> float | None:
    return one.seconds / one.delivered if one.delivered else None


def _grown(now: Any, before: Any, text: Callable[[Any], str]) -> tuple[str, str, str]:
    """Return how much more ``now`` is than ``before``, without a judgement, and the former figure."""
    if not before:
        return "", "", ""
    return _signed(round(float(now / before) * 100 - 100), "%(n)s%%"), "", text(before)


def _signed(number: int, pattern: str) -> str:
    sign = "▲ " if number > 0 else "▼ " if number < 0 else "±"
    return sign + pattern % {"n": format_count(abs(number))}


def _rose(before: str, after: str) -> bool:
    try:
        return Decimal(after) > Decimal(before)
    except ArithmeticError:
        return False
