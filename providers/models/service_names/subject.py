"""The platform and the kind that a name says."""

from __future__ import annotations

from typing import Final

from providers.models.kind_rules import BY_PLATFORM, REFINEMENTS
from providers.models.service_kinds import OTHER
from providers.models.service_names.reading import Parsed

_GENDERS: Final = frozenset(("male", "female"))
_NEAR: Final = 3


def read_platform(name: Parsed, category: Parsed) -> str:
    """Return the platform of the category where it names one alone, else of the name; doubtful words and asides come
    last.
    """
    return (
        _only_platform(category)
        or _named_platform(name)
        or _weak_platform(name, is_category=False)
        or _named_platform(category)
        or _weak_platform(category, is_category=True)
        or _named_platform(name, asides=True)
    )


def _only_platform(category: Parsed) -> str:
    found = {category.items[place].meanings["platform"] for place in category.find("platform")}
    return found.pop() if len(found) == 1 else ""


def _named_platform(parsed: Parsed, *, asides: bool = False) -> str:
    places = parsed.find("platform")
    if not asides:
        places = [place for place in places if not _is_aside(parsed, place)]
        # What is in brackets counts where the name has no other: "Followers [Instagram]".
        places.sort(key=lambda place: parsed.items[place].bracketed)
    return parsed.items[places[0]].meanings["platform"] if places else ""


def _is_aside(parsed: Parsed, place: int) -> bool:
    """Return whether a word names only where something comes from, or what it is not for."""
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
    """Return the kind that the name names first, else the category, as the platform calls it."""
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
    """Return whether no word of a name says that something else is meant than what stands over it."""
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
