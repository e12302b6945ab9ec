"""Ids, money, counts, flags and currencies: what each spelling is, and what is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers.client.replies.scalars import read_count, read_currency, read_flag, read_id, read_money, storable_money

HUGE = 10**4000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (23501, "23501"),
        ("23501", "23501"),
        (" 23501 ", "23501"),
        (Decimal("23501.0"), "23501"),
        ("23501.0", "23501"),
        (90071992547409931234, "90071992547409931234"),
        ("64a1b2c3d4e5f6g7h8i9j0k1", "64a1b2c3d4e5f6g7h8i9j0k1"),
        ("ord_1", "ord_1"),
        ("A-10432", "A-10432"),
        ("0012", "0012"),
        ("9" * 100, "9" * 100),
    ],
)
def test_ids(value: Any, expected: str) -> None:
    assert read_id(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        "0",
        "00",
        "0.0",
        Decimal("0.0"),
        -1,
        "-1",
        "",
        " ",
        "1 2",
        "a\tb",
        [],
        [5],
        {},
        {"id": 5},
        "null",
        "None",
        "error",
        "Failed",
        "false",
        "NaN",
        "undefined",
        "success",
        "<b>5</b>",
        '"5"',
        "1,2",
        "№5",
        "٣٤",
        Decimal("2.5"),
        Decimal("2.35e4"),
        Decimal("1e-999999"),
        Decimal("NaN"),
        Decimal("Infinity"),
        HUGE,
        "9" * 101,
        "5\x00",
        "5\ud800",
        2.0,
    ],
)
def test_no_ids(value: Any) -> None:
    assert read_id(value) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.90", "0.90"),
        ("8", "8"),
        ("1,234.5", "1234.5"),
        ("15,000", "15000"),
        ("1,234,567", "1234567"),
        ("1,00,000.50", "100000.50"),
        ("2,5", "2.5"),
        ("12,50", "12.50"),
        ("0,900", "0.900"),
        ("1.234,50", "1234.50"),
        ("1.234.567", "1234567"),
        ("$12.50", "12.50"),
        ("12.50 USD", "12.50"),
        ("R$ 5,00", "5.00"),
        ("₹100", "100"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("+2", "2"),
        (" 7 ", "7"),
        (".5", "0.5"),
        ("1.0E-5", "0.00001"),
        ("123456789012345678901234567890.12", "123456789012345678901234567890.12"),
    ],
)
def test_money(text: str, expected: str) -> None:
    assert read_money(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15,000", "15.000"),
        ("15.000", "15000"),
        ("1.234,5", "1234.5"),
        ("0.900", "0.900"),
        ("0.95", "0.95"),
        ("7", "7"),
    ],
)
def test_money_of_an_account_with_a_decimal_comma(text: str, expected: str) -> None:
    assert read_money(text, decimal_comma=True) == Decimal(expected)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        "",
        " ",
        "free",
        "NaN",
        "Infinity",
        "-Infinity",
        "sNaN",
        "1e400",
        "1e-400",
        "1e99999",
        "--5",
        "-$-5",
        "1,2,3",
        "1,234.50.3",
        "USD 5 USD",
        "5 5",
        "٣",
        "0x10",
        "1_000",
        [],
        [5],
        {},
        {"usd": 5},
        HUGE,
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1e400"),
        Decimal("1e-400"),
        "9" * 200,
        0.1,
    ],
)
def test_no_money(value: Any) -> None:
    assert read_money(value) is None


def test_money_keeps_what_was_written() -> None:
    assert read_money(Decimal("0.08011655652")) == Decimal("0.08011655652")
    assert str(read_money("0.5000")) == "0.5000"
    assert read_money(12500) == Decimal(12500)
    assert read_money(-3) == Decimal(-3)
    assert read_money(Decimal("0E+5")) == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.90", "0.9000000000"),
        ("0.08011655652", "0.0801165565"),
        ("0", "0"),
        ("-5", "-5"),
        ("1234567890123456789.5", "1234567890123456789.5"),
        ("1e-10", "0.0000000001"),
    ],
)
def test_storable_money(value: str, expected: str) -> None:
    stored = storable_money(Decimal(value))

    assert stored == Decimal(expected)
    assert stored is not None
    assert stored.as_tuple().exponent == -10


@pytest.mark.parametrize(
    "value",
    [
        None,
        "12345678901234567890.5",
        "9999999999999999999.99999999999",
        "99999999999999999999.99999999999",
        "1e-11",
        "-1e-30",
        "NaN",
        "Infinity",
        "1e39",
    ],
)
def test_money_that_cannot_be_stored(value: str | None) -> None:
    assert storable_money(None if value is None else Decimal(value)) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3572, 3572),
        ("3572", 3572),
        ("-2", -2),
        ("+2", 2),
        ("12,345", 12345),
        ("1,000", 1000),
        (Decimal("157.0"), 157),
        (Decimal("1E+3"), 1000),
        ("157.0", 157),
        ("3572.000", 3572),
        (2**63 - 1, 2**63 - 1),
        (" 7 ", 7),
    ],
)
def test_counts(value: Any, expected: int) -> None:
    assert read_count(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "Unknown",
        "3.5",
        Decimal("3.5"),
        "1.000",
        "1 2345",
        "1 234.50",
        "10K+",
        "Unlimited",
        "1.5",
        "1.2345K",
        "1.000K",
        "٣",
        "1e3",
        2**63,
        -(2**63),
        str(2**63),
        HUGE,
        Decimal("1e30"),
        Decimal("NaN"),
        [],
        {},
        "--5",
        "1,23",
    ],
)
def test_no_counts(value: Any) -> None:
    assert read_count(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("1", True),
        ("0", False),
        ("true", True),
        ("FALSE", False),
        ("yes", True),
        ("no", False),
        (None, None),
        ("", None),
        ("maybe", None),
        (2, None),
        ([], None),
        ({}, None),
    ],
)
def test_flags(value: Any, expected: bool | None) -> None:
    assert read_flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("USD", "USD"),
        (" eur", "EUR"),
        ("IRT", "IRT"),
        ("USDT", "USDT"),
        ("", None),
        ("$", None),
        (None, None),
        (840, None),
        ("U S D", None),
        ("A" * 11, None),
        ("ÜSD", None),
    ],
)
def test_currencies(value: Any, expected: str | None) -> None:
    assert read_currency(value) == expected
