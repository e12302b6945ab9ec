"""Reads tables: delimited text, and rows of cells from wherever, with a header or without one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from orders import order_types
from orders.mass.reader.lines import (
    COLUMNS,
    MAX_LINES,
    SHOWN,
    NamesProvider,
    Reading,
    ReadLine,
    Unreadable,
    check_count,
    line_of,
    positional_names,
    shown,
)

MAX_COLUMNS: Final = 60
_DELIMITERS: Final = (",", ";", "\t", "|")
_OTHER_NAMES: Final = {
    "panel": "provider",
    "serviceid": "service",
    "url": "link",
    "qty": "quantity",
    "amount": "quantity",
    "comment": "comments",
}
_BY_FOLDED: Final = {name.replace("_", ""): name for name in COLUMNS} | _OTHER_NAMES
_BETWEEN_WORDS: Final = re.compile(r"[\s_\-]+")
_QUOTED: Final = re.compile(r'"[^"]*"')
# Excel's own way to say what parts the columns.
_SEPARATOR: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; ``computed`` are the places of cells that are formulas, where the source knows."""

    number: int
    cells: list[str]
    computed: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell and not cell.isspace() for cell in self.cells)

    @property
    def text(self) -> str:
        """The row as one line, for people."""
        return " | ".join(cell.strip() for cell in self.cells)


def read_table(text: str, *, names_provider: NamesProvider) -> Reading:
    """Read delimited text; raises :class:`Unreadable`."""
    first, _newline, rest = text.partition("\n")
    if stated := _SEPARATOR.fullmatch(first.strip("\r")):
        return read_rows(_csv_rows(rest, stated[1], offset=1), names_provider=names_provider)
    return read_rows(_csv_rows(text, delimiter_of(text) or ","), names_provider=names_provider)


def delimiter_of(text: str) -> str | None:
    """What parts the columns: of the usual marks the one that the first line has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = _QUOTED.sub("", first)
    likeliest = max(_DELIMITERS, key=bare.count)
    return likeliest if likeliest in bare else None


def _csv_rows(text: str, delimiter: str, *, offset: int = 0) -> Iterator[Row]:
    csv.field_size_limit(order_types.MAX_TEXT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1 + offset
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(_csv_fault(number, str(error))) from None
        yield Row(number, cells)


def _csv_fault(number: int, error: str) -> str:
    if "field larger" in error:
        sentence = _("Line %(number)s: a cell is too long, or a quotation mark is not closed.")
    elif "unexpected end" in error:
        sentence = _("Line %(number)s: a quotation mark is not closed.")
    else:
        sentence = _("Line %(number)s: a quotation mark stands where none can be. Inside a cell it is written twice.")
    return sentence % {"number": number}


def read_rows(rows: Iterable[Row], *, names_provider: NamesProvider) -> Reading:
    """Read rows of cells, of which the first that holds something may be a header; raises :class:`Unreadable`."""
    found = (row for row in rows if not row.is_blank)
    first = next(found, None)
    if first is None:
        raise Unreadable(_("There are no lines in this."))
    names, notices = read_header(first.cells)
    lines: list[ReadLine] = []
    count = 0
    if names is None:
        if not _looks_like_order(first.cells, names_provider):
            raise Unreadable(_missing_column(first.cells, "service"))
        notices = [_("There is no header: the columns were read as service, link and quantity.")]
        lines.append(_read_row(first, None, names_provider))
        count = 1
    for row in found:
        count += 1
        # What is too much is still counted, for the sentence that refuses it.
        if count <= MAX_LINES:
            lines.append(_read_row(row, names, names_provider))
    if not lines:
        raise Unreadable(_("There are no lines below the header."))
    check_count(count)
    return Reading(lines, notices, frozenset(name for name in names or () if name))


def _read_row(row: Row, names: Sequence[str] | None, names_provider: NamesProvider) -> ReadLine:
    if names is None:
        names = positional_names([cell.strip() for cell in row.cells], names_provider)
        if names is None:
            return ReadLine(row.number, shown(row.text), {}, _("This line has another number of columns."))
    elif len(row.cells) > len(names) and any(cell.strip() for cell in row.cells[len(names) :]):
        return ReadLine(row.number, shown(row.text), {}, _("This line has more cells than the header has columns."))
    given = {name: cell for name, cell in zip(names, row.cells, strict=False) if name}
    computed = frozenset(names[place] for place in row.computed if place < len(names))
    return line_of(row.number, row.text, given, computed=computed)


def read_header(cells: Sequence[str]) -> tuple[list[str] | None, list[str]]:
    """The columns' names, "" for one that means nothing, and notices; ``None`` when this is no header.

    Raises :class:`Unreadable` naming a column that is missing or stands there twice.
    """
    names = [column_of(cell) for cell in cells[:MAX_COLUMNS]]
    known = [name for name in names if name]
    if not known:
        return None, []
    for needed, instead in (("service", "service"), ("link", "username")):
        if needed not in known and instead not in known:
            raise Unreadable(_missing_column(cells, needed))
    for name in known:
        if known.count(name) > 1:
            raise Unreadable(_("There are two columns “%(name)s”.") % {"name": name})
    ignored = [cell.strip()[:40] for cell, name in zip(cells, names, strict=False) if not name and cell.strip()]
    if not ignored:
        return names, []
    sentence = _("Columns that mean nothing here were left out: %(names)s.")
    return names, [sentence % {"names": ", ".join(ignored)[:SHOWN]}]


def column_of(cell: str) -> str:
    """The documented name behind a header's cell, in any case and spelling; "" when there is none."""
    return _BY_FOLDED.get(_BETWEEN_WORDS.sub("", cell.strip().strip('"').casefold()), "")


def _looks_like_order(cells: Sequence[str], names_provider: NamesProvider) -> bool:
    stripped = [cell.strip() for cell in cells]
    return positional_names(stripped, names_provider) is not None and any(
        cell.isdigit() or "://" in cell for cell in stripped
    )


def _missing_column(cells: Sequence[str], name: str) -> str:
    found = ", ".join(cell.strip()[:40] for cell in cells[:MAX_COLUMNS] if cell.strip())
    sentence = _("The column “%(name)s” is missing. Columns found: %(found)s.")
    return sentence % {"name": name, "found": found[:SHOWN]}
