"""What was ordered in a period and in the period before, added up by the database from daily rollups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Case, CharField, Count, DateField, F, IntegerField, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils import timezone

from orders.models import DailyTotal, Order, PersonDay, ProviderDay
from orders.statistics.rollups import DELIVERED, NOT_ORDERED, bounds_of
from panelhub.db.aggregates import MoneySum

LONGEST_DAILY: Final = 31
"""Days up to which a chart has a bar for each; longer periods have one for each week."""
LONGEST: Final = 366
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the hub's time zone, both ends included; ``before`` is as long and ends where this one begins."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Period:
        return Period(self.since - timedelta(days=self.days), self.since - timedelta(days=1))

    def parts(self) -> list[Period]:
        """Return its days, or when it is long its weeks, oldest first; the last ends with the period."""
        length = 1 if self.days <= LONGEST_DAILY else 7
        ends = [self.until - timedelta(days=length * number) for number in range(-(-self.days // length))]
        return [Period(max(self.since, end - timedelta(days=length - 1)), end) for end in reversed(ends)]


@dataclass(slots=True)
class Figures:
    """Orders, what was charged for them, and how long the completed ones took; in one currency."""

    orders: int = 0
    charge: Decimal = ZERO
    delivered: int = 0
    seconds: int = 0

    def add(self, orders: int, charge: Decimal, delivered: int = 0, seconds: int = 0) -> None:
        self.orders += orders
        self.charge += charge
        self.delivered += delivered
        self.seconds += seconds


@dataclass(slots=True)
class Totals:
    """Sums of a period (``True``) and of the one before (``False``). ``by_provider`` and ``pace`` (what was
    charged in the last days) are in the provider's own currency, all others in the hub's.
    """

    by_provider: dict[tuple[bool, int], Figures] = field(default_factory=lambda: defaultdict(Figures))
    by_status: dict[tuple[bool, str], Figures] = field(default_factory=lambda: defaultdict(Figures))
    by_day: dict[date, Figures] = field(default_factory=lambda: defaultdict(Figures))
    by_person: dict[tuple[int, str], Figures] = field(default_factory=lambda: defaultdict(Figures))
    pace: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def whole(self, *, now: bool) -> Figures:
        """Return the sum over all states."""
        total = Figures()
        for (is_now, _status), one in self.by_status.items():
            if is_now == now:
                total.add(one.orders, one.charge, one.delivered, one.seconds)
        return total


def read_totals(
    period: Period,
    providers: Collection[int],
    worth: Mapping[str, Decimal],
    *,
    pace_days: int,
    is_whole: bool,
    clients: Collection[int] | None = None,
) -> Totals:
    """Return the sums of ``providers`` (their keys); ``worth`` of a currency is in the hub's. One statement.

    ``is_whole`` says that these are all providers: then people are added up from their own, shorter rollup. Rollups
    know no clients: for a reader who is limited to ``clients`` the orders themselves are added up.
    """
    totals = Totals()
    if clients is not None:
        _add_up_orders(totals, period, worth, Order.objects.filter(client__in=clients, provider__in=providers))
        return totals
    rows = ProviderDay.objects.filter(provider__in=providers).exclude(status__in=NOT_ORDERED)
    parts = (_by_day(rows, period), _pace(rows, pace_days), _by_person(period, providers, is_whole=is_whole))
    for found in _by_state(rows, period).union(*parts, all=True):
        part, key, word, currency, day, is_now, orders, charge, delivered, seconds = found
        value = charge * worth.get(currency, ZERO)
        if part == "state":
            totals.by_provider[bool(is_now), key].add(orders, charge, delivered, seconds)
            totals.by_status[bool(is_now), word].add(orders, value, delivered, seconds)
        elif part == "day":
            totals.by_day[day].add(orders, value)
        elif part == "pace":
            totals.pace[key] += charge
        else:
            totals.by_person[key, word].add(orders, value)
    return totals


def _add_up_orders(totals: Totals, period: Period, worth: Mapping[str, Decimal], orders: QuerySet[Order]) -> None:
    """Add ``orders`` of both periods to ``totals``. What some clients spend says nothing of a balance: no pace."""
    first, last = bounds_of(period.before.since)[0], bounds_of(period.until)[1]
    found = (
        orders.filter(created_at__gte=first, created_at__lt=last)
        .exclude(status__in=NOT_ORDERED)
        .annotate(on=TruncDate("created_at"))
        .order_by()
        .values_list("provider_id", "provider__currency", "status", "created_by_id", "created_by__username", "on")
        .annotate(
            n=Count("pk"),
            sum=MoneySum("charge"),
            done=Count("pk", filter=DELIVERED),
            span=Sum(F("finished_at") - F("placed_at"), filter=DELIVERED),
        )
    )
    for provider, currency, status, person, name, day, count, charge, done, span in found:
        paid = charge or ZERO
        value = paid * worth.get(currency, ZERO)
        delivered = (done, int(span.total_seconds()) if span else 0)
        is_now = day >= period.since
        totals.by_provider[is_now, provider].add(count, paid, *delivered)
        totals.by_status[is_now, status].add(count, value, *delivered)
        if is_now:
            totals.by_day[day].add(count, value)
            totals.by_person[person or 0, name or ""].add(count, value)


def _by_state(rows: Any, period: Period) -> Any:
    is_now = Case(When(day__gte=period.since, then=1), default=0, output_field=IntegerField())
    both = _within(rows, Period(period.before.since, period.until))
    return _row(both, "state", key=F("provider_id"), word=F("status"), code=F("provider__currency"), is_now=is_now)


def _by_day(rows: Any, period: Period) -> Any:
    return _row(_within(rows, period), "day", code=F("provider__currency"), on=F("day"))


def _pace(rows: Any, days: int) -> Any:
    today = timezone.localdate()
    return _row(_within(rows, Period(today - timedelta(days=days - 1), today)), "pace", key=F("provider_id"))


def _by_person(period: Period, providers: Collection[int], *, is_whole: bool) -> Any:
    rows: Any = PersonDay.objects
    currency = F("currency")
    if not is_whole:
        rows = DailyTotal.objects.filter(provider__in=providers).exclude(status__in=NOT_ORDERED)
        currency = F("provider__currency")
    who = {"key": Coalesce(F("person_id"), 0), "word": Coalesce(F("person__username"), Value(""))}
    return _row(_within(rows, period), "person", **who, code=currency)


def _within(rows: Any, period: Period) -> Any:
    return rows.filter(day__gte=period.since, day__lte=period.until).order_by()


def _row(rows: Any, part: str, **columns: Any) -> Any:
    """Return the sums of ``rows`` by ``columns``, in the columns that all parts share."""
    shared = {
        "key": Value(0),
        "word": Value("", CharField()),
        "code": Value("", CharField()),
        "on": Cast(Value(None), DateField()),
        "is_now": Value(1),
    }
    grouped: dict[str, Any] = {"part": Value(part, CharField()), **shared, **columns}
    has_delivery = rows.model is ProviderDay
    sums = {
        "n": Sum("orders"),
        "sum": MoneySum("charge"),
        "done": Sum("delivered") if has_delivery else Value(0),
        "span": Sum("delivery_seconds") if has_delivery else Value(0),
    }
    return rows.annotate(**grouped).values(*grouped).annotate(**sums).values_list(*grouped, *sums)
