"""The report of one client's month: its lines and its sums, for a page made for print and for a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import CharField, F, QuerySet, Value
from django.utils.translation import gettext as _

from orders import statuses
from orders.clients.figures import HubMoney, Total, placed_in, priced, sum_by, visible_rows
from orders.models import Client, ProductOrder
from orders.statuses import OrderStatus
from panelhub.ui.formatting import badge

MOST_LINES: Final = 1_000
"""So many lines stand on the page; a workbook has all of them."""
_COLUMNS: Final = (
    *("pk", "created_at", "thing", "target", "quantity", "remains", "status", "currency", "cost", "billed", "kind"),
)
_WORDS: Final[dict[str, Any]] = dict(OrderStatus.choices)


@dataclass(frozen=True, slots=True)
class Line:
    """One order of the month. ``delivered`` is ``None`` where the provider did not state it."""

    number: str
    at: datetime
    name: str
    link: str
    quantity: int | None
    delivered: int | None
    status: str
    currency: str
    cost: Decimal
    billed: Decimal

    @property
    def status_words(self) -> str:
        """Return the state in words."""
        return str(_WORDS.get(self.status, self.status))

    @property
    def badge(self) -> Any:
        """Return the state as a badge."""
        return badge(self.status).html


class Report:
    """One client's month as its reader may see it: orders that a provider accepted, oldest first."""

    def __init__(self, client: Client, month: date, user: Any) -> None:
        self.client = client
        self.first = month
        self.last = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        self._rows = [
            placed_in(one.filter(client=client, status__in=sorted(statuses.AT_PROVIDER)), self.first, self.last)
            for one in visible_rows(user)
        ]
        self.money = HubMoney()
        self._sums: dict[tuple[Any, ...], Total] | None = None

    def _found(self) -> QuerySet[Any, Any] | None:
        parts = [_line_columns(one) for one in self._rows]
        if not parts:
            return None
        return (parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True)).order_by("created_at", "pk")

    def lines(self, most: int | None = None) -> Iterator[Line]:
        """Yield the lines, at most ``most``; one statement, read while they are used."""
        found = self._found()
        if found is None:
            return
        for row in found[:most].iterator(chunk_size=2_000) if most else found.iterator(chunk_size=2_000):
            yield _line(dict(zip(_COLUMNS, row, strict=True)))

    def sums(self) -> dict[tuple[Any, ...], Total]:
        """Return totals by what was ordered, state and currency; one statement for orders and one for products."""
        if self._sums is None:
            self._sums = {}
            for one in self._rows:
                name = "product__name" if one.model is ProductOrder else "service__name"
                for key, total in sum_by([one], name, "status").items():
                    self._sums.setdefault(key, Total()).add(total)
        return self._sums

    def by_name(self) -> list[tuple[str, Total]]:
        """Return totals in the hub's currency by what was ordered, the most orders first."""
        totals = self.money.add_up(self.sums())
        named = [(name or _("unknown service"), total) for name, total in totals.items()]
        return sorted(named, key=lambda one: (-one[1].orders, one[0]))

    def total(self) -> Total:
        """Return all of it in the hub's currency."""
        whole = Total()
        for (_name, _status, currency), total in self.sums().items():
            whole.add(total, self.money.worth_of(currency), currency)
        return whole

    def count_in(self, *states: str) -> int:
        """Return how many orders are in one of these states."""
        return sum(total.orders for (_name, status, _currency), total in self.sums().items() if status in states)


def _line_columns(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Return the columns of lines, of orders and of product orders alike."""
    is_product = rows.model is ProductOrder
    kind = Value("product" if is_product else "order", output_field=CharField())
    target = Value("", output_field=CharField()) if is_product else F("link")
    thing = F("product__name" if is_product else "service__name")
    found: QuerySet[Any, Any] = (
        priced(rows).annotate(kind=kind, thing=thing, target=target).order_by().values_list(*_COLUMNS)
    )
    return found


def _line(row: dict[str, Any]) -> Line:
    quantity, remains, status = row["quantity"], row["remains"], row["status"]
    delivered = None
    if quantity is not None and remains is not None:
        delivered = quantity - remains
    elif status == "completed":
        delivered = quantity
    return Line(
        number=f"#{row['pk']}" if row["kind"] == "order" else _("product order %(pk)s") % {"pk": row["pk"]},
        at=row["created_at"],
        name=row["thing"] or "",
        link=row["target"],
        quantity=quantity,
        delivered=delivered,
        status=status,
        currency=row["currency"],
        cost=row["cost"],
        billed=row["billed"],
    )


def table_of(report: Report, *, sees_cost: bool, internal: bool) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Return the headings and rows of a workbook; what it cost only where it is for the agency itself."""
    header = [_("Ordered"), _("Order"), _("Service"), _("Link"), _("Quantity"), _("Delivered"), _("Status")]
    if sees_cost:
        header += [_("Currency"), *([_("Charged")] if internal else []), _("Billed")]
        header += [_("Margin")] if internal else []
    return header, _table_rows(report, sees_cost=sees_cost, internal=internal)


def _table_rows(report: Report, *, sees_cost: bool, internal: bool) -> Iterator[Sequence[Any]]:
    totals: dict[str, Total] = {}
    for line in report.lines():
        row: list[Any] = [line.at, line.number, line.name, line.link, line.quantity, line.delivered, line.status_words]
        if sees_cost:
            row += [line.currency, *([line.cost] if internal else []), line.billed]
            row += [line.billed - line.cost] if internal else []
            totals.setdefault(line.currency, Total()).add(Total(1, line.cost, line.billed))
        yield row
    for currency, total in sorted(totals.items()):
        row = [None, _("Total"), None, None, None, None, None, currency]
        yield [*row, *([total.charged, total.billed, total.margin] if internal else [total.billed])]
