"""One part of a workbook, parsed as a stream within bounds; a document type is refused whatever its encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any, Final
from xml.parsers import expat

MAX_CELL: Final = 200_001
_PIECE: Final = 256 * 1024
_MAX_PROLOGUE: Final = 64 * 1024
_ENCODINGS: Final = frozenset({"utf-8", "utf-16", "utf8", "us-ascii", "ascii"})


class Refused(Exception):
    """The file is not read; the word says why."""


class Enough(Exception):
    """What was wanted of a part is known."""


Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def parse(stream: IO[bytes], start: Start, end: End | None = None, text: Text | None = None) -> None:
    """Parse a whole part; see :func:`parse_steps`."""
    for _step in parse_steps(stream, start, end, text):
        pass


def parse_steps(stream: IO[bytes], start: Start, end: End | None, text: Text | None) -> Iterator[None]:
    """Parse a part piece by piece, and yield after each; names come without their namespaces.

    Ends where a handler raises :class:`Enough`. Raises :class:`Refused` for a document type or another encoding.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    local = _LocalNames()
    # An attribute has a namespace only where it is written with one.
    parser.StartElementHandler = lambda name, attributes: start(local[name], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(local[name])
    parser.CharacterDataHandler = text
    _refuse_declarations(parser)
    try:
        while piece := stream.read(_PIECE):
            parser.Parse(piece)
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - the library takes it by its place
    except Enough:
        pass
    yield


class _LocalNames(dict[str, str]):
    """Names of elements without their namespaces; there are few different ones."""

    def __missing__(self, name: str) -> str:
        found = name.rpartition(" ")[2]
        if len(self) < 1_000:
            self[name] = found
        return found


def check_prologue(stream: IO[bytes]) -> None:
    """Refuse a part that has a document type; what is no XML at all does no harm."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = _stop
    _refuse_declarations(parser)
    read = 0
    try:
        while piece := stream.read(4_096):
            parser.Parse(piece)
            read += len(piece)
            if read > _MAX_PROLOGUE:
                raise Refused("prologue")
    except (Enough, expat.ExpatError):
        return


def _refuse_declarations(parser: Any) -> None:
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _check_encoding


def _refuse_doctype(*_arguments: Any) -> None:
    raise Refused("doctype")


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in _ENCODINGS:
        raise Refused("encoding")


def _stop(*_arguments: Any) -> None:
    raise Enough


class Count:
    """Counts up to a bound, beyond which the file is refused."""

    def __init__(self, most: int, word: str) -> None:
        self._left = most
        self._word = word

    def add(self, amount: int = 1) -> None:
        """Count some more; raises :class:`Refused` past the bound."""
        self._left -= amount
        if self._left < 0:
            raise Refused(self._word)


class Pieces:
    """The text of one cell, cut to what a cell may have."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> None:
        """One more piece."""
        if self._length < MAX_CELL:
            self._pieces.append(piece[: MAX_CELL - self._length])
            self._length += len(piece)

    def take(self) -> str:
        """Return the whole text; begins the next one."""
        whole = "".join(self._pieces)
        self._pieces, self._length = [], 0
        return whole


def whole(text: str | None) -> int:
    """Return a whole number as a part states it; 0 when it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
