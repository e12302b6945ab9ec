"""Words of many languages and what they mean: the tables are compiled once, a name is read in one pass.

A table entry is one text: words separated by commas, each a word or a phrase. ``*`` at the end of a word
stands for any ending (``подписчик*``). Words are folded as names are, so case, marks and styled letters do
not matter. The longest phrase counts, so a longer phrase can also take a meaning away: ``real estate``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from providers.models.search_text import fold

Meaning = tuple[str, str]
"""A family and a value of it, like ``("kind", "likes")``."""

# Scripts that set no blanks between words: words are found inside a run of letters.
_UNSPACED_RANGE: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
)
UNSPACED: Final = re.compile(f"[{_UNSPACED_RANGE}]")
# Vowel signs of Indic scripts are no letters for Python.
LETTER: Final = r"(?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f\u0962\u0963\u0980-\u09cd\u0b80-\u0bcd\u0e31-\u0e4e])"
_LONGEST_ENDING: Final = 6
_SHORTEST_HALF: Final = 3
_MOST_KNOWN: Final = 200_000
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,’']\d{3})+")


class Node:
    """A place in the tree of phrases: what may follow, and what the phrase up to here means.

    ``meanings`` are values by family; None where no phrase ends.
    """

    __slots__ = ("meanings", "nexts")

    def __init__(self) -> None:
        self.nexts: dict[str, Node] = {}
        self.meanings: dict[str, str] | None = None


class Word:
    """A word, figure or mark as written: its folded text, the keys under which phrases have it, where phrases begin."""

    __slots__ = ("is_flag", "keys", "nodes", "number", "raw", "text")

    def __init__(self, raw: str, text: str, keys: tuple[str, ...], nodes: tuple[Node, ...]) -> None:
        self.raw = raw
        self.text = text
        self.keys = keys
        self.nodes = nodes
        self.is_flag = "\U0001f1e6" <= raw[0] <= "\U0001f1ff"
        self.number = _value(raw) if raw[0].isdigit() else None


UNKNOWN: Final = "…"
"""The text of what lies between known words of a script without blanks."""


class Lexicon:
    """All phrases and what they mean."""

    # As names are taken apart; hyphens, full stops and apostrophes inside a phrase are passed over in both.
    _parts: Final = re.compile(rf"[{_UNSPACED_RANGE}]+|(?:(?![{_UNSPACED_RANGE}]){LETTER})+\*?|\d+|[^\s\w*.'’_-]")

    def __init__(self) -> None:
        self.root = Node()
        self._exact: set[str] = set()
        self._stems: set[str] = set()
        self._unspaced: list[str] = []
        self._inner: re.Pattern[str] | None = None
        self._known: dict[str, tuple[Word, ...]] = {}

    def add(self, meaning: Meaning | None, entries: str) -> None:
        """Enter words and phrases; None for those that mean nothing, whatever their parts mean."""
        for entry in entries.split(","):
            words = self._parts.findall(fold(entry))
            if not words:
                continue
            node = self.root
            for word in words:
                if UNSPACED.match(word):
                    self._unspaced.append(word)
                elif word[-1] == "*":
                    self._stems.add(word[:-1])
                else:
                    self._exact.add(word)
                node = node.nexts.setdefault(word, Node())
            if node.meanings is None:
                node.meanings = {}
            if meaning is not None:
                # Of two meanings of one family the first of the tables counts.
                node.meanings.setdefault(*meaning)

    def add_all(self, family: str, table: Mapping[str, str]) -> None:
        """Enter a whole table: the words by their value."""
        for value, entries in table.items():
            self.add((family, value), entries)

    def words_of(self, run: str) -> tuple[Word, ...]:
        """Return the words that a run of letters, a figure or a mark consists of.

        One, but for unspaced and glued ones.
        """
        known = self._known.get(run)
        if known is None:
            known = self._take_apart(fold(run) or run, run)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[run] = known
        return known

    def _take_apart(self, run: str, raw: str) -> tuple[Word, ...]:
        if UNSPACED.search(run):
            parts: list[Word] = []
            for text in self._unspaced_words().findall(run):
                if not UNSPACED.match(text):
                    parts.extend(self._take_apart(text, text))
                elif text in self.root.nexts:
                    parts.append(self._word(text, text, (text,)))
                elif not parts or parts[-1].text != UNKNOWN:
                    parts.append(self._word(text, UNKNOWN, ()))
            return tuple(parts)
        keys = self._keys(run)
        if not keys and len(run) > 2 * _SHORTEST_HALF and (halves := self._split_glued(run)):
            return halves
        return (self._word(raw, run, keys),)

    def _word(self, raw: str, text: str, keys: tuple[str, ...]) -> Word:
        return Word(raw, text, keys, tuple(self.root.nexts[key] for key in keys if key in self.root.nexts))

    def _unspaced_words(self) -> re.Pattern[str]:
        if self._inner is None:
            words = sorted(set(self._unspaced), key=len, reverse=True)
            others = rf"(?:(?![{_UNSPACED_RANGE}]){LETTER})+"
            self._inner = re.compile("|".join([*map(re.escape, words), others, "."]), re.DOTALL)
        return self._inner

    def _keys(self, word: str) -> tuple[str, ...]:
        keys = [word] if word in self._exact else []
        for size in range(len(word), max(1, len(word) - _LONGEST_ENDING - 1), -1):
            if word[:size] in self._stems:
                keys.append(f"{word[:size]}*")
        return tuple(keys)

    def _split_glued(self, run: str) -> tuple[Word, ...] | None:
        """Return a platform and a kind written as one word: ``InstagramFollowers``."""
        for size in range(_SHORTEST_HALF, len(run) - _SHORTEST_HALF + 1):
            halves = run[:size], run[size:]
            first, second = (self._meanings(half) for half in halves)
            if ("platform" in first and "kind" in second) or ("kind" in first and "platform" in second):
                return tuple(self._word(half, half, self._keys(half)) for half in halves)
        return None

    def _meanings(self, word: str) -> Mapping[str, str]:
        meanings: dict[str, str] = {}
        for key in self._keys(word):
            node = self.root.nexts.get(key)
            meanings = {**((node.meanings if node else None) or {}), **meanings}
        return meanings

    def vocabulary(self) -> Iterable[tuple[str, Mapping[str, str]]]:
        """Return each single word with its meanings; those that stand for several endings with their ``*``."""
        return ((word, node.meanings) for word, node in self.root.nexts.items() if node.meanings)


def _value(raw: str) -> float:
    """Return a figure with its separators: ``10,000`` and ``4.000`` are thousands, ``1.5`` is one and a half."""
    if raw.isdigit():
        return float(int(raw[:18]))
    digits = re.sub(r"\D", "", raw)[:18]
    if _GROUPED.fullmatch(raw) or raw.count(".") + raw.count(",") != 1:
        return float(int(digits))
    return float(raw.replace(",", ".")[:18])
