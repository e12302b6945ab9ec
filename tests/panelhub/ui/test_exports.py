from __future__ import annotations

import csv
import io
import re
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from panelhub.ui.exports import safe_cell, send_xlsx, stream_csv, unguard, write_cell


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "|cmd", '=HYPERLINK("http://x")'],
)
def test_a_text_that_begins_like_a_formula_is_defused(text: str) -> None:
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize(
    "mark", ["\u200b", "\ufeff", "\u2060", "\u00ad", "\u200e", "\u00a0", "\u2028", '"', " \u200b "]
)
@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_nothing_that_is_skipped_hides_a_sign(mark: str, sign: str) -> None:
    assert safe_cell(mark + sign) == f"'{mark}{sign}"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "text", ["a;=1+1", "a; \u200b=1+1", "a\t@SUM(A1)", 'a";=1+1;"', 'a;"=1+1"', "a\n=1+1;+1", "a;;-1", "=1;=1", "\n;=1"]
)
def test_no_cell_is_a_formula_whatever_parts_the_cells_in_the_readers_locale(delimiter: str, text: str) -> None:
    content: Any = stream_csv("x", ["one", "two"], [["plain", text]]).streaming_content
    written = b"".join(content).decode("utf-8-sig")

    # As a spreadsheet does: each line break and each mark outside of quotation marks that begin a cell parts them.
    for cell in re.split(r"[\r\n]", written) + [
        cell for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter) for cell in row
    ]:
        assert not re.match(r'[\s"\u200b]*[=+\-@]', cell), cell


@pytest.mark.parametrize(
    "text",
    [
        "@some.name",
        "'@some.name",
        "''=1",
        "=1+1",
        "a;=1",
        "a;'=1",
        "\t=1",
        "'\tx",
        "it's",
        "'quoted'",
        "a\n- b\n- c",
        "'",
        "",
    ],
)
def test_what_was_put_in_front_comes_off_again(text: str) -> None:
    assert unguard(safe_cell(text)) == text


@pytest.mark.parametrize(
    "text", ["Instagram likes", "https://example.com/?a=b", "1-2", "", "ถูกใจ", "a=b", "a;b", "a, -b", "it's"]
)
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
    assert [cell.value for cell in rows[1]] == [datetime(2026, 11, 21), "=1+1", -2.5]
    assert rows[1][1].data_type == "s"
    # As text it stays when someone edits the cell.
    assert rows[1][1].number_format == "@"
    response.close()


def test_a_workbook_is_sent_while_it_is_written_in_memory_that_stays_the_same() -> None:
    row = [1, Decimal("0.90"), "a link " * 20, None, True, datetime(2026, 11, 21, 12, 30, tzinfo=UTC)]
    peaks = []
    for count in (1_000, 10_000):
        drawn = 0

        def rows(count: int = count) -> Iterator[list[Any]]:
            nonlocal drawn
            for drawn in range(count):  # noqa: B007 - how far it came is what is looked at
                yield row

        parts: Any = send_xlsx("x", ["h"] * 6, rows()).streaming_content
        tracemalloc.start()
        next(iter(parts))
        assert drawn < 1_000
        assert sum(1 for _part in parts)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 2 * peaks[0]


def test_whatever_a_workbook_holds_is_read_back(db: None) -> None:
    at = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    values = [
        ' <b> & "x" ',
        "a\nb\tc",
        "=1+1",
        "\x00plain",
        2**40,
        Decimal("1E-10"),
        Decimal("NaN"),
        True,
        None,
        at,
        "é😀",
    ]
    content: Any = send_xlsx("x", [""] * len(values), [values]).streaming_content

    sheet = load_workbook(io.BytesIO(b"".join(content))).active

    assert sheet is not None
    read = [cell.value for cell in list(sheet.iter_rows())[1]]
    local = timezone.localtime(at).replace(tzinfo=None)
    assert read == [' <b> & "x" ', "a\nb\tc", "=1+1", "plain", 2**40, 1e-10, "NaN", True, None, local, "é😀"]
