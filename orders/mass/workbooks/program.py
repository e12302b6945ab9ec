"""The program that reads a workbook in a process of its own, with little memory and little time.

It takes the file on standard input and, maybe, the number of a sheet, and writes lines of JSON. The first is
``{"sheets": [{"title", "hidden"}, …], "heads": {number: [row, …]}}``, with the first rows of every sheet that is
shown where there are several and none was chosen; then nothing follows. Else the rows follow, each
``[number, [text, …], [places of formulas], [places of errors]]``, and at the end ``{"place", "hidden_rows",
"hidden_columns"}``. Or there is ``{"fault": word}``.
"""

from __future__ import annotations

import json
import resource
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any, Final

from orders.mass.workbooks.book import Book
from orders.mass.workbooks.parts import Refused, check_prologue
from orders.mass.workbooks.sheet import Sheet

MAX_MEMORY: Final = 280 * 1024 * 1024
MAX_SECONDS: Final = 8
MAX_UNPACKED: Final = 40 * 1024 * 1024
MAX_PARTS: Final = 1_000
HEAD_ROWS: Final = 12


def read(content: bytes, wanted: int | None, write: Callable[[Any], None]) -> None:
    """Read the workbook; ``write`` takes each line of the answer. Raises :class:`Refused`."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        # What a part unpacks to is never more than it states: zipfile stops there.
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise Refused("unpacked")
        if "[content_types].xml" not in {part.filename.lower() for part in parts}:
            raise Refused("no workbook")
        for part in parts:
            with archive.open(part) as stream:
                check_prologue(stream)
        book = Book(archive)
        book.load_texts()
        shown = [place for place, (_title, _path, is_hidden) in enumerate(book.sheets) if not is_hidden]
        heads = {}
        if wanted is None and len(shown) > 1:
            heads = {
                place: [row[1] for row in Sheet(book, most=HEAD_ROWS).rows(book.sheets[place][1])] for place in shown
            }
        write({"sheets": [{"title": title, "hidden": hidden} for title, _path, hidden in book.sheets], "heads": heads})
        if heads:
            return
        place = wanted if wanted is not None else (shown or [0])[0]
        if not 0 <= place < len(book.sheets):
            raise Refused("no sheet")
        sheet = Sheet(book)
        for row in sheet.rows(book.sheets[place][1]):
            write(row)
        write({"place": place, "hidden_rows": sheet.hidden_rows, "hidden_columns": sheet.hidden_columns})


def main() -> None:
    """Read standard input, write lines of JSON."""
    for limit, most in ((resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CPU, MAX_SECONDS)):
        # Some systems know no such limit; the bounds on what is read hold there too.
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else None

    def write(line: Any) -> None:
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")

    try:
        read(sys.stdin.buffer.read(), wanted, write)
    except Refused as refusal:
        write({"fault": str(refusal)})
    except MemoryError:
        write({"fault": "memory"})
    except Exception:
        # Whatever a hostile file makes of the libraries.
        write({"fault": "unreadable"})
