"""Return what can still be spent: an account's balance without what was sent since it was read, a person's limit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.currency.exchange import RateMissing, to_hub
from orders.models import Attempt, HubRules, Order, ProductOrder
from orders.placement.spending_limits import person_of, spent_today
from panelhub.db.aggregates import MoneySum
from panelhub.ui.formatting import format_when, money_text
from providers.models import Provider

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.safestring import SafeString

ZERO: Final = Decimal(0)
CENT: Final = Decimal("0.01")
# Refused, postponed and never sent cost nothing.
_MAY_COST: Final = (Attempt.Outcome.OPEN, Attempt.Outcome.ACCEPTED, Attempt.Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Funds:
    """The balance of an account as it was read, and what it is expected to lose to orders made since.

    ``pending`` counts what was sent after the reading and what waits to be sent.
    """

    balance: Decimal | None
    read_at: SafeString | str
    pending: Decimal

    def left_after(self, charge: Decimal | None) -> Decimal | None:
        """Return what is left when ``charge`` is paid as well; ``None`` where either is not known."""
        return None if self.balance is None or charge is None else self.balance - self.pending - charge


def funds_of(provider: Provider) -> Funds:
    """Return the funds of an account; one statement."""
    return Funds(provider.balance, read_age(provider.balance_at), pending_charges(provider.pk, provider.balance_at))


def read_age(at: datetime | None) -> SafeString | str:
    """Return how old a reading of the balance is; "" where there is none."""
    return format_when(at, timezone.now()).html if at else ""


def pending_charges(provider_id: int, read_at: datetime | None) -> Decimal:
    """Return what orders take from an account that its balance, read at ``read_at``, cannot show yet; one statement."""
    sums: dict[str, Any] = {}
    for name, model in (("order", Order), ("product_order", ProductOrder)):
        queued = model._default_manager.filter(provider=OuterRef("pk"), status=statuses.QUEUED)
        sums[f"queued_{name}"] = _sum_of(queued, "provider", F("expected_charge"))
        if read_at is not None:
            sent = Attempt.objects.filter(
                ~Q(**{f"{name}__status": statuses.QUEUED}),
                provider=OuterRef("pk"),
                started_at__gte=read_at,
                outcome__in=_MAY_COST,
                **{f"{name}__isnull": False},
            )
            sums[f"sent_{name}"] = _sum_of(
                sent, "provider", Coalesce(F(f"{name}__charge"), F(f"{name}__expected_charge"))
            )
    row: Any = Provider.objects.filter(pk=provider_id).order_by().values(**sums).first()
    return sum((amount for amount in row.values() if amount), ZERO) if row else ZERO


def _sum_of(rows: Any, group: str, amount: Any) -> Subquery:
    return Subquery(rows.order_by().values(group).annotate(total=MoneySum(amount)).values("total"))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a person's spending limit today, in the hub's currency; ``is_over`` once an order takes more."""

    left: Decimal
    currency: str
    is_over: bool = False

    @property
    def words(self) -> str:
        """Return what is left as words: "0.63 USD left today"."""
        left = max(self.left, ZERO).quantize(CENT, rounding=ROUND_DOWN)
        return _("%(amount)s left today") % {"amount": money_text(left, self.currency)}


def allowance_of(user: Any, *, charge: Decimal | None = None, currency: str = "") -> Allowance | None:
    """Return what ``user`` may still spend today, and the most that an order can cost; ``None`` without a limit."""
    person = person_of(user)
    if person is None or person.daily_limit is None:
        return None
    limit = person.daily_limit
    rules, left = HubRules.load(), limit - spent_today(user)
    try:
        is_over = charge is not None and to_hub(charge, currency, rules=rules) > left
    except RateMissing:
        is_over = False
    return Allowance(left, rules.currency, is_over)
