"""Folding of text for search, the same on every database."""

from __future__ import annotations

import unicodedata

_SPECIAL = str.maketrans({"ı": "i", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "ß": "ss"})


class _Folding(dict[int, str]):
    """What each letter becomes, worked out once: a catalogue has a million letters and few different ones."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        folded = "" if unicodedata.combining(letter) else letter.translate(_SPECIAL).casefold().translate(_SPECIAL)
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Fold case, marks and compatibility forms away: ``İstanbul`` and ``istanbul`` become one.

    Databases fold ASCII alone (SQLite) or by locale (PostgreSQL), so names are folded here
    and stored beside the original.
    """
    return " ".join(unicodedata.normalize("NFKD", text).translate(_FOLDING).split())


def search_text(external_id: str, name: str, category: str) -> str:
    """The folded text by which a service or product is found."""
    return fold(f"{external_id} {name} {category}")
