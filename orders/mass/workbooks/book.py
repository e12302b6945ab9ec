"""The parts of a workbook that say how its sheets are to be read."""

from __future__ import annotations

import re
import zipfile
from typing import IO, Final

from orders.mass.workbooks.parts import Count, Enough, Pieces, Refused, parse, whole

MAX_SHEETS: Final = 200
MAX_STRINGS: Final = 200_000
# A spreadsheet program itself stores no more.
MAX_STYLES: Final = 65_536
MAX_FORMATS: Final = 5_000
# Elements of the parts of which little is stored: styles with their fonts and fills, names, relations.
MAX_ELEMENTS: Final = 250_000
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})


class Book:
    """Which sheets there are, the texts that they share, and which styles show a number as a date."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = {name.lower(): name for name in archive.namelist()}
        self.sheets: list[tuple[str, str, bool]] = []
        self.starts_1904 = False
        self.strings: list[str] = []
        self.date_styles: frozenset[int] = frozenset()
        self._read_sheets()

    def open(self, name: str) -> IO[bytes] | None:
        """Return a part by its name, in any case; ``None`` when there is none."""
        found = self.names.get(name.lstrip("/").lower())
        return None if found is None else self.archive.open(found)

    def _read_sheets(self) -> None:
        book = self._target_of("_rels/.rels", "officeDocument") or "xl/workbook.xml"
        folder, _slash, file = book.rpartition("/")
        self._folder = folder
        targets = self._relations(f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels")
        elements = Count(MAX_ELEMENTS, "elements")
        found: list[tuple[str, str, bool]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            elements.add()
            if name == "sheet":
                target = targets.get(next((value for key, value in attributes.items() if key.endswith(" id")), ""))
                if target is not None and "worksheet" in target[0]:
                    is_hidden = attributes.get("state", "visible") != "visible"
                    found.append((attributes.get("name", "")[:255], target[1], is_hidden))
                    if len(found) > MAX_SHEETS:
                        raise Refused("sheets")
            elif name == "workbookPr":
                self.starts_1904 = attributes.get("date1904", "0") in {"1", "true"}

        stream = self.open(book)
        if stream is None:
            raise Refused("no workbook")
        parse(stream, start)
        if not found:
            raise Refused("no workbook")
        self.sheets = found
        self._shared = next((path for kind, path in targets.values() if kind.endswith("sharedStrings")), "")
        self._styles = next((path for kind, path in targets.values() if kind.endswith("styles")), "")

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a part: by their id, of which kind they are and where they lead."""
        elements = Count(MAX_ELEMENTS, "elements")
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            elements.add()
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else _joined(self._folder_of(part), target)
                found[attributes.get("Id", "")] = (attributes.get("Type", ""), path)

        stream = self.open(part)
        if stream is not None:
            parse(stream, start)
        return found

    @staticmethod
    def _folder_of(part: str) -> str:
        return part.rpartition("_rels/")[0].rstrip("/")

    def _target_of(self, part: str, kind: str) -> str:
        return next((path for stated, path in self._relations(part).values() if stated.endswith(f"/{kind}")), "")

    def load_texts(self) -> None:
        """Read the shared texts, and which styles show a number as a date."""
        if self._shared and (stream := self.open(self._shared)) is not None:
            self.strings = list(_shared_texts(stream))
        if self._styles and (stream := self.open(self._styles)) is not None:
            self.date_styles = _read_date_styles(stream)


def _joined(folder: str, target: str) -> str:
    parts = [part for part in folder.split("/") if part]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _shared_texts(stream: IO[bytes]) -> list[str]:
    texts: list[str] = []
    pieces = Pieces()
    count = Count(MAX_STRINGS, "strings")
    elements = Count(MAX_STRINGS * 8, "strings")
    state = {"in_text": False, "phonetic": 0}

    def start(name: str, _attributes: dict[str, str]) -> None:
        elements.add()
        if name == "si":
            count.add()
        elif name == "rPh":
            state["phonetic"] += 1
        elif name == "t":
            state["in_text"] = not state["phonetic"]

    def end(name: str) -> None:
        if name == "t":
            state["in_text"] = False
        elif name == "rPh":
            state["phonetic"] -= 1
        elif name == "si":
            texts.append(unescape(pieces.take()))

    parse(stream, start, end, lambda piece: pieces.add(piece) if state["in_text"] else None)
    return texts


def unescape(text: str) -> str:
    """Return a text without the escapes that stand for characters XML cannot hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _read_date_styles(stream: IO[bytes]) -> frozenset[int]:
    formats: dict[int, bool] = {}
    dates: set[int] = set()
    elements = Count(MAX_ELEMENTS, "styles")
    counts = {"xf": 0, "format": 0, "inside": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        elements.add()
        if name == "cellXfs":
            counts["inside"] = 1
        elif name == "numFmt":
            counts["format"] += 1
            if counts["format"] > MAX_FORMATS:
                raise Refused("styles")
            formats[whole(attributes.get("numFmtId"))] = _shows_date(attributes.get("formatCode", ""))
        elif name == "xf" and counts["inside"]:
            number = whole(attributes.get("numFmtId"))
            if formats.get(number, number in _DATE_FORMATS):
                dates.add(counts["xf"])
            counts["xf"] += 1
            if counts["xf"] > MAX_STYLES:
                raise Refused("styles")

    def end(name: str) -> None:
        if name == "cellXfs":
            raise Enough

    parse(stream, start, end)
    return frozenset(dates)


def _shows_date(code: str) -> bool:
    bare = _LITERAL.sub("", code[:255].partition(";")[0]).lower()
    return any(mark in bare for mark in "dy") or ("m" in bare and "#" not in bare and "0" not in bare)
