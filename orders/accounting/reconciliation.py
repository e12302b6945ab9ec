"""Reconciliation: compare balance changes with charges and entries.

Per provider and day of the hub's time zone, in the provider's own currency, in decimals. Charges count on the
day they were seen, as the changes they are; what is entered by hand or confirmed counts as well. What remains is
a difference, and is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import (
    Case,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from orders import statuses
from orders.models import ChargeDelta, LedgerEntry, Order, ProductOrder
from providers.models import MONEY, BalanceReading, Provider

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

ZERO: Final = Decimal(0)
# SQLite adds money up as floats; what is left of that lies far below the eighth place.
EXACT: Final = Decimal(1).scaleb(-8)
LONGEST: Final = timedelta(days=92)
SHARE: Final = Decimal("0.001")
LEAST: Final = Decimal("0.00005")
_MONEY: Final = DecimalField(**MONEY)


@dataclass(slots=True)
class Day:
    """One provider's day. ``moved`` is what the balance did, ``expected`` what it should have done.

    ``to_confirm`` are recognised top-ups no one has confirmed: they do not count yet.
    ``unreported`` is the expected price of orders made that day whose charge no one reported.
    """

    day: date
    opening: Decimal | None = None
    closing: Decimal | None = None
    readings: int = 0
    charged: Decimal = ZERO
    entered: Decimal = ZERO
    to_confirm: Decimal = ZERO
    unreported: Decimal = ZERO
    elsewhere: dict[str, Decimal] = field(default_factory=dict)

    @property
    def moved(self) -> Decimal | None:
        """What the balance did that day; ``None`` while no balance was known."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening

    @property
    def expected(self) -> Decimal:
        """What entries and charges say the balance should have done."""
        return self.entered - self.charged

    @property
    def difference(self) -> Decimal | None:
        """What nothing explains; zero when charges and entries explain the balance."""
        return None if self.moved is None else clean(self.moved - self.expected)


@dataclass(frozen=True, slots=True)
class Report:
    """The days of a period, oldest first, and their sum as one long day."""

    provider: Provider
    days: list[Day]
    total: Day


def clean(amount: Decimal) -> Decimal:
    """Return an amount without what adding floats up left behind."""
    return amount.quantize(EXACT).normalize() + ZERO


def reconcile(provider: Provider, *, since: date, until: date) -> Report:
    """Hold a balance against charges and entries, each day from ``since`` to ``until``; eight statements."""
    start, end = start_of(since), start_of(until + timedelta(days=1))
    days = {since + timedelta(days=n): Day(since + timedelta(days=n)) for n in range((until - since).days + 1)}
    _read_balances(provider, days, start, end)
    currency = provider.currency
    for day, code, amount in _by_day(ChargeDelta.objects.filter(provider=provider), start, end):
        if code in {"", currency}:
            days[day].charged = clean(days[day].charged + amount)
        else:
            days[day].elsewhere[code] = clean(days[day].elsewhere.get(code, ZERO) + amount)
    entries = LedgerEntry.objects.filter(provider=provider)
    for day, _code, amount in _by_day(entries.exclude(UNCONFIRMED_ENTRY), start, end):
        days[day].entered = clean(days[day].entered + amount)
    for day, _code, amount in _by_day(entries.filter(UNCONFIRMED_ENTRY), start, end):
        days[day].to_confirm = clean(days[day].to_confirm + amount)
    for model in (Order, ProductOrder):
        silent = model.objects.filter(
            provider=provider, charge__isnull=True, external_id__isnull=False, expected_charge__isnull=False
        ).exclude(status__in=("canceled", "refunded", "failed"))
        for day, _code, amount in _by_day(silent, start, end, at="created_at", amount="expected_charge"):
            days[day].unreported = clean(days[day].unreported + amount)
    ordered = [days[day] for day in sorted(days)]
    return Report(provider, ordered, _sum_of(ordered, since))


UNCONFIRMED_ENTRY: Final = Q(recognised=True, created_by__isnull=True)


def start_of(day: date) -> datetime:
    """Return the first moment of a day in the hub's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def _by_day(
    rows: QuerySet[Any], start: datetime, end: datetime, *, at: str = "at", amount: str = "amount"
) -> Iterable[tuple[Any, str, Decimal]]:
    zone = timezone.get_default_timezone()
    found = (
        rows.filter(**{f"{at}__gte": start, f"{at}__lt": end})
        .annotate(day=TruncDate(at, tzinfo=zone))
        .order_by()
        .values_list("day", "currency")
        .annotate(sum=Sum(amount))
    )
    return [(day, code, total) for day, code, total in found if total is not None]


def _read_balances(provider: Provider, days: dict[date, Day], start: datetime, end: datetime) -> None:
    """Opening and closing balance of each day; a day without a reading closes as it opened."""
    before = BalanceReading.objects.filter(provider=provider, at__lt=start).order_by("-at", "-id").first()
    within = BalanceReading.objects.filter(provider=provider, at__gte=start, at__lt=end)
    bounds = (
        within.annotate(day=TruncDate("at", tzinfo=timezone.get_default_timezone()))
        .order_by()
        .values("day")
        .annotate(first=Min("id"), last=Max("id"), count=Count("id"))
    )
    rows = list(bounds)
    wanted = {row[name] for row in rows for name in ("first", "last")}
    balances = dict(BalanceReading.objects.filter(pk__in=wanted).values_list("pk", "balance"))
    by_day = {row["day"]: row for row in rows}
    known = before.balance if before is not None else None
    for day in sorted(days):
        row = by_day.get(day)
        # Without an earlier reading the first one is where the account begins for us.
        days[day].opening = known if known is not None or row is None else balances[row["first"]]
        if row is not None:
            known, days[day].readings = balances[row["last"]], row["count"]
        days[day].closing = known


def _sum_of(days: list[Day], since: date) -> Day:
    total = Day(since)
    opened = [day for day in days if day.opening is not None]
    total.opening = opened[0].opening if opened else None
    total.closing = days[-1].closing if days else None
    for day in days:
        total.readings += day.readings
        total.charged = clean(total.charged + day.charged)
        total.entered = clean(total.entered + day.entered)
        total.to_confirm = clean(total.to_confirm + day.to_confirm)
        total.unreported = clean(total.unreported + day.unreported)
        for code, amount in day.elsewhere.items():
            total.elsewhere[code] = clean(total.elsewhere.get(code, ZERO) + amount)
    return total


# --- Expected and reported ------------------------------------------------------------------------------------------


def orders_that_differ(orders: QuerySet[Order], *, since: date, until: date) -> QuerySet[Order]:
    """Of ``orders`` made in a period those charged otherwise than expected; ``net`` is the expected, ``gap`` the rest.

    What a partial or canceled order should cost is counted from what it delivered, so a refund
    that has not come yet is a difference.
    """
    priced = orders.filter(
        created_at__gte=start_of(since),
        created_at__lt=start_of(until + timedelta(days=1)),
        expected_charge__isnull=False,
        charge__isnull=False,
    )
    delivered = ExpressionWrapper(
        F("expected_charge") * (F("billed_quantity") - F("remains")) / F("billed_quantity"), output_field=_MONEY
    )
    net = Case(
        When(status__in=("canceled", "refunded", "failed"), then=Value(ZERO, output_field=_MONEY)),
        When(
            status="partial",
            remains__gt=0,
            billed_quantity__gt=0,
            remains__lte=F("billed_quantity"),
            then=delivered,
        ),
        default=F("expected_charge"),
        output_field=_MONEY,
    )
    gap = ExpressionWrapper(F("charge") - F("net"), output_field=_MONEY)
    slack = ExpressionWrapper(F("expected_charge") * Value(SHARE) + Value(LEAST), output_field=_MONEY)
    return (
        priced.annotate(net=net)
        .annotate(gap=gap, slack=slack)
        .filter(Q(gap__gt=F("slack")) | Q(gap__lt=-F("slack")))
        .order_by("-id")
    )


# --- By client ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClientSum:
    """What one client's orders at one provider came to; ``label`` is empty for orders without one."""

    label: str
    provider_id: int
    currency: str
    orders: int
    expected: Decimal
    charged: Decimal
    open: int


def sum_by_client(orders: QuerySet[Any], product_orders: QuerySet[Any], *, since: date, until: date) -> list[ClientSum]:
    """Return what orders and product orders made in a period came to, by client, provider and currency.

    Two statements.
    """
    sums: dict[tuple[str, int, str], ClientSum] = {}
    for rows in (orders, product_orders):
        placed = rows.filter(
            created_at__gte=start_of(since),
            created_at__lt=start_of(until + timedelta(days=1)),
            status__in=statuses.AT_PROVIDER,
        )
        found = (
            placed.order_by()
            .values_list("client_label", "provider_id", "currency")
            .annotate(
                count=Count("id"),
                expected=Sum(Coalesce("expected_charge", "charge")),
                charged=Sum("charge"),
                still_open=Count("id", filter=Q(status__in=statuses.OPEN)),
            )
        )
        for label, provider_id, currency, count, expected, charged, still_open in found:
            key = (label, provider_id, currency)
            former = sums.get(key, ClientSum(label, provider_id, currency, 0, ZERO, ZERO, 0))
            sums[key] = ClientSum(
                label,
                provider_id,
                currency,
                former.orders + count,
                clean(former.expected + (expected or ZERO)),
                clean(former.charged + (charged or ZERO)),
                former.open + still_open,
            )
    return sorted(sums.values(), key=lambda one: (not one.label, one.label.casefold(), one.provider_id, one.currency))
