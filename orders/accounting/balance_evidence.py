"""Decide from readings of a balance whether an account's balance can prove that a purchase was not made.

Pure functions over readings and over what is known to have moved the money; amounts are in the provider's currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

ZERO: Final = Decimal(0)
SHARE: Final = Decimal("0.001")
"""How far charges may stray from expected ones, of their sum, before a movement counts as unexplained."""
STEPS_NEEDED: Final = 2
MOST_SUBSETS: Final = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """A balance as it was read, at the moment it was first seen."""

    at: datetime
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Move:
    """Money that is known to have left the account (positive) or come back to it (negative).

    ``is_order`` marks an accepted order with the charge expected of it; ``amount`` is None where no one knows it.
    """

    at: datetime
    amount: Decimal | None
    is_order: bool = False


def find_finest_step(balances: Iterable[Decimal]) -> Decimal:
    """Return the smallest step in which these balances are written: 0.01 for 12.34 and 12.3, 1 for 12."""
    places = 0
    for balance in balances:
        exponent = balance.normalize().as_tuple().exponent
        places = max(places, -exponent if isinstance(exponent, int) else 0)
    return Decimal(1).scaleb(-places)


def is_big_enough(price: Decimal | None, step: Decimal) -> bool:
    """Return whether a price is known and would show in a balance that is rounded to ``step``."""
    return price is not None and price > 0 and price >= STEPS_NEEDED * step


def why_not_followed(
    readings: Sequence[Reading], moves: Sequence[Move], *, step: Decimal, within: timedelta, since: datetime
) -> str:
    """Return why this balance cannot be said to follow accepted orders, as a reason; "" when it can.

    Consecutive readings are compared with what moved between them. ``unexplained``: since ``since`` money moved that
    nothing explains (someone else uses the account, or a top-up that was not entered). ``slow``: a charge came later
    than ``within`` after its order. ``not_followed``: no accepted order was ever seen to move it as expected.
    """
    followed = False
    carried = ZERO
    for before, after in pairwise(readings):
        between = [move for move in moves if before.at < move.at <= after.at]
        known = [move.amount for move in between if move.amount is not None]
        if len(known) < len(between):
            # A price in between is not known: what was left over before this cannot be judged either.
            carried = ZERO
            continue
        orders = [move for move in between if move.is_order]
        total = sum(known, ZERO)
        left = before.balance - after.balance - total
        slack = step + abs(total) * SHARE
        if abs(left) > slack:
            # An order that was placed while the balance was read is seen a reading later.
            if carried and abs(left + carried) <= slack:
                carried = ZERO
                continue
            if carried and after.at > since:
                return "unexplained"
            carried = left
            continue
        if carried and after.at > since:
            return "unexplained"
        carried = ZERO
        if orders and len(orders) == len(between) and total >= STEPS_NEEDED * step:
            if after.at - max(move.at for move in orders) <= within:
                followed = True
            elif after.at > since:
                return "slow"
    if carried:
        return "unexplained"
    return "" if followed else "not_followed"


def could_be(drop: Decimal, price: Decimal, others: Sequence[Decimal], step: Decimal) -> bool:
    """Return whether a drop of the balance fits a price: alone, or together with some of the other prices."""
    slack = max(step, price * SHARE * 10)
    if drop < price - slack:
        return False
    if len(others) > MOST_SUBSETS:
        return True
    sums = {price}
    for other in others:
        sums |= {known + other for known in sums}
    return any(abs(drop - known) <= max(step, known * SHARE * 10) for known in sums)
