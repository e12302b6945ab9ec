"""Spending limits and the second person: decided in the transaction that makes the order.

The person's row is locked first, so two orders at once are counted one after the other and
cannot pass a limit together (SQLite's writers queue by themselves).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.currency.exchange import RateMissing, rates, to_hub
from orders.links import key_of
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


SPLITTING_WINDOW: Final = timedelta(days=1)


class LimitPassed(OrderInvalid):
    """The order would pass the person's spending limit of the day."""

    def __init__(self, wanted: Decimal, left: Decimal, currency: str, *, sees_cost: bool) -> None:
        self.plain = _("This is more than what is left of your spending limit today.")
        sentence = self.plain
        if sees_cost:
            sentence = _("This takes %(wanted)s %(currency)s, and %(left)s are left of your spending limit today.") % {
                "left": max(left, Decimal(0)).quantize(Decimal("0.01")),
                "currency": currency,
                "wanted": wanted.quantize(Decimal("0.0001")),
            }
        super().__init__({"": [sentence]})


class WithoutCeiling(OrderInvalid):
    """Nobody knows the most that an order can cost, and the person has a spending limit."""

    def __init__(self, currency: str = "") -> None:
        sentence = _("The most this order can cost isn't known, so it can't be placed under a spending limit.")
        if currency:
            sentence = _("There is no exchange rate for %(currency)s, so the spending limit cannot be checked.") % {
                "currency": currency
            }
        super().__init__({"": [sentence]})


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


Target = tuple[str, int, bytes | None]
"""Service or product, its key, and the key of the link."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What one order can cost at most, in ``currency``, and what is bought: see :func:`target_of`.

    ``ceiling`` is ``None`` (or zero, which no panel charges for long) where nobody knows the most it can cost.
    """

    ceiling: Decimal | None
    currency: str
    target: Target | None = None


def target_of(thing: Any, link: str = "") -> Target:
    """What a service or product and a link count as when orders are added up: kind, key and canonical link.

    Orders without a link (a subscription names a user) count as one target per service.
    """
    return thing._meta.model_name, thing.pk, key_of(link)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What holds for one person now: their limit of the day, the threshold, and the rules of the hub."""

    limit: Decimal | None
    threshold: Decimal | None
    rules: HubRules

    def reserve_without_ceiling(self, currency: str = "") -> Reservation:
        """Hold an order whose cost has no ceiling, at the configured amount; raises where a limit has none to count."""
        charged = self.rules.charge_without_ceiling
        if self.limit is not None and charged is None:
            raise WithoutCeiling(currency)
        return Reservation(charged, SECOND_PERSON if self.threshold is not None else "")


def reserve(user: Any, spendings: Sequence[Spending]) -> list[Reservation]:
    """Reserve the more expensive reading of each order's charge, all or nothing; inside a transaction.

    An order is held for a second person when it is above the threshold together with what the person ordered for
    the same target within a day, or when its cost has no known ceiling. Raises :class:`LimitPassed` when the day's
    limit would be passed, and :class:`WithoutCeiling` when a limit applies to a cost that nobody knows.
    """
    bounds = _lock_bounds(user)
    known = _spent_on(user, spendings) if bounds.threshold is not None else {}
    worth_of: dict[str, Decimal | None] = {}
    made: list[Reservation] = []
    for spending in spendings:
        currency = spending.currency
        if currency not in worth_of:
            worth_of[currency] = _worth_of_one(currency, bounds.rules)
        one = worth_of[currency]
        if not spending.ceiling or one is None:
            made.append(bounds.reserve_without_ceiling("" if one is not None else currency))
            continue
        worth = spending.ceiling * one
        total = worth
        if spending.target is not None:
            total += known.get(spending.target, Decimal(0))
            known[spending.target] = total
        # What a unit of an unnamed currency is worth is a guess.
        held = bounds.threshold is not None and (total > bounds.threshold or not currency)
        made.append(Reservation(worth, SECOND_PERSON if held else ""))
    _check_limit(user, bounds, sum((one.reserved or Decimal(0) for one in made), Decimal(0)))
    return made


def check_limit(user: Any, spendings: Sequence[Spending]) -> None:
    """Check sums against a person's limit of the day, without any target; raises as :func:`reserve` does."""
    bounds = _lock_bounds(user)
    wanted = Decimal(0)
    for spending in spendings:
        one = _worth_of_one(spending.currency, bounds.rules)
        if one is None and bounds.limit is not None:
            wanted += bounds.reserve_without_ceiling(spending.currency).reserved or Decimal(0)
        wanted += (spending.ceiling or Decimal(0)) * (one or Decimal(0))
    _check_limit(user, bounds, wanted)


def without_ceiling_refused(user: Any) -> bool:
    """Whether a person's limit refuses what has no ceiling, so that a mass order can mark such a line."""
    limit = Person.objects.filter(user=user).values_list("daily_limit", flat=True).first() if user else None
    return limit is not None and HubRules.load().charge_without_ceiling is None


def _lock_bounds(user: Any) -> _Bounds:
    """Lock a person's row, so that their orders are counted one after the other, and read what holds for them."""
    rules = HubRules.load()
    person = Person.objects.select_for_update().filter(user=user).first() if user is not None else None
    bounds = _Bounds(person.daily_limit if person else None, _threshold(person, rules), rules)
    if person is None and user is not None and bounds.threshold is not None:
        # Without a row of their own, orders at once are counted one after the other by the account's.
        list(get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
    return bounds


def _check_limit(user: Any, bounds: _Bounds, wanted: Decimal) -> None:
    if bounds.limit is None:
        return
    left = bounds.limit - spent_today(user)
    if wanted > left:
        raise LimitPassed(wanted, left, bounds.rules.currency, sees_cost=user.has_perm("orders.view_cost"))


def _spent_on(user: Any, spendings: Sequence[Spending]) -> dict[Target, Decimal]:
    """What a person's orders of the last day reserved, by target; two statements at most."""
    since = timezone.now() - SPLITTING_WINDOW
    targets = {spending.target for spending in spendings if spending.target is not None}
    found: dict[Target, Decimal] = {}
    for kind, model, columns in (
        ("service", Order, ("service_id", "target_key")),
        ("product", ProductOrder, ("product_id",)),
    ):
        keys = {target[1] for target in targets if target[0] == kind}
        if not keys or user is None:
            continue
        rows = model._default_manager.filter(created_by=user, **{f"{kind}__in": keys}, created_at__gte=since)
        sums = rows.exclude(status__in=FREE).order_by().values_list(*columns).annotate(total=MoneySum("reserved"))
        for key, *link, total in sums:
            found[(kind, key, bytes(link[0]) if link and link[0] else None)] = total or Decimal(0)
    return found


def waits_for_another(order: Any, person: Any) -> bool:
    """Whether somebody else than ``person`` has to approve a held order: they are its author, and it is large.

    Author is whoever ordered, and whoever made the token it was ordered with. An order that became expensive by a
    price jump is as large as it is now.
    """
    if order.held_for not in (SECOND_PERSON, PRICE_JUMP) or not is_author(order, person):
        return False
    if order.held_for == SECOND_PERSON:
        return True
    threshold = _threshold(Person.objects.filter(user=person).first(), HubRules.load())
    if threshold is None:
        return False
    _charge, takes = _amounts_now(order)
    # What it takes of a limit is not known without a price and an exchange rate: then nobody approves their own.
    return not takes or takes > threshold


def is_author(order: Any, person: Any) -> bool:
    """Whether an order is a person's own: they made it, or they made the token that did."""
    if order.created_by_id is None:
        return False
    return bool(person.pk == order.created_by_id or person.pk == _maker_of_token(order))


def _maker_of_token(order: Any) -> int | None:
    """Who made the token that an order was placed with; loaded with ``sold_as__token`` it costs no statement."""
    try:
        maker: int | None = order.sold_as.token.made_by_id
    except ObjectDoesNotExist:
        return None
    return maker


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
        check_limit(by, [Spending(more, HubRules.load().currency)])
    agreed = {} if growth_of(order) == 1 else {"expected_charge": charge, "reserved": takes}
    return {**agreed, "let_out_at": timezone.now()}


def _amounts_now(order: Any) -> tuple[Decimal | None, Decimal | None]:
    """What an order is expected to cost at the rate of now, and what that takes of a limit; ``None`` for not known."""
    growth = growth_of(order)
    if growth.is_infinite():
        return _current_price(order)
    charge, takes = (
        amount if amount is None or growth == 1 else round(amount * growth, MONEY["decimal_places"])
        for amount in (order.expected_charge, order.reserved)
    )
    return charge, takes


def _current_price(order: Any) -> tuple[Decimal | None, Decimal | None]:
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
    """What one unit of a currency is worth in the hub's, or ``None`` when no rate is known.

    A currency that the provider has not named yet counts as the most valuable one that the hub knows.
    """
    if not currency:
        return max([Decimal(1), *rates().values()])
    try:
        return to_hub(Decimal(1), currency, rules=rules)
    except RateMissing:
        return None
