"""Makes text of an uploaded file's bytes, or says that it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from orders.mass.reader.lines import Unreadable

ENCODINGS: Final = ("utf-8", "utf-16", "cp1252", "cp1254", "cp1258", "cp874")
# By the hub's languages: the Windows code page that a spreadsheet of such a machine writes.
_CODE_PAGES: Final = {"tr": "cp1254", "vi": "cp1258", "th": "cp874"}
# Text holds none of these; a picture, an archive or UTF-32 does within its first bytes.
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LOOKED_AT: Final = 4_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and the code page when that had to be guessed."""

    text: str
    guessed: str = ""

    @property
    def notice(self) -> str:
        """What to tell whoever sent the file; "" when nothing was guessed."""
        if not self.guessed:
            return ""
        return _(
            "The file is not UTF-8; it was read as %(page)s. Lines with letters beyond the plain alphabet are marked: "
            "if they look wrong, choose the encoding and upload the file again, or save it as “CSV UTF-8”."
        ) % {"page": self.guessed.replace("cp", "Windows-")}


def is_text(text: str) -> bool:
    """Whether a text holds nothing that no line of an order has."""
    return _NOT_TEXT.search(text) is None


def decode(content: bytes, *, language: str = "", encoding: str = "") -> Decoded:
    """The text of a file; raises :class:`Unreadable`.

    ``encoding`` is what a person chose, one of :data:`ENCODINGS`. Without one Unicode is tried,
    then the code page of the ``language``: that is a guess, and said to be one.
    """
    chosen = encoding if encoding in ENCODINGS else ""
    name = chosen or _unicode_of(content)
    text = _try(content, name)
    if text is not None:
        return Decoded(text)
    page = _CODE_PAGES.get(language.partition("-")[0], "cp1252")
    text = _try(content, page) if not chosen and name == "utf-8" else None
    if text is None:
        raise Unreadable(
            _(
                "The text of this file cannot be read: it is not UTF-8, UTF-16 or %(page)s. "
                "Choose its encoding, or save it as “CSV UTF-8”."
            )
            % {"page": (chosen or page).replace("cp", "Windows-")}
        )
    return Decoded(text, page)


def _unicode_of(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Without a mark: Latin letters in UTF-16 leave every second byte empty.
    head = content[:_LOOKED_AT]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[first::2].count(0) > len(head) // 4 > 0:
            return name
    return "utf-8"


def _try(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
    return text if is_text(text) else None
