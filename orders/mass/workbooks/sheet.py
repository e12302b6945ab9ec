"""The rows of one sheet, without what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from orders.mass.workbooks.book import Book, unescape
from orders.mass.workbooks.parts import Count, Enough, Pieces, Refused, parse_steps, whole

MAX_ROWS: Final = 200_000
LAST_ROW: Final = 1_048_576
MAX_CELLS: Final = 1_200_000
MAX_COLUMNS: Final = 60
MAX_TEXT: Final = 12 * 1024 * 1024
"""So many letters may all rows have together: a shared text is written again for each cell that names it."""
MAX_KEPT_ROWS: Final = 10_100
SMALLEST_SHOWN: Final = 0.1
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{0,7})")


class Sheet:
    """Reads the rows of one sheet, without what is hidden."""

    def __init__(self, book: Book, *, most: int | None = None) -> None:
        self._book = book
        self._most = most
        self.hidden_rows = 0
        self._hidden_columns: set[int] = set()
        self._seen_hidden: set[int] = set()
        self._rows: list[list[Any]] = []
        self._row_count = Count(MAX_ROWS, "rows")
        self._cell_count = Count(MAX_CELLS, "cells")
        self._text_count = Count(MAX_TEXT, "text")
        self._kept = 0
        self._number = 0
        self._column = -1
        self._row: dict[int, str] = {}
        self._formulas: list[int] = []
        self._errors: list[int] = []
        self._is_hidden = False
        self._kind, self._style = "n", 0
        self._within = ""
        self._has_formula = False
        self._value, self._formula = Pieces(), Pieces()
        self._has_shown = False

    @property
    def hidden_columns(self) -> int:
        """How many hidden columns have something in them."""
        return len(self._seen_hidden)

    def rows(self, path: str) -> Iterator[list[Any]]:
        """Yield the rows that hold something, as they come."""
        stream = self._book.open(path)
        if stream is None:
            raise Refused("no workbook")
        for _step in parse_steps(stream, self._start, self._end, self._text):
            yield from self._rows
            self._rows.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row_count.add()
            stated = whole(attributes.get("r"))
            if stated > LAST_ROW or len(attributes.get("r", "")) > 9:
                raise Refused("rows")
            self._number = stated or self._number + 1
            self._column, self._row, self._formulas, self._errors = -1, {}, [], []
            self._is_hidden = attributes.get("hidden", "0") in {"1", "true"} or _is_nothing(attributes.get("ht"))
        elif name in {"v", "t"}:
            self._within = "value" if name == "v" or self._kind == "inlineStr" else ""
        elif name == "f":
            self._within, self._has_formula = "formula", True
        elif name == "rPh":
            self._within = "phonetic"
        elif name == "col":
            self._cell_count.add()
            self._note_columns(attributes)

    def _note_columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden", "0") in {"1", "true"} or _is_nothing(attributes.get("width")):
            first, last = whole(attributes.get("min")), whole(attributes.get("max"))
            self._hidden_columns.update(range(max(first, 1) - 1, min(last, MAX_COLUMNS)))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cell_count.add()
        found = _REFERENCE.match(attributes.get("r", ""))
        self._column = _column_number(found[1]) if found else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), whole(attributes.get("s"))
        self._has_formula = False

    def _text(self, piece: str) -> None:
        if self._within == "value":
            self._value.add(piece)
        elif self._within == "formula":
            self._formula.add(piece)

    def _end(self, name: str) -> None:
        if name in {"v", "t", "f", "rPh"}:
            self._within = ""
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "sheetData":
            raise Enough

    def _end_cell(self) -> None:
        typed, formula = self._value.take(), self._formula.take()
        if self._column >= MAX_COLUMNS:
            return
        text = f"={formula}" if self._has_formula else self._read(typed)
        if text and self._column in self._hidden_columns:
            self._seen_hidden.add(self._column)
        elif text:
            self._row[self._column] = text
            if self._has_formula:
                self._formulas.append(self._column)
            if self._kind == "e":
                self._errors.append(self._column)

    def _end_row(self) -> None:
        if not any(text.strip() for text in self._row.values()):
            return
        if self._is_hidden:
            self.hidden_rows += 1
            return
        self._kept += 1
        if self._kept > MAX_KEPT_ROWS:
            # What is too much is still counted, for the sentence that refuses it.
            self._rows.append([self._number, ["…"], [], []])
            return
        cells = [self._row.get(place, "") for place in range(max(self._row) + 1)]
        self._text_count.add(sum(map(len, cells)))
        self._rows.append([self._number, cells, self._formulas, self._errors])
        if self._most is not None and self._kept >= self._most:
            raise Enough

    def _read(self, typed: str) -> str:
        if self._kind == "s":
            place = whole(typed)
            return self._book.strings[place] if typed.strip() and place < len(self._book.strings) else ""
        if self._kind == "b":
            return "TRUE" if typed.strip() == "1" else "FALSE"
        if self._kind in {"inlineStr", "str", "e"}:
            return unescape(typed)
        if self._kind == "d":
            return f"{typed[8:10]}/{typed[5:7]}/{typed[:4]}" if len(typed) >= 10 else typed
        return self._read_number(typed.strip())

    def _read_number(self, typed: str) -> str:
        try:
            number = float(typed)
        except ValueError:
            return typed
        if self._style in self._book.date_styles and 0 < number < 2_958_466:
            # A day that never was stands between February and March of 1900.
            start = datetime(1904, 1, 1) if self._book.starts_1904 else datetime(1899, 12, 30 + (number < 60))  # noqa: DTZ001
            return (start + timedelta(days=number)).strftime("%d/%m/%Y")
        # Every number is stored as a float: 1000 must not become "1000.0".
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _is_nothing(size: str | None) -> bool:
    """Return whether a height or width, in points or characters, is too small to be seen."""
    try:
        return size is not None and float(size) < SMALLEST_SHOWN
    except ValueError:
        return False
