"""Folding of text for search, the same on every database."""

from __future__ import annotations

import unicodedata

_SPECIAL = str.maketrans({"ı": "i", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "ß": "ss"})


def fold(text: str) -> str:
    """Fold case, marks and compatibility forms away: ``İstanbul`` and ``istanbul`` become one.

    Databases fold ASCII alone (SQLite) or by locale (PostgreSQL), so names are folded here
    and stored beside the original.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    stripped = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return " ".join(stripped.translate(_SPECIAL).casefold().translate(_SPECIAL).split())
