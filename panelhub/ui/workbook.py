"""Write a workbook while it is sent: a table as XLSX, row by row, in memory that does not grow with the rows.

A library for workbooks writes cells one object at a time: 200,000 rows take minutes before the first byte leaves,
and a proxy has given up by then. What a table needs of the format (ECMA-376) is small.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from xml.sax.saxutils import escape

ROWS_AT_ONCE: Final = 500
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Cell styles by their place in styles.xml: as it is, a text that stays one, a day, a moment.
_TEXT, _DAY, _MOMENT = 1, 2, 3
_FORMATS: Final = ("0", "49", "14", "22")
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - workbooks know no zones
_EDGES: Final = re.compile(r"\A\s|\s\Z|[\r\n\t]")

_PARTS: Final = {
    "[Content_Types].xml": (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="{len(_FORMATS)}">'
        + "".join(f'<xf numFmtId="{one}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for one in _FORMATS)
        + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}


class _Outlet:
    """A file that cannot be sought in, and gives away what was written into it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what was written is there at once."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def write_workbook(rows: Iterable[Sequence[Any]], *, needs_text_style: Callable[[str], bool]) -> Iterator[bytes]:
    """Yield a workbook of one sheet, piece by piece.

    Texts are clean already, and moments local and without a zone. A text for which ``needs_text_style`` holds, because
    it begins like a formula, stays a text when someone edits it.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:  # type: ignore[call-overload]
        for name, content in _PARTS.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            remaining = iter(rows)
            while part := list(islice(remaining, ROWS_AT_ONCE)):
                text = "".join(f"<row>{''.join([_cell(one, needs_text_style) for one in row])}</row>" for row in part)
                sheet.write(text.encode())
                yield outlet.take()
            sheet.write(b"</sheetData></worksheet>")
    yield outlet.take()


def _cell(value: Any, needs_text_style: Callable[[str], bool]) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float | Decimal):
        return f"<c><v>{value}</v></c>"
    if isinstance(value, datetime):
        return f'<c s="{_MOMENT}"><v>{(value - _EPOCH) / timedelta(days=1)!r}</v></c>'
    if isinstance(value, date):
        return f'<c s="{_DAY}"><v>{value.toordinal() - _EPOCH.toordinal()}</v></c>'
    # Written out in its cell, and said to be a text: nothing ever guesses a formula.
    style = f' s="{_TEXT}"' if needs_text_style(value) else ""
    space = ' xml:space="preserve"' if _EDGES.search(value) else ""
    return f'<c t="inlineStr"{style}><is><t{space}>{escape(value)}</t></is></c>'
