"""What price somebody saw when they decided: a mark that a form carries and that tells nobody the price.

Not everybody who may decide may see what things cost, so a form holds no rate, only the mark of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

_SALT: Final = "providers.catalogue.seen_prices"
_LENGTH: Final = 24


def mark_of_price(rate: Decimal) -> str:
    """The mark of one rate; equal for rates that are equal, however many zeros they end with."""
    return _mark(_plain(rate))


def mark_of_prices(prices: Iterable[tuple[int, Decimal]]) -> str:
    """One mark for the rates of many services, by key and rate: it differs as soon as one of them does."""
    return _mark(",".join(f"{pk}:{_plain(rate)}" for pk, rate in sorted(prices)))


def is_mark_of(mark: str, rate: Decimal) -> bool:
    """Whether ``mark``, as a form brought it, is that of ``rate``."""
    return constant_time_compare(mark, mark_of_price(rate))


def is_seen(text: str, rate: Decimal) -> bool:
    """Whether ``text`` is the mark of ``rate``, or the rate itself as a form may carry it."""
    if is_mark_of(text, rate):
        return True
    try:
        return Decimal(text) == rate
    except InvalidOperation:
        return False


def _plain(rate: Decimal) -> str:
    return f"{rate.normalize():f}"


def _mark(text: str) -> str:
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()[:_LENGTH]
