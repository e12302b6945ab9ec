"""Folding of text for search and for reading names, the same on every database."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import Final

_SPECIAL = str.maketrans({"ı": "i", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "ß": "ss"})

# Letters that are drawn in a style and that Unicode does not take for forms of plain ones: in black circles, in black
# squares, small capitals.
_STYLED: Final = {
    **{
        chr(first + place): letter
        for first in (0x1F150, 0x1F170)
        for place, letter in enumerate(string.ascii_uppercase)
    },
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True)),
    "ғ": "f",
    "ǫ": "q",
}
# Cyrillic letters that look like Latin ones; they hide in Latin words.
_ALIKE: Final = str.maketrans("аеорсухіјѕкмтвнАЕОРСУХІЈЅКМТВН", "aeopcyxijskmtbhAEOPCYXIJSKMTBH")
_MIXED_WORD: Final = re.compile(r"[^\W\d_]*(?:[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z])[^\W\d_]*")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")


class _Plain(dict[int, str]):
    """What each letter becomes, worked out once: a catalogue has a million letters and few different ones."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = "" if unicodedata.combining(letter) else _STYLED.get(letter, letter)
        self[code] = plain
        return plain


class _Folding(dict[int, str]):
    """What each letter becomes when case does not count either."""

    def __missing__(self, code: int) -> str:
        folded = chr(code).translate(_PLAIN).translate(_SPECIAL).casefold().translate(_SPECIAL)
        self[code] = folded
        return folded


_PLAIN = _Plain()
_FOLDING = _Folding()


def normalize(text: str) -> str:
    """Take marks, compatibility forms and styles away; case stays."""
    plain = unicodedata.normalize("NFKD", text).translate(_PLAIN)
    return _MIXED_WORD.sub(_unmask, plain) if _CYRILLIC.search(plain) else plain


def _unmask(word: re.Match[str]) -> str:
    """Write a word in Latin letters all of whose Cyrillic ones only look like such."""
    latin = word[0].translate(_ALIKE)
    return word[0] if _CYRILLIC.search(latin) else latin


def fold(text: str) -> str:
    """Fold case, marks, styles and compatibility forms away: ``İstanbul`` and ``istanbul`` become one.

    Databases fold ASCII alone (SQLite) or by locale (PostgreSQL), so names are folded here
    and stored beside the original.
    """
    return " ".join(normalize(text).translate(_FOLDING).split())


def search_text(external_id: str, name: str, category: str) -> str:
    """Return the folded text by which a service or product is found."""
    return fold(f"{external_id} {name} {category}")
