"""Reads tables: delimited text, and rows of cells from wherever, with a header or without one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from orders import order_types
from orders.mass.reader.header_words import OTHER_NAMES, SERVICE_IDS
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
from providers.models.search_text import fold

MAX_COLUMNS: Final = 60
_DELIMITERS: Final = (",", ";", "\t", "|")
HEAD_ROWS: Final = 12
"""Among so many first rows the header is looked for: a title may stand above it."""
_OWN_TITLES: Final = {
    "provider": gettext_lazy("Provider"),
    "service": gettext_lazy("Service ID"),
    "link": gettext_lazy("Link"),
    "quantity": gettext_lazy("Quantity"),
}
"""Titles that the hub's exports have in the language of their reader."""
_BETWEEN_WORDS: Final = re.compile(r"[\s_\-]+")
_APOSTROPHE: Final = str.maketrans("’ʼ`´", "''''")
_QUOTED: Final = re.compile(r'"[^"]*"')
# Excel's own way to say what parts the columns.
_SEPARATOR: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; ``computed`` and ``broken`` are the places of formulas and errors.

    ``computed`` is ``None`` where the source does not know its formulas.
    """

    number: int
    cells: list[str]
    computed: frozenset[int] | None = None
    broken: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell and not cell.isspace() for cell in self.cells)

    @property
    def text(self) -> str:
        """The row as one line, for people."""
        return " | ".join(without_ends(self.cells))


def read_table(text: str, *, names_provider: NamesProvider) -> Reading:
    """Read delimited text; raises :class:`Unreadable`."""
    first, _newline, rest = text.partition("\n")
    if stated := _SEPARATOR.fullmatch(first.strip("\r")):
        return read_rows(_csv_rows(rest, stated[1], offset=1), names_provider=names_provider)
    return read_rows(_csv_rows(text, delimiter_of(text) or ","), names_provider=names_provider)


def delimiter_of(text: str) -> str | None:
    """Return what parts the columns: the mark that the header has most of, or the first line that has any."""
    found = None
    for line in islice((line for line in text.splitlines() if line.strip()), HEAD_ROWS):
        bare = _QUOTED.sub("", line)
        likeliest = max(_DELIMITERS, key=bare.count)
        if likeliest in bare:
            found = found or likeliest
            if find_header([line.split(likeliest)]) is not None:
                return likeliest
    return found


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
        sentence = _("Line %(number)s: a cell is too long or a quotation mark isn’t closed.")
    elif "unexpected end" in error:
        sentence = _("Line %(number)s: a quotation mark isn’t closed.")
    else:
        sentence = _("Line %(number)s: misplaced quotation mark. Double it inside a cell.")
    return sentence % {"number": number}


def without_ends(cells: Sequence[str]) -> list[str]:
    """Return the cells, stripped, without empty ones at the end: a last mark parts nothing from nothing."""
    found = [cell.strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    return found


def read_rows(rows: Iterable[Row], *, names_provider: NamesProvider) -> Reading:
    """Read rows of cells, of which one of the first may be a header; raises :class:`Unreadable`."""
    found = (row for row in rows if not row.is_blank)
    head = list(islice(found, HEAD_ROWS))
    if not head:
        raise Unreadable(_("There are no lines."))
    place = find_header([row.cells for row in head])
    if place is not None and any(_looks_like_order(row.cells, names_provider) for row in head[:place]):
        place = None
    names, notices = (None, []) if place is None else read_header(head[place].cells)
    if names is None:
        if not _looks_like_order(head[0].cells, names_provider):
            raise _no_header(head[0].cells)
        notices = [_("No header found. Columns were read as service, link and quantity.")]
    elif place:
        sentence = ngettext(
            "%(n)s row above the header was skipped.", "%(n)s rows above the header were skipped.", place
        )
        notices = [sentence % {"n": place}, *notices]
    lines: list[ReadLine] = []
    count = 0
    for row in chain(head[(place or 0) + (names is not None) :], found):
        count += 1
        # What is too much is still counted, for the sentence that refuses it.
        if count <= MAX_LINES:
            lines.append(_read_row(row, names, names_provider))
    if not lines:
        raise Unreadable(_("There are no lines below the header."))
    check_count(count)
    return Reading(lines, notices, frozenset(name for name in names or () if name))


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the place of the first row that names a service and a link, or whom it is for; ``None`` when none does."""
    for place, cells in enumerate(rows[:HEAD_ROWS]):
        names = {column_of(cell) for cell in cells[:MAX_COLUMNS]}
        if "service" in names and names & {"link", "username"}:
            return place
    return None


def _no_header(cells: Sequence[str]) -> Unreadable:
    known = {column_of(cell) for cell in cells[:MAX_COLUMNS]}
    return Unreadable(_missing_column(cells, "link" if "service" in known else "service"))


def _read_row(row: Row, names: Sequence[str] | None, names_provider: NamesProvider) -> ReadLine:
    cells = without_ends(row.cells)
    if names is None:
        names = positional_names(cells, names_provider)
        if names is None:
            return ReadLine(row.number, shown(row.text), {}, _("This line has a different number of columns."))
    elif len(cells) > len(names):
        return ReadLine(row.number, shown(row.text), {}, _("This line has more cells than the header."))
    given = {name: cell for name, cell in zip(names, row.cells, strict=False) if name}
    computed = None if row.computed is None else frozenset(names[place] for place in row.computed if place < len(names))
    broken = frozenset(names[place] for place in row.broken if place < len(names))
    return line_of(row.number, row.text, given, computed=computed, broken=broken)


def read_header(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names of a header's columns, "" for one that means nothing, and notices.

    Raises :class:`Unreadable` naming a column that stands there twice.
    """
    names = [column_of(cell) for cell in cells[:MAX_COLUMNS]]
    services = [(_rank_of_service(cells[place]), place) for place, name in enumerate(names) if name == "service"]
    best = min(services)[0]
    for rank, place in services:
        if rank > best:
            names[place] = ""
    for name in filter(None, names):
        if names.count(name) > 1:
            raise Unreadable(_("There are two columns “%(name)s”.") % {"name": name})
    ignored = [cell.strip()[:40] for cell, name in zip(cells, names, strict=False) if not name and cell.strip()]
    if not ignored:
        return names, []
    sentence = _("Unknown columns were ignored: %(names)s.")
    return names, [sentence % {"names": ", ".join(ignored)[:SHOWN]}]


def column_of(cell: str) -> str:
    """Return the documented name behind a header's cell, in any case and spelling; "" when there is none."""
    return _names_by_word().get(_plain(cell), "")


def _rank_of_service(cell: str) -> int:
    word = _plain(cell)
    return next((rank for rank, words in enumerate(_service_ranks()) if word in words), len(SERVICE_IDS))


def _plain(cell: str) -> str:
    text = cell[: 2 * SHOWN].strip().strip('"“”«»*:.#').translate(_APOSTROPHE)
    return _BETWEEN_WORDS.sub("", fold(text))


@lru_cache(maxsize=1)
def _names_by_word() -> dict[str, str]:
    found = {_plain(name): name for name in COLUMNS}
    found |= {_plain(word): name for name, words in OTHER_NAMES.items() for word in words}
    found |= {_plain(title): name for name, title in _own_titles()}
    return found | {word: "service" for words in _service_ranks() for word in words}


@lru_cache(maxsize=1)
def _service_ranks() -> tuple[frozenset[str], ...]:
    first, *others = SERVICE_IDS
    own = [title for name, title in _own_titles() if name == "service"]
    return tuple(frozenset(map(_plain, words)) for words in ((*first, *own), *others))


def _own_titles() -> Iterator[tuple[str, str]]:
    """Yield the titles of the hub's exports in each of its languages."""
    for language, _name in settings.LANGUAGES:
        with override(language):
            for name, title in _OWN_TITLES.items():
                yield name, str(title)


def _looks_like_order(cells: Sequence[str], names_provider: NamesProvider) -> bool:
    stripped = without_ends(cells)
    return positional_names(stripped, names_provider) is not None and any(
        cell.isdigit() or "://" in cell for cell in stripped
    )


def _missing_column(cells: Sequence[str], name: str) -> str:
    found = ", ".join(cell.strip()[:40] for cell in cells[:MAX_COLUMNS] if cell.strip())
    sentence = _("The column “%(name)s” is missing. Columns found: %(found)s.")
    return sentence % {"name": name, "found": found[:SHOWN]}
