"""What a mass order consists of before anything is looked up: lines with typed fields, or why there are none."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from orders import order_types
from orders.order_types import ParameterKind
from panelhub.ui.exports import unguard

MAX_LINES: Final = 10_000
SHOWN: Final = 500
"""So much of a line's own text is stored."""

COLUMNS: Final = ("provider", "service", *order_types.PARAMETERS)
"""Names that a column may have: ``provider``, ``service``, and every documented parameter."""

_LINES: Final = frozenset(name for name, known in order_types.PARAMETERS.items() if known.kind is ParameterKind.LINES)
# A formula in one of these was meant to be computed; a comment may well begin with a sign.
_NEVER_A_FORMULA: Final = frozenset(COLUMNS) - _LINES
_NUMBERS: Final = frozenset(
    name for name, known in order_types.PARAMETERS.items() if known.kind is ParameterKind.NUMBER
) | {"service"}
_NUMBER: Final = re.compile(r"\d+")
# A column with a gap becomes one of floats on its way through a program; three zeros may group thousands.
_WHOLE: Final = re.compile(r"(\d+)[.,]0{1,2}")
# A cell of a workbook may hold what cannot be stored everywhere.
_UNSTORABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")

NamesProvider = Callable[[str], bool]
"""Whether a text is the name of a provider, or of its dialect."""


class Unreadable(ValueError):
    """The whole cannot be read; ``str()`` of it is a sentence for the person who sent it."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line as it was typed: its number in the source, its text, its fields by name, or its fault.

    ``part_of`` is the number of the first line of the bundle that it is a part of.
    """

    number: int
    text: str
    fields: dict[str, str]
    fault: str = ""
    part_of: int | None = None


@dataclass(slots=True)
class Reading:
    """All lines, and sentences about how they were read.

    ``columns`` are those of a table with a header, else empty. ``is_guessed`` says that letters
    beyond ASCII may have been read wrongly. ``sheet`` is the one of a workbook's ``sheets`` that was read.
    """

    lines: list[ReadLine]
    notices: list[str] = field(default_factory=list)
    columns: frozenset[str] = frozenset()
    is_guessed: bool = False
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    def digest(self, *more: str) -> str:
        """Return the same for the same lines, however they were brought in; ``more`` is what their meaning hangs on."""
        whole = hashlib.sha256(json.dumps(more).encode())
        for line in self.lines:
            whole.update(repr(sorted(line.fields.items()) if line.fields else line.text).encode("utf-8", "replace"))
        return whole.hexdigest()


def line_of(
    number: int,
    text: str,
    given: Mapping[str, str],
    *,
    computed: frozenset[str] | None = None,
    broken: frozenset[str] = frozenset(),
) -> ReadLine:
    """Return a line from its cells by name; the source says of ``computed`` that they are formulas, of ``broken``
    errors.

    ``computed`` is ``None`` where the source does not know its formulas. What an export of the hub's own put in
    front of a cell comes off, and says that it is none.
    """
    fields: dict[str, str] = {}
    fault = ""
    for name, cell in given.items():
        stripped = cell.strip()
        value = unguard(stripped)
        if not value:
            continue
        if name in broken:
            sentence = _("“%(name)s” contains the spreadsheet error %(error)s.")
            fault = fault or sentence % {"name": name, "error": value[:20]}
        if _UNSTORABLE.search(value):
            value = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
            fault = fault or _("“%(name)s” contains characters that can’t be sent.") % {"name": name}
        if len(value) > order_types.MAX_TEXT:
            fault = fault or _("“%(name)s” is too long.") % {"name": name}
            value = value[:SHOWN]
        elif name in computed if computed is not None else stripped[0] == "=" and name in _NEVER_A_FORMULA:
            sentence = _("“%(name)s” is a formula. Replace it with its value.")
            fault = fault or sentence % {"name": name}
        if name in _LINES:
            value = value.replace("\\n", "\n")
        elif name in _NUMBERS and (whole := _WHOLE.fullmatch(value)):
            value = whole[1]
        fields[name] = value
    return ReadLine(number, shown(text), fields, fault)


def shown(text: str) -> str:
    """Return the part of a line that is stored for display."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text[:SHOWN])


def positional_names(cells: Sequence[str], names_provider: NamesProvider) -> tuple[str, ...] | None:
    """Return what cells without a header mean, by their number; ``None`` when they mean nothing."""
    match len(cells):
        case 2:
            return ("service", "link")
        case 3 if not _NUMBER.fullmatch(cells[2]) and names_provider(cells[0]):
            return ("provider", "service", "link")
        case 3:
            return ("service", "link", "quantity")
        case 4:
            return ("provider", "service", "link", "quantity")
    return None


def check_count(count: int) -> None:
    """Raise :class:`Unreadable` unless there are lines, and no more than :data:`MAX_LINES`."""
    if count > MAX_LINES:
        sentence = _(
            "There are %(count)s lines. A mass order can have at most %(most)s. Split the file and upload again."
        )
        raise Unreadable(sentence % {"count": f"{count:,}", "most": f"{MAX_LINES:,}"})
    if count < 1:
        raise Unreadable(_("There are no lines."))
