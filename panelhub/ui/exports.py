"""Tables that leave the hub: streamed, and safe to open in a spreadsheet.

A spreadsheet runs a cell that begins like a formula, whoever wrote it; names, links and notes come from
strangers. So in CSV a text that begins so gets an apostrophe in front (OWASP, "CSV Injection"); numbers and dates
are written as such and need none. Which mark parts the cells is up to the reader's locale: so a semicolon, a tab
or a line break within a text may begin a cell as well. Whoever reads such a file back takes off exactly those
apostrophes with :func:`unguard`. A workbook says of each cell that it is a text, and needs none.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from math import isfinite
from typing import Any, Final

from django.http import StreamingHttpResponse
from django.utils import timezone

from panelhub.ui.workbook import write_workbook

ROWS_AT_ONCE: Final = 200
MOST_ROWS: Final = 200_000
LONGEST_CELL: Final = 32_000
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What may stand in front of a sign and be skipped (where another mark parts the cells, a doubled quotation mark is
# an empty text), and the wide signs that spreadsheets of East Asia take for the plain ones.
_HIDDEN: Final = (
    r"[\"\s\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]"
)
_SIGN: Final = r"[=+\-@＝＋－＠|]"
# A text that begins with a tab or a line break counts as well.
_FORMULA: Final = re.compile(rf"(?:\A|(?<=[;\t\r\n]))(?='*{_HIDDEN}*{_SIGN})|\A(?='*[\t\r\n])")
_GUARD: Final = re.compile(rf"(?:\A|(?<=[;\t\r\n]))'(?='*{_HIDDEN}*{_SIGN})|\A'(?='*[\t\r\n])")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def safe_cell(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula, without control characters, cut to a cell's size."""
    return _FORMULA.sub("'", plain_cell(text))


def unguard(text: str) -> str:
    """Return the text of a cell that :func:`safe_cell` wrote, as it was."""
    return _GUARD.sub("", text) if "'" in text else text


def plain_cell(text: str) -> str:
    """``text`` without control characters, cut to a cell's size."""
    return _UNPRINTABLE.sub("", text)[:LONGEST_CELL]


def write_cell(value: Any) -> str:
    """Return any value as the text of a CSV cell: texts made safe, money and numbers plain, moments local."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return _local(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return safe_cell(str(value))


def stream_csv(name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Show a download called ``name`` that is written while it is sent; at most :data:`MOST_ROWS` rows.

    ``rows`` are read lazily, so a query should be passed as its ``iterator()``.
    """
    response = StreamingHttpResponse(_csv_parts(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = _attachment(f"{name}.csv")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _csv_parts(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    # Spreadsheets take a file without this mark for one in the machine's old code page.
    yield "\ufeff".encode()
    remaining = iter(rows)
    part: list[Sequence[Any]] = [header]
    written = 0
    while part:
        text = io.StringIO()
        csv.writer(text).writerows([[write_cell(value) for value in row] for row in part])
        yield text.getvalue().encode()
        part = list(islice(remaining, min(ROWS_AT_ONCE, MOST_ROWS - written)))
        written += len(part)


def send_xlsx(name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return the same table as a workbook, written while it is sent."""
    table = chain([header], islice(rows, MOST_ROWS))
    cells = ([_workbook_value(value) for value in row] for row in table)
    parts = write_workbook(cells, needs_text_style=lambda text: _FORMULA.match(text) is not None)
    response = StreamingHttpResponse(parts, content_type=XLSX)
    response["Content-Disposition"] = _attachment(f"{name}.xlsx")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _workbook_value(value: Any) -> Any:
    """Return a value as a cell of a workbook holds it: texts clean, moments local, numbers that are none as texts."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | Decimal):
        return value if isfinite(value) else str(value)
    if isinstance(value, datetime):
        return _local(value).replace(tzinfo=None)
    return value if isinstance(value, date) else plain_cell(str(value))


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _attachment(filename: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", filename).strip("-.") or "export"
    return f'attachment; filename="{plain}"'
