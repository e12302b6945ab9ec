"""Spending limits and the second person: decided in the transaction that makes the order.

The person's row is locked first, so two orders at once are counted one after the other and
cannot pass a limit together (SQLite's writers queue by themselves).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import states
from orders.checking import OrderInvalid
from orders.exchange import RateMissing, to_hub
from orders.models import HubRules, Order, Person, ProductOrder

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND_PERSON = "second_person"
FREE = (states.ORDER.refused, states.WITHDRAWN)


class LimitPassed(OrderInvalid):
    """The order would pass the person's spending limit of the day."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What the limits say to one order: the amount it takes, and why it is held, if it is."""

    reserved: Decimal | None
    held_for: str = ""


def spent_today(user: Any) -> Decimal:
    """What a person's orders of today take of the limit, in the hub's currency."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    total = Decimal(0)
    for model in (Order, ProductOrder):
        mine = model.objects.filter(created_by=user, created_at__gte=midnight).exclude(status__in=FREE)
        total += mine.aggregate(total=Sum("reserved"))["total"] or Decimal(0)
    return total


def reserve(user: Any, amounts: Sequence[tuple[Decimal | None, str]]) -> list[Reservation]:
    """Reserve the dearer reading of each order's charge, all or nothing; inside a transaction.

    ``amounts`` are pairs of amount and currency; ``None`` means nothing is charged up front.
    Raises :class:`OrderInvalid` when the day's limit would be passed, or when a limit applies
    and the currency has no exchange rate.
    """
    person = Person.objects.select_for_update().filter(user=user).first() if user is not None else None
    rules = HubRules.load()
    threshold = person.second_person_above if person and person.second_person_above is not None else None
    threshold = rules.second_person_above if threshold is None else threshold
    limit = person.daily_limit if person else None
    made: list[Reservation] = []
    worth_of: dict[str, Decimal | None] = {}
    for amount, currency in amounts:
        if amount is None:
            made.append(Reservation(None))
            continue
        if currency not in worth_of:
            worth_of[currency] = _worth_of_one(currency, rules)
        one = worth_of[currency]
        if one is None:
            if limit is None and threshold is None:
                made.append(Reservation(None))
                continue
            sentence = _("There is no exchange rate for %(currency)s, so the spending limit cannot be checked.")
            raise OrderInvalid({"": [sentence % {"currency": currency}]})
        worth = amount * one
        held = threshold is not None and worth > threshold
        made.append(Reservation(worth, SECOND_PERSON if held else ""))
    if limit is not None:
        wanted = sum((one.reserved or Decimal(0) for one in made), Decimal(0))
        left = limit - spent_today(user)
        if wanted > left:
            raise LimitPassed(
                {
                    "": [
                        _("This takes %(wanted)s %(currency)s, and %(left)s are left of your spending limit today.")
                        % {
                            "left": max(left, Decimal(0)).quantize(Decimal("0.01")),
                            "currency": rules.currency,
                            "wanted": wanted.quantize(Decimal("0.0001")),
                        }
                    ]
                }
            )
    return made


def _worth_of_one(currency: str, rules: HubRules) -> Decimal | None:
    """What one unit of a currency is worth in the hub's, or ``None`` when no rate is known."""
    try:
        return to_hub(Decimal(1), currency, rules=rules)
    except RateMissing:
        return None
