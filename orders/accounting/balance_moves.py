"""Read what a provider's balance did around a paid call: which movement fits its price, and what else moved it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from orders.accounting.balance_evidence import find_finest_step, is_big_enough
from orders.models import Attempt, ChargeDelta, LedgerEntry, Order, ProductOrder
from panelhub.db.aggregates import MoneySum
from providers.models import BalanceReading, Provider

TOLERANCE: Final = Decimal("0.01")
SMALLEST: Final = Decimal("0.00005")
LONGEST_QUEUE: Final = timedelta(days=30)
ZERO: Final = Decimal(0)
STEP_READINGS: Final = 20
_BUYS: Final = ("add", "add_product_order")


@dataclass(frozen=True, slots=True)
class BalanceMove:
    """How the balance moved around a try, and what explains it, in the provider's currency.

    ``others`` is the price of what else was bought in between, less refunds, plus or minus what
    was entered by hand; ``left`` is what remains of the movement. ``charged`` is whether that
    remainder is this order's price; ``None`` when it cannot be decided, for the reason in ``open``.
    """

    before: Decimal | None = None
    before_at: datetime | None = None
    after: Decimal | None = None
    after_at: datetime | None = None
    others: Decimal | None = None
    left: Decimal | None = None
    charged: bool | None = None
    open: str = ""


def balance_move(
    row: Any, provider: Provider, last: Attempt | None, sent_at: datetime | None, ended_at: datetime | None
) -> BalanceMove:
    """Hold the balance before and after a try against all that is known to have moved it in between."""
    if last is None or sent_at is None or ended_at is None:
        return BalanceMove(open="no_try")
    before, before_at = _balance_before(provider, last, sent_at)
    after, after_at = _balance_after(provider, ended_at)
    if before is None or after is None or before_at is None or after_at is None:
        return BalanceMove(before, before_at, after, after_at, open="no_reading")
    others, unknown, doubtful = _others(row, last, provider, before_at, after_at)
    left = before - after - others
    price = row.expected_charge
    if unknown or price is None:
        return BalanceMove(before, before_at, after, after_at, others, left, open="no_price")
    charged, open_for = _read_remainder(left, price, doubtful, _step_of(provider, before, after))
    return BalanceMove(before, before_at, after, after_at, others, left, charged, open_for)


def _balance_before(provider: Provider, last: Attempt, sent_at: datetime) -> tuple[Decimal | None, datetime | None]:
    reading = BalanceReading.objects.filter(provider=provider, at__lte=sent_at).order_by("-at", "-id").first()
    if reading is not None:
        return reading.balance, reading.at
    return last.balance_before, sent_at


def _balance_after(provider: Provider, ended_at: datetime) -> tuple[Decimal | None, datetime | None]:
    reading = BalanceReading.objects.filter(provider=provider, at__gt=ended_at).order_by("at", "id").first()
    if reading is not None:
        return reading.balance, reading.at
    # A reading is written only when the balance moved: one that did not move left its time on the provider.
    if provider.balance is not None and provider.balance_at is not None and provider.balance_at > ended_at:
        return provider.balance, provider.balance_at
    return None, None


def _others(
    row: Any, last: Attempt, provider: Provider, since: datetime, until: datetime
) -> tuple[Decimal, bool, list[Decimal]]:
    """Return what else moved the balance: its sum, whether a price in it is unknown, and prices that may or may not
    count.
    """
    prices: list[Decimal | None] = []
    for model in (Order, ProductOrder):
        bought = bought_between(model, provider, since, until)
        if isinstance(row, model):
            bought = bought.exclude(pk=row.pk)
        prices += bought.values_list(Coalesce("expected_charge", "charge"), flat=True)
    late, doubtful = _lost_between(last, provider, since, until)
    prices += late
    window = {"provider": provider, "at__gt": since, "at__lte": until}
    changed = later_changes(ChargeDelta.objects.filter(**window)).aggregate(sum=MoneySum("amount"))["sum"] or ZERO
    entered = LedgerEntry.objects.filter(**window).aggregate(sum=MoneySum("amount"))["sum"] or ZERO
    total = sum((price for price in prices if price is not None), ZERO) + changed - entered
    return total, None in (*prices, *doubtful), [price or ZERO for price in doubtful]


def _lost_between(
    last: Attempt, provider: Provider, since: datetime, until: datetime
) -> tuple[list[Decimal | None], list[Decimal | None]]:
    """Return prices of other tries in between: of those a late reply says were taken, and of those no one knows about.

    How their rows were settled does not matter: closed as unknown or sent again, the lost try may have cost money.
    """
    tries = Attempt.objects.filter(
        ~Q(late_id="") | Q(outcome__in=(Attempt.Outcome.UNKNOWN, Attempt.Outcome.OPEN)),
        provider=provider,
        action__in=_BUYS,
        started_at__gt=since,
        started_at__lte=until,
    ).exclude(pk=last.pk)
    late: list[Decimal | None] = []
    doubtful: list[Decimal | None] = []
    found = tries.annotate(
        price=Coalesce("order__expected_charge", "product_order__expected_charge"),
        placed_at=Coalesce("order__placed_at", "product_order__placed_at"),
    )
    for late_id, price, placed_at, started_at in found.values_list("late_id", "price", "placed_at", "started_at"):
        if late_id:
            late.append(price)
        elif placed_at != started_at:
            # One that was adopted has the time of its try and counts as bought.
            doubtful.append(price)
    return late, doubtful


def bought_between(model: Any, provider: Provider, since: datetime, until: datetime) -> Any:
    """Return orders or product orders that a provider accepted in a span of time."""
    # What was made long before is left out for the sake of the index by the time of making.
    return model.objects.filter(
        provider=provider,
        placed_at__gt=since,
        placed_at__lte=until,
        created_at__gt=since - LONGEST_QUEUE,
        created_at__lte=until,
    )


def later_changes(deltas: Any) -> Any:
    """Of some charge deltas those that changed a charge already known, or one that is never known up front."""
    same = Q(order=OuterRef("order"), order__isnull=False) | Q(
        product_order=OuterRef("product_order"), product_order__isnull=False
    )
    earlier = ChargeDelta.objects.filter(same, pk__lt=OuterRef("pk"))
    return deltas.annotate(expected=Coalesce(F("order__expected_charge"), F("product_order__expected_charge"))).filter(
        Q(Exists(earlier)) | Q(expected__isnull=True)
    )


def fits(amount: Decimal, price: Decimal) -> bool:
    """Return whether an amount is a price, but for rounding and the last small change of a rate."""
    return abs(amount - price) <= max(abs(price) * TOLERANCE, SMALLEST)


def shown_balances(provider: Provider) -> list[Decimal]:
    """Return the balances last read of an account, the newest first."""
    readings = BalanceReading.objects.filter(provider=provider).order_by("-id")
    return list(readings.values_list("balance", flat=True)[:STEP_READINGS])


def _step_of(provider: Provider, *balances: Decimal) -> Decimal:
    return find_finest_step([*shown_balances(provider), *balances])


def _read_remainder(left: Decimal, price: Decimal, doubtful: list[Decimal], step: Decimal) -> tuple[bool | None, str]:
    """Return whether what is left of a movement is this price, or why that cannot be said."""
    if price <= 0:
        return None, "no_price"
    whole = price + sum(doubtful, ZERO)
    least = min(price, *doubtful) if doubtful else price
    if not is_big_enough(least, step):
        return None, "too_small"
    if fits(left, whole) or abs(left - whole) < step:
        return True, ""
    if abs(left) < step or fits(left, ZERO):
        return False, ""
    return None, "others_open" if doubtful else "other_amount"
