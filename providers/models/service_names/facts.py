"""Everything that a service's name, category and description say of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from providers.models.service_kinds import BY_PLATFORM, OTHER, REFINEMENTS
from providers.models.service_names.countries import CODE_COUNTRIES, CODES, NAMES
from providers.models.service_names.reading import Item, Parsed, parse
from providers.models.service_names.terms import read_drop, read_maximum, read_refill, read_speed, read_start

_GENDERS: Final = frozenset(("male", "female"))
_COUNTRY_FAMILIES: Final = frozenset(("flag", "country", "capitalised"))
_NEAR: Final = 3


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What is said: "" and None where nothing is. ``start_minutes`` 0 is at once, ``refill_days`` 0 no refill."""

    platform: str = ""
    kind: str = OTHER
    country: str = ""
    quality: str = ""
    gender: str = ""
    speed_per_day: int | None = None
    start_minutes: int | None = None
    refill_days: int | None = None
    drop_percent: int | None = None
    max_stated: int | None = None


def read_service_name(name: str, category: str = "", description: str = "") -> ServiceFacts:
    """Read a service's name; what it does not say is taken from the category, then from labelled lines below."""
    parsed, above = parse(name), _read_category(category)
    platform = read_platform(parsed, above.parsed)
    kind = read_kind(parsed, above.parsed, platform)
    facts: dict[str, Any] = {
        "country": read_country(parsed) or above.country,
        "quality": read_quality(parsed, kind) or read_quality(above.parsed, kind),
        "gender": read_gender(parsed) or above.gender,
        **_read_terms(parsed),
    }
    for key, value in above.terms.items():
        if facts[key] is None:
            facts[key] = value
    if description:
        for key, value in read_description(description, kind).items():
            if facts[key] in (None, ""):
                facts[key] = value
    return ServiceFacts(platform=platform, kind=kind, **facts)


class _Category(NamedTuple):
    parsed: Parsed
    country: str
    gender: str
    terms: dict[str, int]


@lru_cache(maxsize=5_000)
def _read_category(category: str) -> _Category:
    """A category stands over many services: it is read once."""
    parsed = parse(category)
    terms = {key: value for key, value in _read_terms(parsed).items() if value is not None}
    return _Category(parsed, read_country(parsed), read_gender(parsed), terms)


def _read_terms(parsed: Parsed) -> dict[str, int | None]:
    # In this order: what one has read from a figure the next does not read again.
    return {
        "speed_per_day": read_speed(parsed) if parsed.numbers else None,
        "start_minutes": read_start(parsed),
        "refill_days": read_refill(parsed),
        "max_stated": read_maximum(parsed) if parsed.numbers else None,
        "drop_percent": read_drop(parsed),
    }


# --- Platform and kind ------------------------------------------------------------------------------------------------


def read_platform(name: Parsed, category: Parsed) -> str:
    """The platform that the name names first, else the category; words of doubtful meaning and asides come last."""
    return (
        _named_platform(name)
        or _weak_platform(name, is_category=False)
        or _named_platform(category)
        or _weak_platform(category, is_category=True)
        or _named_platform(name, asides=True)
    )


def _named_platform(parsed: Parsed, *, asides: bool = False) -> str:
    places = parsed.find("platform")
    if not asides:
        places = [place for place in places if not _is_aside(parsed, place)]
        # What is in brackets counts where the name has no other: "Followers [Instagram]".
        places.sort(key=lambda place: parsed.items[place].bracketed)
    return parsed.items[places[0]].meanings["platform"] if places else ""


def _is_aside(parsed: Parsed, place: int) -> bool:
    """Whether a word names only where something comes from, or what it is not for."""
    for at in range(place - 1, max(-1, place - 3), -1):
        item = parsed.items[at]
        if item.clause != parsed.items[place].clause:
            return False
        if item.meanings.keys() & {"except"}:
            return True
        if "via" in item.meanings:
            return any("kind" in earlier.meanings or "platform" in earlier.meanings for earlier in parsed.items[:at])
        if "not" in item.meanings:
            return True
    return False


def _weak_platform(parsed: Parsed, *, is_category: bool) -> str:
    items = parsed.items
    for place in parsed.find("weak"):
        item = items[place]
        found = item.meanings["weak"]
        if found == "website" and len(items) > 1 and any("platform" in other.meanings for other in items):
            continue
        if item.text == "x" and (item.number is not None or (place and items[place - 1].number is not None)):
            continue
        alone = all(other is item or other.clause != item.clause for other in items)
        if alone and (is_category or place == 0):
            return found
        following = items[place + 1] if place + 1 < len(items) else None
        before = items[place - 1] if place else None
        opens = before is None or before.clause != item.clause
        is_written_so = item.raw[:1].isupper() or item.raw != item.raw.lower() or not item.raw.isascii()
        if not is_written_so and not (opens and place == 0) and found not in ("apps", "website"):
            continue
        if (
            following is not None
            and following.clause == item.clause
            and following.meanings.keys() & {"kind", "country", "quality", "flag"}
        ):
            return found
        if (
            before is not None
            and before.clause == item.clause
            and "kind" in before.meanings
            and (following is None or following.clause != item.clause or following.meanings.get("weak") == found)
            and item.text != "x"
        ):
            return found
        if is_category and opens and place == 0:
            return found
        if item.text == "x" and opens and place == 0 and item.raw == "X":
            return found
        if before is not None and before.text in _GENDERS:
            continue
    return ""


def read_kind(name: Parsed, category: Parsed, platform: str) -> str:
    """The kind that the name names first, else the category, as the platform calls it."""
    named = _named_kind(name)
    kind = _refine(name, named, platform) if named else ""
    other = _named_kind(category)
    general = _refine(category, other, platform) if other else ""
    if not kind:
        kind = general
    elif general and any(base == kind and becomes == general for base, becomes, _words in REFINEMENTS):
        # "Facebook Likes" below "Facebook Page Likes".
        kind = general if _is_plain(name) else kind
    return BY_PLATFORM.get((platform, kind), kind) or OTHER


def _is_plain(name: Parsed) -> bool:
    """Whether no word of a name says that something else is meant than what stands over it."""
    return not any(
        item.text in ("post", "posts", "photo", "reel", "reels", "video", "videos", "igtv") for item in name.items
    )


def _named_kind(parsed: Parsed) -> str:
    places = [place for place in parsed.find("kind") if not _is_except(parsed, place)]
    places.sort(key=lambda place: parsed.items[place].bracketed)
    return parsed.items[places[0]].meanings["kind"] if places else ""


def _is_except(parsed: Parsed, place: int) -> bool:
    before = parsed.items[place - 1] if place else None
    return (
        before is not None
        and before.clause == parsed.items[place].clause
        and bool(before.meanings.keys() & {"except", "not"})
    )


def _refine(parsed: Parsed, kind: str, platform: str) -> str:
    for number, (base, becomes, _words) in enumerate(REFINEMENTS):
        if (
            base != kind
            or f"refine{number}" not in parsed.families
            or (becomes == "pagelikes" and platform != "facebook")
        ):
            continue
        for place, item in enumerate(parsed.items):
            if f"refine{number}" not in item.meanings:
                continue
            places = [at for at, other in enumerate(parsed.items) if other.meanings.get("kind") == kind]
            nearest = min((abs(place - at) for at in places), default=99)
            if nearest <= _NEAR and not any(
                parsed.items[at].text in ("+", "&") for at in range(min(place, *places), max(place, *places))
            ):
                return becomes
    return kind


# --- Country, quality, gender -----------------------------------------------------------------------------------------


def read_country(parsed: Parsed) -> str:
    """The one country that is named; none when there are several."""
    found: list[str] = []
    has_words = not parsed.families.isdisjoint(_COUNTRY_FAMILIES)
    for place, item in enumerate(parsed.items):
        code = _country_at(parsed, place, item) if (has_words and item.meanings) or 2 <= len(item.raw) <= 3 else ""
        if code and code not in found and not _is_aside_of_country(parsed, place):
            found.append(code)
    return found[0] if len(found) == 1 else ""


def _country_at(parsed: Parsed, place: int, item: Item) -> str:
    meanings = item.meanings
    if "flag" in meanings:
        return meanings["flag"] if meanings["flag"] in NAMES else ""
    if "country" in meanings:
        return "" if _is_language(parsed, place) else meanings["country"]
    if "capitalised" in meanings and item.raw[:1].isupper():
        if item.raw in ("Us", "Uk") and len(item.raw) == 2:
            return ""
        return "" if _is_language(parsed, place) else meanings["capitalised"]
    raw = item.raw
    if not (2 <= len(raw) <= 3 and raw.isascii() and raw.isalpha() and raw.isupper()):
        return ""
    code = CODE_COUNTRIES.get(raw, raw)
    if raw in CODES and not _touches_figure(parsed, place):
        return code
    alone = all(other is item or other.clause != item.clause for other in parsed.items)
    return code if alone and code in NAMES and item.bracketed else ""


def _touches_figure(parsed: Parsed, place: int) -> bool:
    following = parsed.items[place + 1] if place + 1 < len(parsed.items) else None
    before = parsed.items[place - 1] if place else None
    return (following is not None and following.number is not None and following.glued) or (
        before is not None and before.number is not None and parsed.items[place].glued
    )


def _is_language(parsed: Parsed, place: int) -> bool:
    return any(
        0 <= at < len(parsed.items)
        and parsed.items[at].clause == parsed.items[place].clause
        and "language" in parsed.items[at].meanings
        for at in (place - 1, place + 1)
    )


def _is_aside_of_country(parsed: Parsed, place: int) -> bool:
    return any(
        parsed.items[at].clause == parsed.items[place].clause
        and bool(parsed.items[at].meanings.keys() & {"except", "not"})
        for at in range(max(0, place - 2), place)
    )


def read_quality(parsed: Parsed, kind: str) -> str:
    """``real``, ``high``, ``mixed`` or ``bot``: fake is said before real, real before high."""
    found = {
        parsed.items[place].meanings["quality"]
        for place in parsed.find("quality")
        if not parsed.has(place - 1, "not") and not _is_a_chat_bot(parsed, place)
    }
    if kind == "botstarts":
        found.discard("bot")
    if kind == "reactions":
        found.discard("mixed")
    if "mixed" in found or {"bot", "real"} <= found:
        return "mixed"
    return next((word for word in ("bot", "real", "high") if word in found), "")


def _is_a_chat_bot(parsed: Parsed, place: int) -> bool:
    """``Telegram Bot`` is a program that people talk to, ``Telegram Bot Members`` are false ones."""
    item, items = parsed.items[place], parsed.items
    if item.text not in ("bot", "bots", "бот", "боты", "بوت", "บอท", "บอต", "机器人", "봇"):
        return False
    before = items[place - 1].meanings.get("platform") if place else ""
    return before in ("telegram", "discord") and not parsed.has(place + 1, "kind")


def read_gender(parsed: Parsed) -> str:
    """``female`` or ``male``; none where both are named."""
    found = {
        parsed.items[place].meanings["gender"]
        for place in parsed.find("gender")
        if not parsed.has(place - 1, "not") and not parsed.items[place - 1].number
    }
    return found.pop() if len(found) == 1 else ""


# --- Description ------------------------------------------------------------------------------------------------------

_LABELS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = ()
_LINE: Final = re.compile(r"[\r\n]+|<br\s*/?>|[|•●▪]")
_MOST_LINES: Final = 40


def read_description(description: str, kind: str) -> dict[str, Any]:
    """What labelled lines state (``Start: 0-1 hour``); running text says too many other things."""
    readers: tuple[tuple[str, str, Callable[[Parsed], Any]], ...] = (
        ("speed_per_day", "speed", read_speed),
        ("start_minutes", "start", read_start),
        ("refill_days", "refill", read_refill),
        ("drop_percent", "drop", read_drop),
        ("max_stated", "max", read_maximum),
    )
    found: dict[str, Any] = {}
    for line in _LINE.split(description[:4_000])[:_MOST_LINES]:
        label, colon, _value = line.partition(":")
        if not colon or not line.strip() or len(line) > 120 or len(label) > 40:
            continue
        parsed = parse(line)
        for key, family, read in readers:
            if key not in found and any(
                family in item.meanings or f"no_{family}" in item.meanings for item in parsed.items[:4]
            ):
                value = read(Parsed(parsed.items))
                if value is not None:
                    found[key] = value
        if "quality" in line.casefold() and (quality := read_quality(parsed, kind)):
            found.setdefault("quality", quality)
    return found


STORED: Final = (
    *("platform", "kind", "country", "quality", "gender"),
    *("refill_days", "speed_per_day", "start_minutes", "drop_percent"),
)
"""The facts that are stored with a service, by the names of its fields."""
VERSION: Final = 1
"""Raise it when tables or rules change: services that were read with a lower one are read again."""


def stored_facts(name: str, category: str, description: str) -> tuple[Any, ...]:
    """The values of ``STORED`` for a service."""
    facts = read_service_name(name, category, description)
    return tuple(getattr(facts, field) for field in STORED)


def as_dict(facts: ServiceFacts) -> dict[str, Any]:
    """The facts by name."""
    return asdict(facts)
