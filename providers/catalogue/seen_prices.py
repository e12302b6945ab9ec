"""What price someone saw when they decided: a sealed mark that a form carries and that reveals the price to no one.

Not everyone who may decide may see what things cost, so a form holds no rate, only the mark of one. Each mark is
different, so two of them do not say whether two things cost the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

from panelhub.encryption.vault import PREFIX, SecretUnreadable, seal, unseal

_SALT: Final = "providers.catalogue.seen_prices"
_LENGTH: Final = 24
_NONCE: Final = 8


def mark_of_price(rate: Decimal) -> str:
    """Seal one rate; a mark fits every rate that is equal, however many zeros it ends with."""
    return seal(_plain(rate), owner=_SALT).removeprefix(PREFIX)


def rate_of_mark(mark: str) -> Decimal | None:
    """Return the rate that was sealed, or ``None`` for what is no mark."""
    try:
        return Decimal(unseal(f"{PREFIX}{mark}", owner=_SALT))
    except (SecretUnreadable, InvalidOperation):
        return None


def mark_of_prices(prices: Iterable[tuple[int, Decimal]]) -> str:
    """Seal the rates of many services, by key and rate: it fits as long as none of them changes."""
    return _seal(_joined(prices))


def is_mark_of(mark: str, rate: Decimal) -> bool:
    """Return whether ``mark``, as a form brought it, is one of ``rate``. A plain rate never is."""
    return rate_of_mark(mark) == rate


def is_mark_of_all(mark: str, prices: Iterable[tuple[int, Decimal]]) -> bool:
    """Return whether ``mark`` is one of exactly these rates."""
    return _fits(mark, _joined(prices))


def _joined(prices: Iterable[tuple[int, Decimal]]) -> str:
    return ",".join(f"{pk}:{_plain(rate)}" for pk, rate in sorted(prices))


def _plain(rate: Decimal) -> str:
    return f"{rate.normalize():f}"


def _seal(text: str) -> str:
    nonce = secrets.token_hex(_NONCE // 2)
    return nonce + _mark(nonce, text)


def _fits(mark: str, text: str) -> bool:
    nonce = mark[:_NONCE]
    return constant_time_compare(mark[_NONCE:], _mark(nonce, text))


def _mark(nonce: str, text: str) -> str:
    return salted_hmac(f"{_SALT}.{nonce}", text, algorithm="sha256").hexdigest()[:_LENGTH]
