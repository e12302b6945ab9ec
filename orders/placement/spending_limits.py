"""Spending limits and the second person: decided in the transaction that makes the order.

The person's row is locked first, so two orders at once are counted one after the other and
cannot pass a limit together (SQLite's writers queue by themselves).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.currency.exchange import RateMissing, to_hub
from orders.models import HubRules, Order, Person, ProductOrder
from orders.order_types import order_type
from orders.placement.pricing import Price, TooDear, price_of, price_of_pieces
from orders.placement.validation import OrderInvalid
from panelhub.db.aggregates import MoneySum
from providers.models import MONEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SECOND_PERSON = "second_person"
PRICE_JUMP = "price_jump"
FREE = (statuses.ORDER.refused, statuses.WITHDRAWN)


class LimitPassed(OrderInvalid):
    """The order would pass the person's spending limit of the day."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What the limits say to one order: the amount it takes, and why it is held, if it is."""

    reserved: Decimal | None
    held_for: str = ""


def spent_today(user: Any) -> Decimal:
    """What a person's orders of today take of the limit, in the hub's currency.

    What was held and let out takes of the day on which it was let out, any other order of the day on which it was made.
    """
    sums = (orders.filter(created_by=user).aggregate(total=MoneySum("reserved"))["total"] for orders in _of_today())
    return sum((total for total in sums if total is not None), Decimal(0))


def spent_columns(path: str) -> dict[str, Subquery]:
    """The twin of :func:`spent_today` for a statement over people, whose key is at ``path``: sums to add up."""
    return {
        f"spent_{index}": Subquery(
            orders.filter(created_by=OuterRef(path))
            .order_by()
            .values("created_by")
            .annotate(total=MoneySum("reserved"))
            .values("total")
        )
        for index, orders in enumerate(_of_today())
    }


def _of_today() -> list[QuerySet[Any]]:
    """What takes of today's limits: orders of services and of products, those aside that cost nothing.

    Those made today and those let out today apart: each has its index.
    """
    midnight = _midnight()
    todays = (Q(created_at__gte=midnight, let_out_at__isnull=True), Q(let_out_at__gte=midnight))
    return [
        model.objects.filter(of_today).exclude(status__in=FREE)
        for model in (Order, ProductOrder)
        for of_today in todays
    ]


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def takes_of_today(order: Any) -> bool:
    """Whether an order that is not free is among those of today already."""
    return bool((order.let_out_at or order.created_at) >= _midnight())


def reserve(user: Any, amounts: Sequence[tuple[Decimal | None, str]]) -> list[Reservation]:
    """Reserve the dearer reading of each order's charge, all or nothing; inside a transaction.

    ``amounts`` are pairs of amount and currency; ``None`` means nothing is charged up front.
    Raises :class:`OrderInvalid` when the day's limit would be passed, or when a limit applies
    and the currency has no exchange rate.
    """
    person = Person.objects.select_for_update().filter(user=user).first() if user is not None else None
    rules = HubRules.load()
    threshold = _threshold(person, rules)
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


def waits_for_another(order: Any, person: Any) -> bool:
    """Whether somebody else than ``person`` has to let a held order out: they made it, and it is large.

    An order that became dear by a price jump is as large as it is now.
    """
    if order.created_by_id is None or order.created_by_id != person.pk:
        return False
    if order.held_for == SECOND_PERSON:
        return True
    if order.held_for != PRICE_JUMP:
        return False
    threshold = _threshold(Person.objects.filter(user=person).first(), HubRules.load())
    if threshold is None:
        return False
    _charge, takes = _amounts_now(order)
    # What it takes of a limit is not known without an exchange rate: then nobody lets their own out.
    return takes is None or takes > threshold


def growth_of(order: Any) -> Decimal:
    """By how much an order became dearer (or cheaper) since its rate was agreed to; 1 where none is known.

    The rate of a product is agreed to with the price of its pieces. What was free and costs something now grew
    without bound: "Infinity".
    """
    if isinstance(order, ProductOrder):
        now = round(order.product.rate * order.quantity, MONEY["decimal_places"]) if order.product else None
        agreed = order.expected_charge
    else:
        now, agreed = order.service.rate if order.service else None, order.rate
    if now is None or agreed is None or now == agreed:
        return Decimal(1)
    return now / agreed if agreed else Decimal("Infinity")


def rate_now(order: Any) -> Decimal | None:
    """The rate to which whoever lets an order out agrees; ``None`` where none is known."""
    bought = order.product if isinstance(order, ProductOrder) else order.service
    return bought.rate if bought else None


def agree_to_amounts(order: Any, by: Any) -> dict[str, Any]:
    """What ``by`` agrees to who lets an order out now: what it costs and takes of today's limit, at the rate of now.

    What it takes more of one's own limit of today must still be left of it; raises :class:`LimitPassed`.
    """
    charge, takes = _amounts_now(order)
    more = (takes or Decimal(0)) - ((order.reserved or Decimal(0)) if takes_of_today(order) else Decimal(0))
    if order.created_by_id == by.pk and more > 0:
        reserve(by, [(more, "")])
    agreed = {} if growth_of(order) == 1 else {"expected_charge": charge, "reserved": takes}
    return {**agreed, "let_out_at": timezone.now()}


def _amounts_now(order: Any) -> tuple[Decimal | None, Decimal | None]:
    """What an order is expected to cost at the rate of now, and what that takes of a limit; ``None`` for not known."""
    growth = growth_of(order)
    if growth.is_infinite():
        return _priced_anew(order)
    charge, takes = (
        amount if amount is None or growth == 1 else round(amount * growth, MONEY["decimal_places"])
        for amount in (order.expected_charge, order.reserved)
    )
    return charge, takes


def _priced_anew(order: Any) -> tuple[Decimal | None, Decimal | None]:
    """The same for what was free: nothing that was agreed to can be multiplied."""
    try:
        if isinstance(order, ProductOrder) and order.product:
            charge = price_of_pieces(order.product.rate, order.quantity)
            price = Price(order.quantity, charge, charge)
        else:
            fields = {"quantity": order.quantity, **order.parameters}
            price = price_of(order.service, order_type(order.service.type), fields)
    except TooDear:
        return None, None
    one = _worth_of_one(order.currency, HubRules.load())
    takes = None if price.ceiling is None or one is None else round(price.ceiling * one, MONEY["decimal_places"])
    return price.expected, takes


def _threshold(person: Person | None, rules: HubRules) -> Decimal | None:
    """Above which worth a person's orders wait for a second one; ``None`` for never."""
    own = person.second_person_above if person else None
    return rules.second_person_above if own is None else own


def _worth_of_one(currency: str, rules: HubRules) -> Decimal | None:
    """What one unit of a currency is worth in the hub's, or ``None`` when no rate is known."""
    try:
        return to_hub(Decimal(1), currency, rules=rules)
    except RateMissing:
        return None
