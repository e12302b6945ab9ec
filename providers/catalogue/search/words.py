"""What the words of a search mean: a platform, a kind, terms of a service; the rest is looked for in its text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from providers.models import Service
from providers.models.kind_rules import BY_PLATFORM, REFINEMENTS
from providers.models.platforms import TITLES
from providers.models.search_text import fold
from providers.models.service_kinds import KIND_TITLES, OTHER
from providers.models.service_names.countries import CODE_COUNTRIES, CODES
from providers.models.service_names.lexicon import Node, Word
from providers.models.service_names.reading import lexicon, parse
from providers.models.service_names.refill import LIFETIME
from providers.models.service_names.subject import read_kind

LONGEST_SEARCH: Final = 200
MOST_WORDS: Final = 8
_LONGEST_PHRASE: Final = 4
_TERM: Final = re.compile(r"(?:r|ar|refill)?(\d{1,4})(?:d|days?)?", re.ASCII)
_CODED_TERM: Final = re.compile(r"(?:r|ar|refill)(\d{1,4})", re.ASCII)
_DAYS: Final = frozenset(
    ("day", "days", "d", "gun", "gunluk", "ngay", "วัน", "дней", "дня", "dias", "hari", "jours", "tage")
)
_FAMILIES: Final = (
    *(
        "platform",
        "kind",
        "country",
        "capitalised",
        "weak",
        "quality",
        "gender",
        "no_refill",
        "lifetime",
        "refill",
        "no_drop",
    ),
    *("instant", "flag_wanted"),
)
# Who follows is called otherwise at some platforms, in these languages by the same word.
_SAME_WORD: Final = {"followers": ("followers", "members", "subscribers")}
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_SHORTEST_SLIP: Final = 4
_LONG: Final = 8


@dataclass(slots=True)
class Wanted:
    """A search as it is understood: conditions on columns, ``words`` for the text, ``chips`` that say what is meant."""

    conditions: list[Q] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    chips: list[str] = field(default_factory=list)

    def want(self, condition: Q, chip: Any) -> None:
        """Add a condition and the words for it."""
        self.conditions.append(condition)
        self.chips.append(str(chip))


def search_words(text: str) -> list[str]:
    """Return the folded words of a search, at most ``MOST_WORDS``, without what no name can hold."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_SEARCH])
    return list(dict.fromkeys(fold(printable).split()))[:MOST_WORDS]


def understand(text: str, *, mended: Collection[str] = ()) -> Wanted:
    """Return what ``text`` means; words of ``mended`` are taken for the known ones that differ by a slip."""
    words = [(nearest_word(word) if word in mended else "") or word for word in search_words(text)]
    wanted = Wanted()
    found: dict[str, tuple[str, str]] = {}
    place = 0
    while place < len(words):
        size, meanings = _longest(words, place)
        if coded := _CODED_TERM.fullmatch(words[place]):
            found.setdefault("term", (coded[1], words[place]))
            place += 1
            continue
        family = next((name for name in _FAMILIES if name in meanings and _fits(name, found)), "")
        if family:
            key = {"capitalised": "country", "weak": "platform"}.get(family, family)
            typed = " ".join(words[place : place + size])
            found[key] = (meanings[family], typed)
            for other in ("platform", "kind"):
                # "retweets" name both.
                if other in meanings and other not in found:
                    found[other] = (meanings[other], typed)
        elif (code := words[place].upper()) in CODES and "country" not in found:
            found["country"] = (CODE_COUNTRIES.get(code, code), words[place])
        elif "refill" in found and "term" not in found and (term := _TERM.fullmatch(words[place])):
            found["term"] = (term[1], words[place])
        elif not ("term" in found and words[place] in _DAYS):
            wanted.words.append(words[place])
        place += size
    if "refill" in found and "term" not in found:
        _take_term(wanted, found)
    _want(wanted, found, " ".join(words))
    return wanted


def _take_term(wanted: Wanted, found: dict[str, tuple[str, str]]) -> None:
    """Take ``30 days`` that stands before the word for refills for its term."""
    for place, word in enumerate(wanted.words):
        if (term := _TERM.fullmatch(word)) and (place + 1 == len(wanted.words) or wanted.words[place + 1] in _DAYS):
            found["term"] = (term[1], word)
            del wanted.words[place : place + 2]
            return


def _fits(family: str, found: Mapping[str, Any]) -> bool:
    return {"capitalised": "country", "weak": "platform"}.get(family, family) not in found


def _longest(words: list[str], place: int) -> tuple[int, Mapping[str, str]]:
    for size in range(min(_LONGEST_PHRASE, len(words) - place), 1, -1):
        meanings = _meanings(tuple(words[place : place + size]))
        if any(family in meanings for family in _FAMILIES):
            return size, meanings
    return 1, _meanings((words[place],))


@lru_cache(maxsize=4_000)
def _meanings(words: tuple[str, ...]) -> Mapping[str, str]:
    """Return what these words mean together, all of them; {} when the tables do not have them."""
    book = lexicon()
    parts: list[Word] = []
    for word in words:
        if not all(letter.isalpha() or not letter.isascii() for letter in word.strip("-.'")):
            return {}
        for run in re.split(r"[-.'’]", word):
            parts += book.words_of(run) if run else ()
    level = [book.root]
    for part in parts:
        level = [node.nexts[key] for node in level for key in part.keys if key in node.nexts]
    if meant := _merge(level):
        return meant
    if len(words) > 1 or len(parts) < 2:
        return {}
    # One word of several: InstagramFollowers, ผู้ติดตามไอจี.
    several: dict[str, str] = {}
    for part in parts:
        known = _merge(part.nodes)
        if not known:
            return {}
        for family, value in known.items():
            several.setdefault(family, value)
    return several


def _merge(nodes: Iterable[Node]) -> dict[str, str]:
    """Return what a word and its stems mean; the word's own meanings come first."""
    merged: dict[str, str] = {}
    for node in nodes:
        merged = {**(node.meanings or {}), **merged}
    return merged


def _want(wanted: Wanted, found: Mapping[str, tuple[str, str]], text: str) -> None:
    platform = found["platform"][0] if "platform" in found else ""
    if platform:
        wanted.want(Q(platform=platform), TITLES[platform])
    if "kind" in found:
        _want_kind(wanted, *found["kind"], platform=platform, text=text)
    if "country" in found:
        wanted.want(Q(country=found["country"][0]), found["country"][0])
    if "quality" in found:
        quality, typed = found["quality"]
        # What is real is said to be of high quality in the same name.
        wanted.want(
            Q(quality=quality) | (~Q(quality=quality) & Q(search_text__contains=typed)), Service.Quality(quality).label
        )
    if "gender" in found:
        wanted.want(Q(gender=found["gender"][0]), Service.Gender(found["gender"][0]).label)
    if "no_refill" in found:
        wanted.want(Q(refill_days=0) | (Q(refill_days__isnull=True) & Q(refill=False)), _("No refill"))
    elif "lifetime" in found:
        wanted.want(Q(refill_days__gte=LIFETIME), _("Lifetime refill"))
    elif "term" in found and int(found["term"][0]):
        days = int(found["term"][0])
        wanted.want(Q(refill_days__gte=days), _("Refill for %(days)s days") % {"days": days})
    elif "refill" in found:
        wanted.want(has_refill(), _("Refill"))
    if "no_drop" in found:
        wanted.want(Q(drop_percent=0), _("Non-drop"))
    if "instant" in found:
        wanted.want(
            Q(start_minutes=0) | Q(start_minutes__gt=0, search_text__contains=found["instant"][1]), _("Instant start")
        )
    if "flag_wanted" in found:
        flag = found["flag_wanted"][0]
        wanted.want(Q(**{flag: True}), {"dripfeed": _("Drip-feed"), "cancel": _("Cancel")}[flag])


def _want_kind(wanted: Wanted, named: str, typed: str, *, platform: str, text: str) -> None:
    kind = read_kind(parse(text), parse(""), platform)
    if kind == OTHER:
        kind = BY_PLATFORM.get((platform, named), named)
    for base, becomes, words in REFINEMENTS:
        if (base, becomes) == (named, kind):
            others = {fold(word).strip(" *") for word in words.split(",")}
            wanted.words = [word for word in wanted.words if not any(word.startswith(other) for other in others)]
    kinds = _SAME_WORD.get(kind, (kind,)) if not platform and _CYRILLIC.search(typed) else (kind,)
    wanted.want(Q(kind=kind) if len(kinds) == 1 else Q(kind__in=kinds), KIND_TITLES[kind])


def has_refill() -> Q:
    """Return the condition that a service is refilled: as listed, or as its name says; a name that denies it counts."""
    return (Q(refill=True) & (Q(refill_days__isnull=True) | Q(refill_days__gt=0))) | Q(
        refill__isnull=True, refill_days__gt=0
    )


# --- Slips of typing --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _vocabulary() -> list[tuple[str, int]]:
    """Return the words that a slip may have been meant for, with the letters in them as bits."""
    words = {
        word.rstrip("*")
        for word, meanings in lexicon().vocabulary()
        if len(word.rstrip("*")) >= _SHORTEST_SLIP and not meanings.keys().isdisjoint(_FAMILIES)
    }
    return sorted((word, _letters(word)) for word in words)


def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits


@lru_cache(maxsize=2_000)
def nearest_word(word: str) -> str:
    """Return the one known word that differs from ``word`` by a slip, two in a long word; "" when there is none or
    several.
    """
    if len(word) < _SHORTEST_SLIP or not word.isalpha():
        return ""
    most = 2 if len(word) >= _LONG else 1
    letters = _letters(word)
    best: list[tuple[int, bool, str]] = []
    for known, bits in _vocabulary():
        if abs(len(known) - len(word)) > most or (letters ^ bits).bit_count() > 2 * most:
            continue
        distance = _distance(word, known, most)
        if distance <= most:
            best.append((distance, known[0] != word[0], known))
    if not best:
        return ""
    best.sort()
    nearest = [known for distance, other, known in best if (distance, other) == best[0][:2]]
    meant = {tuple(sorted(_meanings((known,)).items())) for known in nearest}
    return nearest[0] if len(meant) == 1 else ""


def _distance(first: str, second: str, most: int) -> int:
    """Return how many letters to change, add, leave out or swap with their neighbour; any number above ``most`` for
    more.
    """
    before: list[int] = []
    last = list(range(len(second) + 1))
    for row, letter in enumerate(first, start=1):
        current = [row]
        for column, other in enumerate(second, start=1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == second[column - 2] and first[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, last = last, current
    return last[-1]


def slip_pattern(word: str) -> str:
    """Return a regular expression for a word with at most one slip, for both databases."""
    parts = []
    for place in range(len(word)):
        before, after = re.escape(word[:place]), re.escape(word[place + 1 :])
        parts.append(f"{before}.?{after}")
        if place:
            parts.append(f"{before}.{re.escape(word[place:])}")
            parts.append(re.escape(word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]))
    return "|".join(dict.fromkeys(parts))
