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
from orders.mass.reader.tables import column_of, delimiter_of, read_table

__all__ = ["MAX_BYTES", "ReadLine", "Reading", "Unreadable", "read_file", "read_paste"]

MAX_BYTES: Final = 10 * 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"


def read_paste(text: str, *, names_provider: NamesProvider) -> Reading:
    """Read pasted lines; raises :class:`Unreadable`."""
    if not is_text(text):
        raise Unreadable(_("This is not text: it holds characters that no line of an order has."))
    if _is_pasted_table(text):
        return read_table(text, names_provider=names_provider)
    typed = [(number, raw.strip()) for number, raw in enumerate(text.splitlines(), start=1) if raw.strip()]
    check_count(len(typed))
    return Reading([_read_line(number, raw, names_provider) for number, raw in typed])


def _is_pasted_table(text: str) -> bool:
    """Whether this was copied out of a spreadsheet, header and all."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = delimiter_of(first)
    return delimiter is not None and "service" in [column_of(cell) for cell in first.split(delimiter)]


def _read_line(number: int, text: str, names_provider: NamesProvider) -> ReadLine:
    cells = [cell.strip() for cell in text.split("|")]
    names = positional_names(cells, names_provider)
    if names is None:
        fault = _("This is not service|link|quantity, nor the same with a provider before it.")
        return ReadLine(number, shown(text), {}, fault)
    return line_of(number, text, dict(zip(names, cells, strict=True)))


def read_file(content: bytes, *, names_provider: NamesProvider, language: str = "", encoding: str = "") -> Reading:
    """Read an uploaded CSV or XLSX file, told apart by what is in it; raises :class:`Unreadable`.

    ``encoding`` and ``language`` are as in :func:`orders.mass.reader.encoding.decode`.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(_("This file is too large: at most %(size)s MB.") % {"size": MAX_BYTES // 1024 // 1024})
    if content.startswith(_ZIP):
        # Loads slowly, and most mass orders are text.
        from orders.mass.reader.xlsx import read_workbook

        return read_workbook(content, names_provider=names_provider)
    if content.startswith(_OLD_OFFICE):
        raise Unreadable(_("This is an old or a protected Excel file. Save it as XLSX or CSV, without a password."))
    decoded = decode(content, language=language, encoding=encoding)
    if not decoded.text.strip():
        raise Unreadable(_("This file is empty."))
    reading = read_table(decoded.text, names_provider=names_provider)
    if decoded.guessed:
        reading.is_guessed = True
        reading.notices.insert(0, decoded.notice)
    return reading
