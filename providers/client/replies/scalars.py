"""Ids, money, counts, flags and currencies, out of whatever a panel writes for them.

Every function takes any decoded JSON value and gives a value or None; None means that nothing can be said. Nothing is
rounded, nothing is guessed: `NaN`, `1e400`, `"false"`, Arabic digits and numbers of 5,000 digits all have one plain
outcome here.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from providers.client.sanitize import clean_line
from providers.client.types import MAX_CURRENCY, MAX_ID

MAX_COUNT: Final = 2**63 - 1
MAX_UNREAD: Final = 60
MONEY_DIGITS: Final = 40
"""Digits of money stored before the point, and after it."""
STORED_DIGITS: Final = 30
STORED_PLACES: Final = 10
STORED_WHOLE: Final = STORED_DIGITS - STORED_PLACES - 1
"""Digits before the point that are stored: SQLite rounds to fifteen, and what it rounds up must still be readable."""

_ID: Final = re.compile(rf"[0-9A-Za-z][0-9A-Za-z_.:/+=~#@|-]{{0,{MAX_ID - 1}}}")
_BEYOND_IDS: Final = 10**MAX_ID
_INTEGRAL: Final = re.compile(r"([0-9]+)\.0+")
_ZERO: Final = re.compile(r"0+(?:\.0*)?")
# What scripts write where an id belongs although there is none.
_NO_IDS: Final = frozenset(
    {"null", "none", "nil", "nan", "undefined", "false", "true", "no", "yes", "n/a", "na", "error", "err", "fail"}
    | {"failed", "failure", "invalid", "success", "successful", "ok", "done", "unknown", "array", "object"}
)

_COUNT: Final = re.compile(r"[+-]?[0-9]{1,19}")
_COMMA_COUNT: Final = re.compile(r"([+-]?[0-9]{1,3}(?:,[0-9]{3}){1,6})(?:\.0+)?")
_POINT_COUNT: Final = re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]{3}){1,6})(?:,0+)?")
_WHOLE_COUNT: Final = re.compile(r"([+-]?[0-9]{1,19})(?:\.0+|,00?)")
_AMBIGUOUS_COUNT: Final = re.compile(r"[+-]?[0-9]{1,3}\.000")

# What French, Russian, Swiss and other formats put between thousands: blanks of all widths, and apostrophes.
_GROUP_MARK: Final = "[ \u00a0\u2000-\u200a\u202f\u205f\u3000'\u2019\u02bc\u2032`]"
_GROUPED: Final = re.compile(
    rf"(?<![0-9.,])[0-9]{{1,3}}(?P<mark>{_GROUP_MARK})[0-9]{{3}}(?:(?P=mark)[0-9]{{3}}){{0,11}}(?![0-9])"
)
_NOT_DIGITS: Final = re.compile("[^0-9]")
# "10K", "1.5 M", "2,5 тыс": how panels shorten figures. "Mil" is a thousand in one language and a million in another.
_SHORT: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<figure>[0-9]{1,15}(?:[.,][0-9]{1,2})?) ?"
    r"(?:(?P<thousands>k|rb|ribu|тыс\.?|bin)|(?P<millions>m|mn|mio|jt|juta|млн\.?)|(?P<billions>bn|млрд\.?))",
    re.IGNORECASE,
)

_MARK: Final = r"[^\W\d_]{1,5}\.?|[^\w\s.,+\-]|[^\W\d_]{1,2}[^\w\s.,+\-]"
_MONEY: Final = re.compile(
    rf"(?P<minus>-?)(?:{_MARK})?\s*(?P<figure>[+-]?[0-9.,]{{1,90}}(?:[eE][+-]?[0-9]{{1,4}})?)\s*(?P<after>{_MARK})?"
)
_SHORT_MONEY: Final = re.compile(
    rf"(?:{_MARK})?\s*(?P<whole>{_SHORT.pattern})(?![^\W\d_])\s*(?:{_MARK})?", re.IGNORECASE
)
# Money without small change: a point before three digits can only be between thousands.
_WHOLE_MONEY: Final = frozenset({"rp", "rp.", "idr", "vnd", "₫", "đ", "vnđ"})
_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_USUAL: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")
_COMMA_GROUPS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?")
_POINT_GROUPS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?")
_BEYOND_MONEY: Final = 10**MONEY_DIGITS
_ZERO_BEFORE: Final = re.compile(r"[+-]?0+[.,]")
_CURRENCY: Final = re.compile(rf"[A-Z][A-Z0-9]{{1,{MAX_CURRENCY - 1}}}")
_EXACT: Final = Context(prec=2 * MONEY_DIGITS + STORED_PLACES, rounding=ROUND_HALF_EVEN)

_TRUE: Final = frozenset({"true", "1", "yes", "y", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "n", "off"})


def read_id(value: Any) -> str | None:
    """Return an id as text. `23501`, `23501.0` and `" 23501 "` are one id; `0012` is another than `12`.

    No ids: booleans, zero, "", negatives, exponents, anything with a blank or a quote inside, and the words scripts
    write for "there is none".
    """
    if type(value) is int:
        return str(value) if 0 < value < _BEYOND_IDS else None
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or not -20 <= exponent <= 0 or value != value.to_integral_value():
            return None
        return read_id(int(value)) if value.adjusted() < MAX_ID else None
    if not isinstance(value, str):
        return None
    # Nearly every id is written so.
    if value.isascii() and value.isdigit() and value[0] != "0" and len(value) <= MAX_ID:
        return value
    text = value.strip()
    if whole := _INTEGRAL.fullmatch(text):
        text = whole[1]
    if not _ID.fullmatch(text) or _ZERO.fullmatch(text) or text.lower() in _NO_IDS:
        return None
    return text


def read_count(value: Any, *, decimal_comma: bool = False) -> int | None:
    """Return a whole number of 63 bits, or None.

    `"12,345"`, `"12 345"`, `"12'345"` and `"1.234.567"` have thousands, `"10K"` is ten thousand, `"157.0"` is whole;
    `"1.000"` could be either, unless the account says `decimal_comma`: then it is a thousand.
    """
    if type(value) is int:
        return value if -MAX_COUNT <= value <= MAX_COUNT else None
    if isinstance(value, Decimal):
        if not value.is_finite() or value.adjusted() > 18 or value != value.to_integral_value():
            return None
        return read_count(int(value))
    if not isinstance(value, str):
        return None
    # Nearly every count is written so.
    if value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return _count_of_text(value.strip(), decimal_comma=decimal_comma)


@lru_cache(maxsize=4096)
def _count_of_text(text: str, *, decimal_comma: bool) -> int | None:
    if len(text) > 40:
        return None
    if short := _read_short(text):
        return int(short) if short == short.to_integral_value() and abs(short) <= MAX_COUNT else None
    text = _join_groups(text)
    if commas := _COMMA_COUNT.fullmatch(text):
        text = commas[1].replace(",", "")
    elif (points := _POINT_COUNT.fullmatch(text)) and (decimal_comma or not _AMBIGUOUS_COUNT.fullmatch(text)):
        text = points[1].replace(".", "")
    elif (whole := _WHOLE_COUNT.fullmatch(text)) and not _AMBIGUOUS_COUNT.fullmatch(text):
        text = whole[1]
    if not _COUNT.fullmatch(text):
        return None
    count = int(text)
    return count if -MAX_COUNT <= count <= MAX_COUNT else None


def _join_groups(text: str) -> str:
    """Return the text with the blanks and apostrophes between thousands taken out."""
    return _GROUPED.sub(lambda found: _NOT_DIGITS.sub("", found[0]), text)


def _read_short(text: str) -> Decimal | None:
    """Return the number that a shortened figure stands for; None where it is none."""
    if (parts := _SHORT.fullmatch(_join_groups(text))) is None:
        return None
    exponent = 3 if parts["thousands"] else 6 if parts["millions"] else 9
    return Decimal(parts["sign"] + parts["figure"].replace(",", ".")).scaleb(exponent)


def read_unread_limit(value: Any, read: int | None) -> str:
    """Return the text of a limit that a panel states and that cannot be read; "" where it is read or not stated."""
    if read is not None or value is None:
        return ""
    return clean_line(value if isinstance(value, str) else str(value), MAX_UNREAD)


def read_money(value: Any, *, decimal_comma: bool = False) -> Decimal | None:
    """Return money as a finite Decimal, exactly as written. One sign or code round it is dropped.

    `1,234.5` and `15,000` have thousands; `2,5`, `12,50`, `0,900` have decimal commas. Three digits after one comma are
    ambiguous by nature and read as thousands, unless the account says `decimal_comma`: then `15,000` is fifteen and
    `15.000` fifteen thousand. Blanks and apostrophes between thousands are read as such, and `10K` is ten thousand.
    """
    if isinstance(value, str):
        # Nearly all money is written so, and a catalogue has 100,000 of them.
        if _USUAL.fullmatch(value) and not decimal_comma:
            return Decimal(value)
        return _money_of_text(value.strip(), decimal_comma=decimal_comma)
    if type(value) is int:
        return Decimal(value) if abs(value) < _BEYOND_MONEY else None
    if isinstance(value, Decimal):
        return _bounded(value)
    return None


@lru_cache(maxsize=16_384)
def _money_of_text(text: str, *, decimal_comma: bool) -> Decimal | None:
    if len(text) > 100:
        return None
    text = _join_groups(text)
    if short := _SHORT_MONEY.fullmatch(text):
        shortened = _read_short(short["whole"])
        return None if shortened is None else _bounded(shortened)
    if not (parts := _MONEY.fullmatch(text)):
        return None
    figure = parts["figure"]
    mark = text[parts.end("minus") : parts.start("figure")].strip() or parts["after"] or ""
    if mark.casefold() in _WHOLE_MONEY and _POINT_GROUPS.fullmatch(figure):
        figure = figure.replace(".", "").replace(",", ".")
    marked_before = parts.start("figure") > parts.end("minus")
    if (marked_before and parts["after"]) or (parts["minus"] and figure[0] in "+-"):
        return None
    plain = _plain_figure(figure, decimal_comma=decimal_comma)
    if plain is None or not _PLAIN.fullmatch(plain):
        return None
    try:
        return _bounded(Decimal(parts["minus"] + plain))
    except InvalidOperation:
        return None


def _plain_figure(figure: str, *, decimal_comma: bool) -> str | None:
    """Return the figure with a decimal point and without thousands, or None when its marks contradict each other."""
    commas, points = figure.count(","), figure.count(".")
    if commas + points == 0:
        return figure
    if commas + points == 1:
        decimal, groups = (",", _COMMA_GROUPS) if commas else (".", _POINT_GROUPS)
        # A single mark before three digits could be either: then the account's habit decides.
        could_be_thousands = groups.fullmatch(figure) and not _ZERO_BEFORE.match(figure)
        is_thousands = could_be_thousands and decimal_comma is (decimal == ".")
        return figure.replace(decimal, "" if is_thousands else ".")
    if _COMMA_GROUPS.fullmatch(figure):
        return figure.replace(",", "")
    if _POINT_GROUPS.fullmatch(figure):
        return figure.replace(".", "").replace(",", ".")
    return None


def _bounded(value: Decimal) -> Decimal | None:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MONEY_DIGITS:
        return None
    if value == 0:
        return value if exponent <= 0 else Decimal(0)
    return value if value.adjusted() < MONEY_DIGITS else None


def storable_money(value: Decimal | None) -> Decimal | None:
    """Return money that fits DecimalField(max_digits=30, decimal_places=10), rounded half to even in the tenth place;
    or None.

    None also for an amount so small that it would become zero: a price that is not zero is never stored as zero.
    """
    if value is None or not value.is_finite() or value.adjusted() >= STORED_WHOLE:
        return None
    stored = value.quantize(Decimal(1).scaleb(-STORED_PLACES), context=_EXACT)
    if (stored == 0) != (value == 0) or stored.adjusted() >= STORED_WHOLE:
        return None
    return stored


def read_flag(value: Any) -> bool | None:
    """True, False, or None for "not stated". The text "false" is False."""
    if isinstance(value, bool):
        return value
    if type(value) is int and value in (0, 1):
        return value == 1
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return None


def read_currency(value: Any) -> str | None:
    """Return a currency code in capitals (not all are ISO: IRT is in use), or None."""
    return _currency_of_text(value) if isinstance(value, str) else None


@lru_cache(maxsize=256)
def _currency_of_text(text: str) -> str | None:
    code = text.strip().upper()
    return code if _CURRENCY.fullmatch(code) else None
