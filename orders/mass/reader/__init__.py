"""Reads a mass order: pasted lines, a CSV or an XLSX file become typed fields per line.

Nothing here looks at the database or judges a line: it only says what stands where. What makes
the whole unreadable is one sentence (:class:`Unreadable`); what is wrong with one line is a
fault of that line.

    paste   ``service|link|quantity`` or ``provider|service|link|quantity``; a pasted table also
    table   a header with ``service`` and the documented names of parameters, in any case and
            order; without a header the columns of a pasted line, in their order

Several lines in one cell (comments, user names) are real line breaks or ``\\n``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import Final

from django.utils.translation import gettext as _

from orders.mass.reader.encoding import decode, is_text
from orders.mass.reader.lines import (
    NamesProvider,
    Reading,
    ReadLine,
    Unreadable,
    check_count,
    line_of,
    positional_names,
    shown,
)
from orders.mass.reader.tables import HEAD_ROWS, delimiter_of, find_header, read_table, without_ends
from orders.mass.reader.xlsx import read_workbook

__all__ = ["MAX_BYTES", "ReadLine", "Reading", "Unreadable", "read_file", "read_paste"]

MAX_BYTES: Final = 10 * 1024 * 1024
# Longer lines have no cells but those between bars.
MAX_CELL: Final = 100_000
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"


def read_paste(text: str, *, names_provider: NamesProvider) -> Reading:
    """Read pasted lines; raises :class:`Unreadable`."""
    if not is_text(text):
        raise Unreadable(_("This isn’t a text file."))
    if _is_pasted_table(text):
        return read_table(text, names_provider=names_provider)
    typed = [(number, raw.strip()) for number, raw in enumerate(text.splitlines(), start=1) if raw.strip()]
    check_count(len(typed))
    return Reading([_read_line(number, raw, names_provider) for number, raw in typed])


def _is_pasted_table(text: str) -> bool:
    """Return whether this has a header, wherever it was copied from."""
    delimiter = delimiter_of(text)
    if delimiter is None:
        return False
    first = islice((line for line in text.splitlines() if line.strip()), HEAD_ROWS)
    return find_header([line.split(delimiter) for line in first]) is not None


def _read_line(number: int, text: str, names_provider: NamesProvider) -> ReadLine:
    for cells in _ways_to_part(text):
        names = positional_names(cells, names_provider)
        if names is not None:
            return line_of(number, text, dict(zip(names, cells, strict=True)))
    fault = _("Use service|link|quantity or provider|service|link|quantity.")
    return ReadLine(number, shown(text), {}, fault)


def _ways_to_part(text: str) -> Iterator[list[str]]:
    """Yield the cells of a line by the mark that parts them: a bar wherever there is one, else what a spreadsheet
    writes.
    """
    if "|" in text:
        cells = without_ends(text.split("|"))
        # A table of bars may have one at both of its ends.
        yield cells[1:] if cells and not cells[0] and text.endswith("|") else cells
        return
    for mark in "\t;,":
        if mark in text and len(text) < MAX_CELL:
            cells = without_ends(next(csv.reader([text], delimiter=mark), []))
            # A link may hold the mark itself.
            if sum("://" in cell for cell in cells) < 2 and "://" not in cells[0]:
                yield cells


def read_file(
    content: bytes, *, names_provider: NamesProvider, language: str = "", encoding: str = "", sheet: str = ""
) -> Reading:
    """Read an uploaded CSV or XLSX file, recognised by its content; raises :class:`Unreadable`.

    ``sheet`` is the title of a workbook's sheet; ``encoding`` and ``language`` are as
    :func:`orders.mass.reader.encoding.decode` takes them.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(_("This file is too large. The limit is %(size)s MB.") % {"size": MAX_BYTES // 1024 // 1024})
    if content.startswith(_ZIP):
        return read_workbook(content, names_provider=names_provider, sheet=sheet)
    if content.startswith(_OLD_OFFICE):
        raise Unreadable(_("This Excel file is too old or protected. Save it as XLSX or CSV without a password."))
    decoded = decode(content, language=language, encoding=encoding)
    if not decoded.text.strip():
        raise Unreadable(_("This file is empty."))
    reading = read_table(decoded.text, names_provider=names_provider)
    if decoded.guessed:
        reading.is_guessed = True
        reading.notices.insert(0, decoded.notice)
    return reading
