"""Spending limits and the second person: decided in the transaction that makes the order.

The person's row is locked first, so two orders at once are counted one after the other and
cannot pass a limit together (SQLite's writers queue by themselves).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from orders.currency.exchange import RateMissing, rates, to_hub
from orders.models import HubRules, Person
from orders.placement.reserved_amounts import Target, spent_on, spent_today
from orders.placement.validation import OrderInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECOND_PERSON = "second_person"


class LimitPassed(OrderInvalid):
    """The order would pass the person's spending limit of the day."""

    def __init__(self, wanted: Decimal, left: Decimal, currency: str, *, sees_cost: bool) -> None:
        self.plain = _("This is over your spending limit for today.")
        sentence = self.plain
        if sees_cost:
            sentence = _(
                "This costs up to %(wanted)s %(currency)s, but only %(left)s is left of your spending limit today."
            ) % {
                "left": max(left, Decimal(0)).quantize(Decimal("0.01")),
                "currency": currency,
                "wanted": wanted.quantize(Decimal("0.0001")),
            }
        super().__init__({"": [sentence]})


class LimitNotSet(OrderInvalid):
    """No administrator has decided yet what the person may spend."""

    def __init__(self) -> None:
        super().__init__({"": [_("You can’t order yet: an administrator has to set your spending limit first.")]})


class WithoutCeiling(OrderInvalid):
    """The most that an order can cost is not known, and the person has a spending limit."""

    def __init__(self, currency: str = "") -> None:
        sentence = _("The maximum cost of this order isn’t known, so it can’t be placed under a spending limit.")
        if currency:
            sentence = _("There is no exchange rate for %(currency)s, so your spending limit can’t be checked.") % {
                "currency": currency
            }
        super().__init__({"": [sentence]})


@dataclass(frozen=True, slots=True)
class Reservation:
    """What the limits say to one order: the amount it takes, and why it is held, if it is."""

    reserved: Decimal | None
    held_for: str = ""


@dataclass(frozen=True, slots=True)
class Spending:
    """What one order can cost at most, in ``currency``, and the target that is bought.

    ``ceiling`` is ``None`` (or zero, which no panel charges for long) where no one knows the most it can cost.
    """

    ceiling: Decimal | None
    currency: str
    target: Target | None = None


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
    limit would be passed, :class:`WithoutCeiling` when a limit applies to a cost that no one knows, and
    :class:`LimitNotSet` for a person whose limit was never set.
    """
    bounds = _lock_bounds(user)
    made: list[Reservation] = []
    for one in _reserve_one_by_one(user, bounds, spendings):
        if isinstance(one, OrderInvalid):
            raise one
        made.append(one)
    _check_limit(user, bounds, sum((one.reserved or Decimal(0) for one in made), Decimal(0)))
    return made


def reserve_each(user: Any, spendings: Sequence[Spending]) -> list[Reservation | OrderInvalid]:
    """Reserve as :func:`reserve` does, but each order by itself and in this sequence: what does not fit is refused.

    Raises :class:`LimitNotSet` for a person whose limit was never set.
    """
    bounds = _lock_bounds(user)
    left = None if bounds.limit is None else bounds.limit - spent_today(user)
    made: list[Reservation | OrderInvalid] = []
    for one in _reserve_one_by_one(user, bounds, spendings):
        takes = Decimal(0) if isinstance(one, OrderInvalid) else one.reserved or Decimal(0)
        if left is not None and takes > left:
            made.append(_passed(user, bounds, takes, left))
            continue
        left = None if left is None else left - takes
        made.append(one)
    return made


def _reserve_one_by_one(
    user: Any, bounds: _Bounds, spendings: Sequence[Spending]
) -> Iterator[Reservation | WithoutCeiling]:
    """Yield what each order takes, and whether it is held, whatever is left of the limit; or why it can't be."""
    known = spent_on(user, [spending.target for spending in spendings]) if bounds.threshold is not None else {}
    worth_of: dict[str, Decimal | None] = {}
    for spending in spendings:
        currency = spending.currency
        if currency not in worth_of:
            worth_of[currency] = worth_of_one(currency, bounds.rules)
        one = worth_of[currency]
        if not spending.ceiling or one is None:
            try:
                yield bounds.reserve_without_ceiling("" if one is not None else currency)
            except WithoutCeiling as refusal:
                yield refusal
            continue
        worth = spending.ceiling * one
        total = worth
        if spending.target is not None:
            total += known.get(spending.target, Decimal(0))
            known[spending.target] = total
        # What a unit of an unnamed currency is worth is a guess.
        held = bounds.threshold is not None and (total > bounds.threshold or not currency)
        yield Reservation(worth, SECOND_PERSON if held else "")


def check_limit(user: Any, spendings: Sequence[Spending]) -> None:
    """Check sums against a person's limit of the day, without any target; raises as :func:`reserve` does."""
    bounds = _lock_bounds(user)
    wanted = Decimal(0)
    for spending in spendings:
        one = worth_of_one(spending.currency, bounds.rules)
        if one is None and bounds.limit is not None:
            wanted += bounds.reserve_without_ceiling(spending.currency).reserved or Decimal(0)
        wanted += (spending.ceiling or Decimal(0)) * (one or Decimal(0))
    _check_limit(user, bounds, wanted)


def is_limit_set(user: Any) -> bool:
    """Return whether a person may order at all: an administrator set their limit, or they are a superuser."""
    if user is None or user.is_superuser:
        return True
    person = person_of(user)
    return person is not None and person.has_limit_set


def person_of(user: Any) -> Person | None:
    """Return what a person may see and spend, read once a request."""
    person: Person | None = getattr(user, "person", None)
    return person


def why_limit_unset(user: Any) -> str:
    """Return the sentence for a form of a person who can't order yet; "" for all others."""
    return "" if is_limit_set(user) else str(LimitNotSet())


def without_ceiling_refused(user: Any) -> bool:
    """Whether a person's limit refuses what has no ceiling, so that a mass order can mark such a line."""
    limit = Person.objects.filter(user=user).values_list("daily_limit", flat=True).first() if user else None
    return limit is not None and HubRules.load().charge_without_ceiling is None


def _lock_bounds(user: Any) -> _Bounds:
    """Lock a person's row, so that their orders are counted one after the other, and read what holds for them."""
    rules = HubRules.load()
    person = Person.objects.select_for_update().filter(user=user).first() if user is not None else None
    if user is not None and not user.is_superuser and not (person and person.has_limit_set):
        raise LimitNotSet
    bounds = _Bounds(person.daily_limit if person else None, threshold_of(person, rules), rules)
    if person is None and user is not None and bounds.threshold is not None:
        # Without a row of their own, orders at once are counted one after the other by the account's.
        list(get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
    return bounds


def _check_limit(user: Any, bounds: _Bounds, wanted: Decimal) -> None:
    if bounds.limit is None:
        return
    left = bounds.limit - spent_today(user)
    if wanted > left:
        raise _passed(user, bounds, wanted, left)


def _passed(user: Any, bounds: _Bounds, wanted: Decimal, left: Decimal) -> LimitPassed:
    return LimitPassed(wanted, left, bounds.rules.currency, sees_cost=user.has_perm("orders.view_cost"))


def threshold_for(user: Any) -> Decimal | None:
    """Above which worth the orders of an account wait for a second person now; ``None`` for never."""
    person = Person.objects.filter(user=user).first() if user is not None else None
    return threshold_of(person, HubRules.load())


def threshold_of(person: Person | None, rules: HubRules) -> Decimal | None:
    """Above which worth a person's orders wait for a second one; ``None`` for never."""
    own = person.second_person_above if person else None
    return rules.second_person_above if own is None else own


def worth_of_one(currency: str, rules: HubRules) -> Decimal | None:
    """What one unit of a currency is worth in the hub's, or ``None`` when no rate is known.

    A currency that the provider has not named yet counts as the most valuable one that the hub knows.
    """
    if not currency:
        return max([Decimal(1), *rates().values()])
    try:
        return to_hub(Decimal(1), currency, rules=rules)
    except RateMissing:
        return None
