"""Taking a service's name apart: words with their meanings, figures with their ranges, clauses."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from providers.models.kind_rules import REFINEMENTS
from providers.models.platforms import PLATFORMS
from providers.models.search_text import normalize
from providers.models.service_kinds import KINDS
from providers.models.service_names import countries, term_words
from providers.models.service_names.figures import Item, join_ranges, scale
from providers.models.service_names.lexicon import LETTER, UNKNOWN, Lexicon, Node, Word

_TOKEN: Final = re.compile(rf"(\s*)(\d+(?:[.,’']\d+)*|{LETTER}+|[\U0001F1E6-\U0001F1FF]{{2}}|\S)")
_JOINERS: Final = frozenset("-_'’·.")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufe00-\ufe0f\u20e3\ufeff]")
# Marks that do not end a clause; a comma or a full stop does where a blank follows, a hyphen where blanks surround it.
_QUIET: Final = frozenset("%+~≈/:&*'’\"#=№@_$€£^")
_DASHES: Final = frozenset("-‑−–")
_OPENING: Final = frozenset("([{【（「")
_CLOSING: Final = frozenset(")]}】）」")
_VIETNAMESE: Final = re.compile("[\u0300-\u0323\u1ea0-\u1ef9ứđĐúÚéÉ]")
_MARKED: Final = re.compile(rf"(?<!\w)(?:{'|'.join(term_words.MARKED)})(?!\w)", re.IGNORECASE)
_FLAG_START: Final = 0x1F1E6
_NONE: Final[Mapping[str, str]] = {}


class Parsed:
    """A name as items, and the families of meanings in it; ``used`` are figures that something was read from."""

    __slots__ = ("families", "items", "numbers", "used")

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.families: set[str] = set()
        self.numbers: list[int] = []
        self.used: set[int] = set()
        for place, item in enumerate(items):
            if item.meanings:
                self.families.update(item.meanings)
            elif item.number is not None:
                self.numbers.append(place)

    def find(self, *families: str) -> list[int]:
        """Return the places of words that have a meaning of one of ``families``."""
        if self.families.isdisjoint(families):
            return []
        return [
            place
            for place, item in enumerate(self.items)
            if item.meanings and not item.meanings.keys().isdisjoint(families)
        ]

    def has(self, place: int, family: str) -> bool:
        """Return whether the item at ``place`` exists and has a meaning of this family."""
        return 0 <= place < len(self.items) and family in self.items[place].meanings

    def number_at(self, place: int) -> Item | None:
        """Return the figure at ``place`` that nothing was read from yet; no percentage."""
        if not 0 <= place < len(self.items) or place in self.used:
            return None
        item = self.items[place]
        return item if item.number is not None and not item.is_percent else None


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return all tables, compiled once."""
    made = Lexicon()
    for platform in PLATFORMS:
        made.add(("platform", platform.slug), platform.words)
        made.add(("weak", platform.slug), platform.weak)
    for kind in KINDS:
        made.add(("kind", kind.slug), kind.words)
    for number, (_base, _becomes, words) in enumerate(REFINEMENTS):
        made.add((f"refine{number}", "1"), words)
    made.add_all("country", countries.COUNTRIES)
    made.add_all("capitalised", countries.CAPITALISED)
    made.add(("language", "1"), countries.LANGUAGE)
    made.add(None, countries.NOT_COUNTRIES)
    made.add_all("unit", term_words.UNITS)
    made.add_all("short_unit", term_words.SHORT_UNITS)
    made.add_all("times", term_words.MULTIPLIERS)
    made.add_all("quality", term_words.QUALITIES)
    made.add_all("gender", term_words.GENDERS)
    made.add_all("flag_wanted", term_words.FLAGS)
    for family, words in (
        ("not", term_words.NEGATIONS),
        ("not_after", term_words.NEGATIONS_AFTER),
        ("refill", term_words.REFILL),
        ("no_refill", term_words.NO_REFILL),
        ("lifetime", term_words.LIFETIME),
        ("start", term_words.START),
        ("instant", term_words.INSTANT),
        ("not_a_start", term_words.NOT_A_START),
        ("ending", term_words.ENDING),
        ("max", term_words.MAXIMUM),
        ("min", term_words.MINIMUM),
        ("daily", term_words.DAILY),
        ("hourly", term_words.HOURLY),
        ("speed", term_words.SPEED),
        ("range", term_words.RANGE),
        ("drop", term_words.DROPS),
        ("no_drop", term_words.NO_DROPS),
        ("via", term_words.VIA),
        ("except", term_words.EXCEPT),
    ):
        made.add((family, "1"), words)
    made.add(None, term_words.NOTHING)
    return made


def parse(text: str) -> Parsed:
    """Take a name apart. Styled letters, HTML entities and marks are seen through."""
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        if _VIETNAMESE.search(text):
            composed = unicodedata.normalize("NFC", text)
            text = _MARKED.sub(lambda found: f" {term_words.MARKED[found[0].casefold()]} ", composed)
        text = _INVISIBLE.sub("", normalize(text))
    items, has_number = _match(_split(text))
    if has_number:
        items = join_ranges(scale(items))
    return Parsed(_number_clauses(items))


def _split(text: str) -> list[tuple[Word, bool]]:
    """Words, figures and marks, each with whether a blank stands before it."""
    book = lexicon()
    pieces: list[tuple[Word, bool]] = []
    for blank, raw in _TOKEN.findall(text):
        words = book.words_of(raw)
        pieces.append((words[0], bool(blank) or not pieces))
        if len(words) > 1:
            pieces += [(word, False) for word in words[1:]]
    return pieces


def _match(pieces: list[tuple[Word, bool]]) -> tuple[list[Item], bool]:
    """Return the longest phrases, from the left; and whether there is a figure among them."""
    count = len(pieces)
    items: list[Item] = []
    has_number = False
    place = 0
    while place < count:
        word, spaced = pieces[place]
        if not word.nodes:
            number = word.number
            has_number = has_number or number is not None
            flag = _flag_of(word.raw) if word.is_flag else _NONE
            items.append(Item(word.text, word.raw, flag, number, glued=not spaced))
            place += 1
            continue
        meanings: Mapping[str, str] | None = None
        end = place + 1
        level: list[Node] | tuple[Node, ...] = word.nodes
        at = end
        while level:
            ends = [node.meanings for node in level if node.meanings is not None]
            if ends:
                # A word and a stem of it may both have meanings; the word's own come first.
                meanings, end = ends[0] if len(ends) == 1 else {**ends[1], **ends[0]}, at
            following = at
            # Over a hyphen or an apostrophe inside a word, not over one between blanks.
            if (
                following + 1 < count
                and pieces[following][0].text in _JOINERS
                and not pieces[following][1]
                and not pieces[following + 1][1]
            ):
                following += 1
            if following >= count:
                break
            keys = pieces[following][0].keys
            if not keys:
                break
            level = [node.nexts[key] for node in level for key in keys if key in node.nexts]
            at = following + 1
        text = word.text if end == place + 1 else " ".join(part.text for part, _spaced in pieces[place:end])
        number = word.number if end == place + 1 else None
        has_number = has_number or number is not None
        items.append(Item(text, word.raw, _NONE if meanings is None else meanings, number, glued=not spaced))
        place = end
    return items, has_number


@lru_cache(maxsize=1_000)
def _flag_of(raw: str) -> Mapping[str, str]:
    if len(raw) != 2:
        return _NONE
    return {"flag": "".join(chr(ord(letter) - _FLAG_START + ord("A")) for letter in raw)}


def _number_clauses(items: list[Item]) -> list[Item]:
    """Number the parts of a name; the marks between them are dropped."""
    made: list[Item] = []
    clause, depth, count = 0, 0, len(items)
    for place, item in enumerate(items):
        text = item.text
        if not item.meanings and item.number is None and not text[0].isalpha() and text != UNKNOWN:
            if text in _QUIET:
                ends = False
            else:
                spaced_after = place + 1 >= count or not items[place + 1].glued
                if text in _OPENING:
                    depth += 1
                elif text in _CLOSING:
                    depth = max(0, depth - 1)
                if text in _DASHES:
                    ends = not item.glued or spaced_after
                elif text in ",;":
                    ends = spaced_after
                elif text == ".":
                    ends = place > 0 and spaced_after and len(items[place - 1].text) > 4
                else:
                    ends = True
            if ends:
                clause += 1
                continue
        item.clause = clause
        item.bracketed = depth > 0
        made.append(item)
    return made
