"""A panel's texts made harmless: no control characters, no tricks of direction, no lone surrogates, no key, not long.

What is left is still a stranger's text: pages escape it, exports escape it again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "[hidden]"
"""Stands where a secret was echoed. Holds brackets, so that it can never pass for an id."""

_LINE_BREAKS: Final = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Embeddings, overrides and isolates can make a page read backwards; zero-width blanks make two names look alike. The
# joiners and the plain left/right marks stay: emoji, Persian and Hebrew names need them.
_TRICKS: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u206a-\u206f\u200b\u2060\ufeff\U000e0000-\U000e007f]")
_TAGS: Final = re.compile(r"<(?:/?[A-Za-z]|!)[^<>]*>")
_BREAKING_TAGS: Final = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_MANY_BLANK_LINES: Final = re.compile(r"\n\s*\n\s*\n")
_SHORTEST_SECRET: Final = 4


def clean_line(text: str, limit: int) -> str:
    """Return one line of text, trimmed and cut to `limit` characters."""
    if not text.isprintable():
        text = _TRICKS.sub("", _CONTROLS.sub("", _LINE_BREAKS.sub(" ", text)))
    return text.strip()[:limit].rstrip()


def clean_label(text: str, limit: int) -> str:
    """Return one line of text whose HTML entities are decoded once:
    names and categories are stored so by many panels.
    """
    return clean_line(html.unescape(text) if "&" in text else text, limit)


def clean_text(text: str, limit: int) -> str:
    """Return text of several lines: HTML tags dropped, entities decoded once, at most one blank line in a row."""
    if "<" in text:
        text = _TAGS.sub("", _BREAKING_TAGS.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    if not text.replace("\n", "").isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _TRICKS.sub("", _CONTROLS.sub("", text))
    if "\n" in text:
        text = _MANY_BLANK_LINES.sub("\n\n", text)
    return text.strip()[:limit].rstrip()


def clean_verbatim(text: str, limit: int) -> str:
    """Return text unchanged, without what a database refuses: a delivered password may contain `<b>` or `&amp;`."""
    return _TRICKS.sub("", _CONTROLS.sub("", text)).strip()[:limit].rstrip()


class Scrubber:
    """Takes secrets (the key, what a buyer handed over) out of texts, in the spellings a panel may echo them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)
        spellings = {spelling for secret in self._secrets for spelling in _spellings(secret)}
        # The longest first, so that no spelling is cut open by one that is part of it.
        self._spellings = tuple(sorted(spellings, key=len, reverse=True))
        self._pattern = re.compile("|".join(map(re.escape, self._spellings)), re.IGNORECASE) if spellings else None

    def __repr__(self) -> str:
        return f"<Scrubber of {len(self._secrets)}>"

    def finds_in(self, text: str) -> bool:
        """Return whether a secret is in the text in one of its plain spellings; quick on a text of megabytes."""
        return any(spelling in text for spelling in self._spellings)

    def scrub(self, text: str) -> str:
        """Return the text without the secrets."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def scrub_excerpt(self, text: str) -> str:
        """Return the same for a text that may have been cut off: the first part of a secret at its end goes too."""
        text = self.scrub(text)
        for secret in self._secrets:
            for length in range(len(secret) - 1, _SHORTEST_SECRET - 1, -1):
                if text.endswith(secret[:length]):
                    return text[:-length] + HIDDEN
        return text

    def scrub_document(self, document: Any) -> Any:
        """Return a decoded JSON document whose texts and names are without the secrets."""
        if self._pattern is None:
            return document
        if isinstance(document, str):
            return self.scrub(document)
        if isinstance(document, list):
            return [self.scrub_document(part) for part in document]
        if isinstance(document, dict):
            return {self.scrub(name): self.scrub_document(part) for name, part in document.items()}
        return document


def _spellings(secret: str) -> set[str]:
    return {
        secret,
        secret.lower(),
        secret.upper(),
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        secret.replace("/", "\\/"),
    }
