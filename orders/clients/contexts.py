"""What the pages of clients show, put together in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders import statuses
from orders.clients.figures import CENT, HubMoney, Total, placed_in, sum_by, visible_rows
from orders.clients.queries import NEEDS_ATTENTION, count_open
from orders.models import Client, ProductOrder
from orders.permissions import orders_for
from panelhub.db.aggregates import CAP
from panelhub.ui.formatting import badge, format_capped, format_count, format_money, format_when

MONTHS: Final = 12
MOST_OPEN: Final = 15
MOST_LINKS: Final = 30
LOOKED_THROUGH: Final = 1_000
"""So many of a client's newest orders are looked through for links."""


@dataclass(frozen=True, slots=True)
class Money:
    """One line of sums as a page shows it, amounts in the hub's currency."""

    label: str
    url: str
    orders: str
    charged: SafeString
    billed: SafeString
    margin: SafeString
    share: str
    without_rate: str


def describe_total(total: Total, currency: str, *, label: str = "", url: str = "") -> Money:
    """Return sums in words."""
    charged, billed = total.charged.quantize(CENT), total.billed.quantize(CENT)
    return Money(
        label=label,
        url=url,
        orders=format_count(total.orders),
        charged=format_money(charged, currency),
        billed=format_money(billed, currency),
        margin=format_money(billed - charged, currency),
        share=f"{total.margin / total.billed:.0%}" if total.billed else "–",
        without_rate=", ".join(sorted(total.without_rate)),
    )


def rows_of(clients: Iterable[Client], user: Any) -> list[dict[str, Any]]:
    """Return the rows of the list: what is open, and what this month came to; at most six statements."""
    listed = list(clients)
    keys = [client.pk for client in listed]
    rows = visible_rows(user) if keys else []
    today = timezone.localdate()
    open_now = count_open(rows, keys)
    money = HubMoney()
    month = [placed_in(one.filter(client__in=keys), today.replace(day=1), today) for one in rows]
    totals = money.add_up(sum_by(month, "client"))
    return [
        {
            "client": client,
            "url": reverse("orders:client", args=[client.pk]),
            "open": format_count(open_now[client.pk]) if client.pk in open_now else "",
            "month": describe_total(totals.get(client.pk, Total()), money.currency),
            "markup": describe_markup(client.markup),
            "manager": client.manager.get_username() if client.manager else "",
        }
        for client in listed
    ]


def describe_markup(markup: Decimal) -> str:
    """Return a markup as a percentage: "20 %"."""
    return f"{markup.normalize():f} %"


def build_page(client: Client, user: Any) -> dict[str, Any]:
    """Return everything the page of one client shows; a constant number of statements."""
    rows = [one.filter(client=client) for one in visible_rows(user)]
    now = timezone.now()
    months, totals, money = _months(client, rows)
    current = timezone.localdate().replace(day=1)
    return {
        "client": client,
        "markup": describe_markup(client.markup),
        "months": months,
        "currency": money.currency,
        "this_month": describe_total(totals.get(current, Total()), money.currency),
        "last_month": describe_total(totals.get(_before(current), Total()), money.currency),
        "without_rate": ", ".join(sorted(frozenset().union(*(one.without_rate for one in totals.values())))),
        "open": [line for one in rows for line in _open_lines(one, now)],
        "open_count": format_capped(sum(count_open(rows, [client.pk]).values()), CAP),
        "attention": sum(one.filter(NEEDS_ATTENTION)[: CAP + 1].count() for one in rows),
        "links": _links(client, user, now),
        "orders_url": _list_url(client),
    }


def _list_url(client: Client, **more: str) -> str:
    return f"{reverse('orders:list')}?{urlencode({'client': client.name, **more})}"


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _months(client: Client, rows: list[QuerySet[Any]]) -> tuple[list[Money], dict[date, Total], HubMoney]:
    """Return the last twelve months in which something was ordered, newest first."""
    today = timezone.localdate()
    first = today.replace(day=1)
    for _month in range(MONTHS - 1):
        first = _before(first)
    money = HubMoney()
    zone = timezone.get_default_timezone()
    period = [placed_in(one, first, today) for one in rows]
    sums = sum_by(period, "month", month=TruncMonth("created_at", tzinfo=zone))
    totals = {month.date(): total for month, total in money.add_up(sums).items()}
    report = reverse("orders:client_report", args=[client.pk])
    lines = [
        describe_total(
            totals[month],
            money.currency,
            label=date_format(month, "F Y"),
            url=f"{report}?month={month:%Y-%m}",
        )
        for month in sorted(totals, reverse=True)
    ]
    return lines, totals, money


def _open_lines(rows: QuerySet[Any], now: Any) -> list[dict[str, Any]]:
    """Return the newest orders, or product orders, that are not finished."""
    is_product = rows.model is ProductOrder
    thing, link = ("product__name", "quantity") if is_product else ("service__name", "link")
    page = "orders:product_detail" if is_product else "orders:detail"
    found = rows.filter(status__in=sorted(statuses.LIVE)).order_by("-id")
    return [
        {
            "number": f"#{pk}",
            "url": reverse(page, args=[pk]),
            "badge": badge(status).html,
            "name": name or (_("unknown product") if is_product else _("unknown service")),
            "link": "" if is_product else second,
            "when": format_when(at, now).html,
        }
        for pk, status, name, second, at in found.values_list("pk", "status", thing, link, "created_at")[:MOST_OPEN]
    ]


def _links(client: Client, user: Any, now: Any) -> list[dict[str, Any]]:
    """Return what the client's newest orders were for, the latest first, with what was ordered for each."""
    if not user.has_perm("orders.view_order"):
        return []
    newest = orders_for(user).filter(client=client).exclude(link="").order_by("-id")
    found: dict[bytes, dict[str, Any]] = {}
    for key, link, name, quantity, status, at in newest.values_list(
        "target_key", "link", "service__name", "quantity", "status", "created_at"
    )[:LOOKED_THROUGH]:
        entry = found.setdefault(
            bytes(key or link.encode()),
            {"link": link, "url": _list_url(client, q=link), "when": format_when(at, now).html, "lines": [], "n": 0},
        )
        entry["n"] += 1
        if len(entry["lines"]) < 3:
            entry["lines"].append({"name": name or "", "quantity": quantity, "badge": badge(status).html})
    return [entry | {"orders": format_count(entry["n"])} for entry in list(found.values())[:MOST_LINKS]]


def lines_by_currency(sums: Mapping[tuple[Any, ...], Total]) -> list[tuple[str, Total]]:
    """Return totals by currency, the last part of their keys, in the order of the codes."""
    found: dict[str, Total] = {}
    for key, total in sums.items():
        found.setdefault(key[-1], Total()).add(total)
    return sorted(found.items())
