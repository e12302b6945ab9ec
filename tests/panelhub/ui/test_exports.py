from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from panelhub.ui.exports import safe_cell, send_xlsx, stream_csv, write_cell


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "|cmd", '=HYPERLINK("http://x")'],
)
def test_a_text_that_begins_like_a_formula_is_defused(text: str) -> None:
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["Instagram likes", "https://example.com/?a=b", "1-2", "", "ถูกใจ", "a=b"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_control_characters_and_endless_texts_are_cut() -> None:
    assert safe_cell("a\x00b\x07c") == "abc"
    assert len(safe_cell("x" * 100_000)) == 32_000
    # Hidden behind a control character, it is a formula all the same.
    assert safe_cell("\x00=1").startswith("'")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (12, "12"),
        (Decimal("-0.5000000000"), "-0.5"),
        (Decimal("100.0000"), "100"),
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("0E-10"), "0"),
        (date(2026, 11, 21), "2026-11-21"),
        (datetime(2026, 11, 21, 3, 4, 5, 6, tzinfo=UTC), "2026-11-21 03:04:05+00:00"),
    ],
)
def test_values_are_written_plainly(value: object, text: str) -> None:
    assert write_cell(value) == text


def test_a_csv_is_streamed_in_parts_and_reads_back() -> None:
    read = 0

    def rows() -> Iterator[list[object]]:
        nonlocal read
        for number in range(1000):
            read += 1
            yield [number, f'=cmd|"{number}"', 'quote " and\nline']

    response = stream_csv("orders of ünits/../x", ["id", "name", "note"], rows())
    content: Any = response.streaming_content
    parts = iter(content)
    assert next(parts) == b"\xef\xbb\xbf"
    assert next(parts) == b"id,name,note\r\n"
    assert read == 0
    next(parts)
    assert read == 200

    text = b"".join([*parts]).decode()
    found = list(csv.reader(io.StringIO(text)))
    assert found[-1] == ["999", '\'=cmd|"999"', 'quote " and\nline']
    assert response["Content-Disposition"] == 'attachment; filename="orders-of-nits-..-x.csv"'


def test_a_workbook_holds_texts_and_never_formulas(db: None) -> None:
    response = send_xlsx("days", ["day", "text", "money"], [[date(2026, 11, 21), "=1+1", Decimal("-2.5")]])

    content: Any = response.streaming_content
    sheet = load_workbook(io.BytesIO(b"".join(content))).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[1]] == [datetime(2026, 11, 21), "'=1+1", -2.5]
    assert rows[1][1].data_type == "s"
    response.close()
