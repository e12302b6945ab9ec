"""Reads the first sheet of an XLSX file as text, within bounds that a hostile file cannot pass."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from orders.mass.reader.lines import MAX_LINES, NamesProvider, Reading, Unreadable
from orders.mass.reader.tables import MAX_COLUMNS, Row, read_rows

MAX_UNPACKED: Final = 40 * 1024 * 1024
MAX_PARTS: Final = 1_000
# Rows without a cell are counted too: a file may claim a million of them in a few bytes.
MAX_ROWS: Final = 20 * MAX_LINES
_PIECE: Final = 1024 * 1024


def read_workbook(content: bytes, *, names_provider: NamesProvider) -> Reading:
    """Read the lines of a workbook; raises :class:`Unreadable`. Formulas are text and make their line faulty."""
    _check_archive(content)
    try:
        # Slow to load, and needed by nothing else.
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl lets through whatever its parts raise
        raise _not_a_workbook() from error
    try:
        sheets = book.worksheets
        if not sheets:
            raise _not_a_workbook()
        reading = read_rows(_rows_of(sheets[0]), names_provider=names_provider)
    except Unreadable:
        raise
    except Exception as error:
        raise _not_a_workbook() from error
    finally:
        book.close()
    if len(sheets) > 1:
        reading.notices.append(_("Only the first sheet, “%(title)s”, was read.") % {"title": sheets[0].title[:60]})
    return reading


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            # What a part unpacks to is never more than it declares: zipfile stops there.
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise Unreadable(
                    _("This file unpacks to more than %(size)s MB.") % {"size": MAX_UNPACKED // 1024 // 1024}
                )
            if "[Content_Types].xml" not in archive.namelist():
                raise _not_a_workbook()
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _refuse_declarations(archive, part)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise _not_a_workbook() from error


def _refuse_declarations(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No spreadsheet declares entities; what does wants to be unfolded without end."""
    tail = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            if b"<!DOCTYPE" in tail + piece or b"<!ENTITY" in tail + piece:
                raise _not_a_workbook()
            tail = piece[-16:]


def _rows_of(sheet: Any) -> Iterator[Row]:
    # The size that a sheet states may be a lie.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
        if number > MAX_ROWS:
            sentence = _("The sheet has more than %(count)s rows, and at most %(most)s go into one mass order.")
            raise Unreadable(sentence % {"count": f"{MAX_ROWS:,}", "most": f"{MAX_LINES:,}"})
        computed = frozenset(place for place, cell in enumerate(row) if cell.data_type == "f")
        yield Row(number, [_text_of(cell.value) for cell in row], computed)


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # Excel keeps every number as a float: 1000 must not become "1000.0".
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, str | int):
        return str(value)
    # Array formulas and the like are objects of openpyxl's own.
    return str(getattr(value, "text", "") or "=")


def _not_a_workbook() -> Unreadable:
    return Unreadable(_("This is not a readable XLSX file. Save it anew as XLSX, or as CSV."))
