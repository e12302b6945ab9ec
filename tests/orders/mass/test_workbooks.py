"""Workbooks: the sheet that is meant, without what is hidden; and those that are made to do harm."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from openpyxl import Workbook

from orders.mass.reader import Reading, Unreadable, read_file

LINK: Final = "https://example.com/p/1"
HEADER: Final = ["service", "link", "quantity"]
LINE: Final = {"service": "102", "link": LINK, "quantity": "1000"}
ROW: Final = [102, LINK, 1000.0]
MB: Final = 1024 * 1024


def saved(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def sheets(**rows: list[list[Any]]) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, found in rows.items():
        sheet = book.create_sheet(title.replace("_", " "))
        for row in found:
            sheet.append(row)
    return book


def read(content: bytes, **options: Any) -> Reading:
    return read_file(content, names_provider=lambda name: False, **options)


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content)
    return str(caught.value)


class TestSheets:
    def test_the_sheet_with_the_header_is_the_one_that_is_meant(self) -> None:
        reading = read(saved(sheets(Read_me=[["Notes for the team."]], Orders=[HEADER, ROW], Old=[])))

        assert [line.fields for line in reading.lines] == [LINE]
        assert (reading.sheet, reading.sheets) == ("Orders", ("Read me", "Orders", "Old"))
        assert "Read the sheet “Orders”" in reading.notices[0]
        assert "“Read me”, “Old”" in reading.notices[0]

    def test_another_can_be_chosen_by_its_name(self) -> None:
        book = saved(sheets(May=[HEADER, ROW], June=[HEADER, [7, LINK, 5]]))

        assert read(book).lines[0].fields == LINE
        assert read(book, sheet=" june ").lines[0].fields["service"] == "7"
        with pytest.raises(Unreadable, match="Sheets found: “May”, “June”"):
            read(book, sheet="July")

    def test_a_hidden_sheet_is_read_only_when_it_is_chosen(self) -> None:
        book = sheets(Old=[HEADER, [7, LINK, 5]], Orders=[HEADER, ROW])
        book["Old"].sheet_state = "hidden"

        assert read(saved(book)).lines[0].fields == LINE
        assert read(saved(book), sheet="Old").lines[0].fields["service"] == "7"


class TestHidden:
    @pytest.mark.parametrize("hide", ["hidden", "height"])
    def test_hidden_rows_are_left_out_and_counted_aloud(self, hide: str) -> None:
        book = sheets(Orders=[HEADER, ROW, [103, LINK, 5], [104, LINK, 5]])
        dimension = book["Orders"].row_dimensions[3]
        if hide == "hidden":
            dimension.hidden = True
        else:
            # openpyxl writes no height of 0.
            dimension.height = 0.01
        reading = read(saved(book))

        assert [line.fields["service"] for line in reading.lines] == ["102", "104"]
        assert "1 hidden row was skipped." in reading.notices

    def test_hidden_columns_are_left_out_and_counted_aloud(self) -> None:
        book = sheets(Orders=[["service", "comments", "link", "quantity"], [102, "secret", LINK, 1000]])
        book["Orders"].column_dimensions["B"].hidden = True
        reading = read(saved(book))

        assert [line.fields for line in reading.lines] == [LINE]
        assert "1 hidden column was left out." in reading.notices

    def test_nothing_hidden_is_not_spoken_of(self) -> None:
        assert read(saved(sheets(Orders=[HEADER, ROW]))).notices == []


class TestCells:
    @pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!"])
    @pytest.mark.parametrize("column", ["link", "quantity", "service"])
    def test_an_error_is_a_fault_at_its_place(self, error: str, column: str) -> None:
        book = sheets(Orders=[HEADER, ROW, ROW])
        cell = book["Orders"].cell(row=2, column=HEADER.index(column) + 1)
        cell.value, cell.data_type = error, "e"
        reading = read(saved(book))

        assert reading.lines[0].fault == f"“{column}” contains the spreadsheet error {error}."
        assert not reading.lines[1].fault

    def test_an_error_in_a_column_that_means_nothing_does_no_harm(self) -> None:
        book = sheets(Orders=[[*HEADER, "colour"], [*ROW, "x"]])
        cell = book["Orders"]["D2"]
        cell.value, cell.data_type = "#N/A", "e"

        assert not read(saved(book)).lines[0].fault

    def test_texts_and_styles_are_read_as_other_programs_write_them(self) -> None:
        shared = "<si><t>service</t></si><si><r><t>li</t></r><r><t>nk</t></r><rPh><t>x</t></rPh></si><si><t/></si>"
        rows = (
            '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><t>comments</t></is></c></row>'
            f'<row r="9"><c r="A9"><v>1.02E2</v></c><c r="B9" t="str"><v>{LINK}</v></c>'
            '<c r="C9" t="inlineStr"><is><t>a_x000A_b</t></is></c></row>'
        )
        reading = read(archive(rows, shared=shared))

        assert reading.lines[0].fields == {"service": "102", "link": LINK, "comments": "a\nb"}
        assert reading.lines[0].number == 9


# --- Made to do harm --------------------------------------------------------------------------------------------------

_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
GOOD: Final = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>service</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>link</t></is></c></row>'
    f'<row r="2"><c r="A2"><v>102</v></c><c r="B2" t="inlineStr"><is><t>{LINK}</t></is></c></row>'
)


def archive(
    rows: str = GOOD,
    *,
    shared: str = "",
    styles: str = "",
    book: str = "",
    sheet: str = "",
    more: dict[str, bytes] | None = None,
    change: Callable[[str, bytes], bytes] | None = None,
) -> bytes:
    """Return a workbook of one sheet, written by hand."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELATION}">{book}<sheets><sheet name="S" r:id="r1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        f'<Relationship Id="r1" Type="{_RELATION}/worksheet" Target="worksheets/s.bin"/>'
        f'<Relationship Id="r2" Type="{_RELATION}/sharedStrings" Target="shared.XML"/>'
        f'<Relationship Id="r3" Type="{_RELATION}/styles" Target="/xl/styles.xml"/></Relationships>',
        "xl/worksheets/s.bin": f"<worksheet {_MAIN}>{sheet}<sheetData>{rows}</sheetData></worksheet>",
        "xl/shared.XML": f"<sst {_MAIN}>{shared}</sst>",
        "xl/styles.xml": f"<styleSheet {_MAIN}>{styles}</styleSheet>",
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in parts.items():
            body = text.encode()
            target.writestr(name, change(name, body) if change else body)
        for name, extra in (more or {}).items():
            target.writestr(name, extra)
    return written.getvalue()


def test_a_workbook_written_by_hand_is_read() -> None:
    assert read(archive()).lines[0].fields == {"service": "102", "link": LINK}


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/s.bin", "xl/shared.XML", "xl/styles.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1", "cp1252"])
@pytest.mark.parametrize("entities", ['[<!ENTITY a "aaaa">]', "", 'SYSTEM "file:///etc/passwd"'])
def test_no_part_may_have_a_document_type_whatever_its_name_and_encoding(
    part: str, encoding: str, entities: str
) -> None:
    def bend(name: str, body: bytes) -> bytes:
        stated = encoding.removesuffix("-sig").removesuffix("-be")
        mark = "\ufeff" if encoding == "utf-16-be" else ""
        text = f'{mark}<?xml version="1.0" encoding="{stated}"?><!-- x --><!DOCTYPE x {entities}>{body.decode()}'
        return text.encode(encoding) if name == part else body

    assert "document type" in refusal(archive(change=bend))


@pytest.mark.parametrize("name", ["docProps/app.xml", "xl/unused.bin", "evil", "a/b.XML", "customXml/item1.XmL"])
def test_a_part_that_nothing_names_may_have_none_either(name: str) -> None:
    bomb = b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;&lol;">]><lolz>&l2;</lolz>'

    assert "document type" in refusal(archive(more={name: bomb}))


def test_other_parts_do_no_harm() -> None:
    more = {
        "xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 99,
        "docProps/app.xml": b"<a>DOCTYPE</a>",
        "empty": b"",
    }

    assert len(read(archive(more=more)).lines) == 1


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-7", "ebcdic-cp-us"])
def test_a_part_in_another_encoding_is_not_read(encoding: str) -> None:
    content = archive(
        change=lambda name, body: (
            f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + body if name.endswith("s.bin") else body
        )
    )

    assert "encoding" in refusal(content)


BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    "texts": lambda: archive(shared="<si/>" * 7_800_000),
    "texts with letters": lambda: archive(shared="<si><t>a</t></si>" * 2_000_000),
    "styles": lambda: archive(styles=f"<cellXfs>{'<xf/>' * 600_000}</cellXfs>"),
    "style parts": lambda: archive(styles="<font/>" * 5_000_000 + "<cellXfs><xf/></cellXfs>"),
    "formats": lambda: archive(styles="".join(f'<numFmt numFmtId="{n}" formatCode="0"/>' for n in range(500_000))),
    "names": lambda: archive(book='<definedName name="a">1</definedName>' * 1_000_000),
    "cells": lambda: archive(GOOD + f"<row>{'<c/>' * 9_000_000}</row>"),
    "cells with figures": lambda: archive(GOOD + "<row><c><v>1</v></c><c><v>2</v></c></row>" * 900_000),
    "rows": lambda: archive(GOOD + "<row/>" * 6_000_000),
    "one text": lambda: archive(GOOD.replace("102", "x" * 38_000_000)),
    "one text of wide letters": lambda: archive(GOOD.replace(LINK, "\U0001f600" * 9_000_000)),
    "a text named again and again": lambda: archive(
        GOOD + '<row><c t="s"><v>0</v></c></row>' * 100_000, shared=f"<si><t>{'y' * 190_000}</t></si>"
    ),
    "columns": lambda: archive(sheet='<cols>' + '<col min="1" max="999999999" hidden="1"/>' * 500_000 + "</cols>"),
    "sheets": lambda: archive(book='<sheets>' + '<sheet name="x" r:id="r1"/>' * 500_000 + "</sheets>"),
    "depth": lambda: archive("<a>" * 5_000_000),
    "attributes": lambda: archive("<row " + " ".join(f"a{n}='1'" for n in range(1_000_000)) + "/>"),
    "parts": lambda: archive(more={f"p{n}.xml": b"<a/>" for n in range(1_001)}),
    "unpacked": lambda: archive(more={"a.xml": b" " * (41 * MB)}),
}  # fmt: skip

MEASURE: Final = """
import os, resource, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from orders.mass.reader import Unreadable, read_file
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    reading = read_file(open(sys.argv[1], "rb").read(), names_provider=lambda name: False)
    said = f"{len(reading.lines)} lines"
except Unreadable as refusal:
    said = str(refusal)
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(own // 1024, child // 1024, said)
"""


@pytest.mark.alike
@pytest.mark.parametrize("kind", BOMBS)
def test_whatever_a_workbook_is_made_of_it_is_read_or_refused_with_little_memory_and_soon(
    kind: str, tmp_path: Path
) -> None:
    file = tmp_path / "bomb.xlsx"
    file.write_bytes(BOMBS[kind]())
    assert file.stat().st_size < 10 * MB
    start = time.monotonic()

    found = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], capture_output=True, text=True, timeout=60, check=True
    )

    took = time.monotonic() - start
    own, child, said = found.stdout.strip().split(" ", 2)
    assert said.endswith(("lines", "."))
    assert int(own) < 100, "the process that people wait for does not carry the file"
    assert int(child) < 300
    # Processor time is bounded by the program itself; the clock is another matter on a busy machine.
    assert took < 40
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


@pytest.mark.alike
def test_ten_thousand_honest_lines_with_styles_and_comments_are_read() -> None:
    book = sheets(
        Orders=[[*HEADER, "comments"], *([102, f"{LINK}?a={n}", 1000, f"nice {n}\nfine"] for n in range(10_000))]
    )

    reading = read(saved(book))

    assert len(reading.lines) == 10_000
    assert reading.lines[-1].fields["comments"] == "nice 9999\nfine"
