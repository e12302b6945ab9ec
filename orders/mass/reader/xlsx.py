"""Reads a sheet of an XLSX file as text; the file is parsed in a process of its own (:mod:`orders.mass.workbooks`)."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.mass import workbooks
from orders.mass.reader.lines import MAX_LINES, NamesProvider, Reading, Unreadable
from orders.mass.reader.tables import Row, find_header, read_rows

log = logging.getLogger(__name__)

# The program itself is bounded to eight seconds of processor time; on a busy machine those take longer by the clock.
MAX_SECONDS: Final = 25
_ROOT: Final = Path(workbooks.__file__).parents[3]
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from orders.mass.workbooks.program import main; main()"
)
_MOST_NAMED: Final = 12


def read_workbook(content: bytes, *, names_provider: NamesProvider, sheet: str = "") -> Reading:
    """Read the lines of a workbook; raises :class:`Unreadable`. Formulas are text and make their line faulty.

    ``sheet`` is the title of the sheet to read. Without one it is the sheet whose header names a service and a link,
    else the first that is shown.
    """
    lines = _parse(content)
    sheets, heads = lines[0]["sheets"], lines[0]["heads"]
    place = _find_sheet(sheets, sheet) if sheet else None
    if place is None and heads:
        place = _likeliest(heads)
    if place is not None and (heads or place != lines[-1].get("place")):
        lines = _parse(content, place)
    end = lines[-1]
    place = int(end["place"])
    reading = read_rows(_rows_of(lines[1:-1]), names_provider=names_provider)
    reading.notices += _notices(sheets, place, end)
    reading.sheets = tuple(one["title"] for one in sheets)
    reading.sheet = sheets[place]["title"]
    return reading


def _parse(content: bytes, place: int | None = None) -> list[Any]:
    """Return what the program says of a file, or of one sheet of it; raises :class:`Unreadable`."""
    command = [sys.executable, "-I", "-c", _PROGRAM, str(_ROOT), *([] if place is None else [str(place)])]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(content)
        given.seek(0)
        try:
            done = subprocess.run(
                command, stdin=given, stdout=answer, stderr=subprocess.PIPE, timeout=MAX_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise _too_much("time") from None
        answer.seek(0)
        lines = list(_lines_of(answer))
    if done.returncode > 0:
        # Below zero it was stopped by a signal: the bound of its time or its memory.
        log.error("a workbook could not be read: %s", done.stderr[-2_000:].decode("utf-8", "replace"))
        raise _refusal("unreadable")
    fault = lines[-1].get("fault", "") if lines and isinstance(lines[-1], dict) else "time"
    if fault or done.returncode:
        raise _refusal(fault or "time")
    return lines


def _lines_of(answer: IO[bytes]) -> Iterator[Any]:
    for line in answer:
        try:
            yield json.loads(line)
        except ValueError:
            # It was stopped in the middle of a line.
            return


def _find_sheet(sheets: Sequence[Mapping[str, Any]], title: str) -> int:
    wanted = title.strip().casefold()
    found = next((place for place, one in enumerate(sheets) if one["title"].strip().casefold() == wanted), None)
    if found is None:
        names = ", ".join(f"“{one['title'][:60]}”" for one in sheets[:_MOST_NAMED])
        raise Unreadable(
            _("There is no sheet “%(title)s”. Sheets found: %(names)s.") % {"title": title[:60], "names": names}
        )
    return found


def _likeliest(heads: Mapping[str, Sequence[Sequence[str]]]) -> int:
    """Return the only sheet with a header, or the first of several; else the first that holds anything."""
    with_header = [int(place) for place, rows in heads.items() if find_header(rows) is not None]
    with_rows = [int(place) for place, rows in heads.items() if rows]
    return min(with_header or with_rows or map(int, heads))


def _rows_of(found: Sequence[Any]) -> Iterator[Row]:
    for number, cells, formulas, errors in found:
        yield Row(number, cells, frozenset(formulas), frozenset(errors))


def _notices(sheets: Sequence[Mapping[str, Any]], place: int, end: Mapping[str, Any]) -> Iterator[str]:
    if len(sheets) > 1:
        others = [one["title"][:60] for number, one in enumerate(sheets) if number != place][:_MOST_NAMED]
        yield _("Read the sheet “%(title)s”. To use another, enter its name: %(others)s.") % {
            "title": sheets[place]["title"][:60],
            "others": ", ".join(f"“{title}”" for title in others),
        }
    if rows := end["hidden_rows"]:
        yield ngettext("%(n)s hidden row was skipped.", "%(n)s hidden rows were skipped.", rows) % {"n": rows}
    if columns := end["hidden_columns"]:
        sentence = ngettext("%(n)s hidden column was left out.", "%(n)s hidden columns were left out.", columns)
        yield sentence % {"n": columns}


def _refusal(fault: str) -> Unreadable:
    if fault == "rows":
        sentence = _("The sheet has too many rows: at most %(most)s lines go into one mass order.")
        return Unreadable(sentence % {"most": f"{MAX_LINES:,}"})
    if fault in {"unpacked", "elements", "strings", "styles", "cells", "text", "memory", "sheets", "time"}:
        return _too_much(fault)
    if fault in {"doctype", "encoding", "prologue"}:
        return Unreadable(
            _("This is not a readable XLSX file: it declares a document type, or an encoding that no spreadsheet has.")
        )
    return Unreadable(_("This is not a readable XLSX file. Save it again as XLSX, or as CSV."))


def _too_much(what: str) -> Unreadable:
    words = {
        "unpacked": _("it unpacks to more than 40 MB"),
        "styles": _("it has too many styles"),
        "strings": _("it has too many texts"),
        "text": _("it has too much text"),
        "cells": _("it has too many cells"),
        "sheets": _("it has too many sheets"),
        "memory": _("it needs too much memory"),
        "time": _("it takes too long"),
    }
    sentence = _("This workbook is too large: %(reason)s. Copy the lines into a new workbook, or save them as CSV.")
    return Unreadable(sentence % {"reason": words.get(what, _("it has too many parts"))})
