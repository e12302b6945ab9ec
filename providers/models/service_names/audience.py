"""Whose accounts deliver, as a name says: their country, quality and gender."""

from __future__ import annotations

from typing import Final

from providers.models.service_names.countries import CODE_COUNTRIES, CODES, NAMES
from providers.models.service_names.reading import Item, Parsed

_COUNTRY_FAMILIES: Final = frozenset(("flag", "country", "capitalised"))


def read_country(parsed: Parsed) -> str:
    """Return the one country that is named; none when there are several."""
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
