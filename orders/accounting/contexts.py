"""What the page of money shows: all providers, days, differences, entries, clients and months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode

from orders.accounting.overview import Account, Overview
from orders.accounting.reconciliation import ZERO, ClientSum, Day
from orders.models import LedgerEntry
from panelhub.ui.formatting import badge, format_count, format_money, format_when
from providers.hub_prices import HubPrices

MONTHS: Final = 3
_CENT: Final = Decimal("0.01")
_PLACES: Final = 10


def account_rows(found: Overview, period: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows of the table of all providers, each leading to its own page for the same period."""
    return [_account_row(one, found.currency, period) for one in found.accounts]


def _account_row(one: Account, hub: str, period: dict[str, str]) -> dict[str, Any]:
    return {
        "name": one.name,
        "url": f"{reverse('orders:money')}?{urlencode({'provider': str(one.pk), **period})}",
        "opening": format_money(one.opening, one.currency),
        "charged": format_money(one.charged, one.currency),
        "entered": format_money(one.entered, one.currency),
        "closing": format_money(one.closing, one.currency),
        "difference": format_money(one.difference, one.currency),
        "is_off": bool(one.difference),
        "hub_charged": format_money(_cents(one.hub_charged), hub),
        "hub_closing": format_money(_cents(one.hub_closing), hub),
    }


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(_CENT)


@dataclass(slots=True)
class _Client:
    orders: int = 0
    open: int = 0
    expected: Decimal = ZERO
    charged: Decimal = ZERO

    def add(self, orders: int, still_open: int, expected: Decimal, charged: Decimal) -> None:
        self.orders += orders
        self.open += still_open
        self.expected += expected
        self.charged += charged

    def row(self, currency: str, label: str = "", query: dict[str, str] | None = None) -> dict[str, Any]:
        return {
            "label": label,
            "url": f"{reverse('orders:list')}?{urlencode(query)}" if query else "",
            "orders": format_count(self.orders),
            "open": format_count(self.open) if self.open else "",
            "expected": format_money(self.expected.quantize(_CENT), currency),
            "charged": format_money(self.charged.quantize(_CENT), currency),
        }


def client_rows(sums: Iterable[ClientSum], prices: HubPrices, period: dict[str, str]) -> dict[str, Any]:
    """Return what each client's orders came to at all providers, in the hub's currency, and the sum of all clients.

    Amounts in a currency without an exchange rate are left out; those currencies are named.
    """
    clients: defaultdict[str, _Client] = defaultdict(_Client)
    total = _Client()
    without_rate = set()
    for one in sums:
        worth = prices.worth_of(one.currency)
        if worth is None:
            without_rate.add(one.currency)
        rate = worth.rate if worth else ZERO
        for into in (clients[one.label], total):
            into.add(one.orders, one.open, one.expected * rate, one.charged * rate)
    ordered = sorted(clients.items(), key=lambda pair: (not pair[0], -pair[1].charged, pair[0].casefold()))
    return {
        "clients": [
            one.row(prices.currency, label, {"client": label, **period} if label else None) for label, one in ordered
        ],
        "client_total": total.row(prices.currency),
        "clients_without_rate": ", ".join(sorted(without_rate)),
    }


def months(today: date, since: date, until: date, provider: str) -> list[dict[str, Any]]:
    """Return links to this month and those before, the one that is shown marked."""
    found, last = [], today
    for _number in range(MONTHS):
        first = last.replace(day=1)
        days = {"since": first.isoformat(), "until": last.isoformat()}
        query = urlencode(days | ({"provider": provider} if provider else {}))
        found.append(
            {
                "label": date_format(first, "M Y"),
                "url": f"{reverse('orders:money')}?{query}",
                "is_shown": (since, until) == (first, last),
            }
        )
        last = first - timedelta(days=1)
    return found


def day_row(day: Day, currency: str) -> dict[str, Any]:
    """Return a day of one provider as a row."""
    difference = day.difference
    return {
        "day": day.day,
        "opening": format_money(day.opening),
        "charged": format_money(day.charged),
        "entered": format_money(day.entered),
        "to_confirm": format_money(day.to_confirm) if day.to_confirm else "",
        "unreported": format_money(day.unreported) if day.unreported else "",
        "closing": format_money(day.closing),
        "moved": format_money(day.moved),
        "difference": format_money(difference),
        "is_off": bool(difference),
        "currency": currency,
    }


def difference_row(order: Any) -> dict[str, Any]:
    """Return an order that was charged otherwise than expected as a row."""
    return {
        "pk": order.pk,
        "external_id": order.external_id,
        "badge": badge(order.status).html,
        "service": order.service.name if order.service else "",
        "expected": format_money(order.expected_charge),
        "net": format_money(round(order.net, _PLACES).normalize()),
        "charged": format_money(order.charge),
        "gap": format_money(round(order.gap, _PLACES).normalize()),
    }


def entry_row(entry: LedgerEntry, now: Any) -> dict[str, Any]:
    """Return a top-up or an adjustment as a row."""
    return {
        "pk": entry.pk,
        "kind": entry.get_kind_display(),
        "amount": format_money(entry.amount, entry.currency),
        "text": entry.text,
        "when": format_when(entry.at, now).html,
        "by": entry.created_by.get_username() if entry.created_by else "",
        "to_confirm": entry.recognised and entry.created_by_id is None,
        "recognised": entry.recognised,
    }
