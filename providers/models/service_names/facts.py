"""Everything that a service's name, category and description say of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from providers.models.service_kinds import OTHER
from providers.models.service_names.audience import read_country, read_gender, read_quality
from providers.models.service_names.limits import read_drop, read_maximum
from providers.models.service_names.reading import Parsed, parse
from providers.models.service_names.refill import read_refill
from providers.models.service_names.speed import read_speed
from providers.models.service_names.start import read_start
from providers.models.service_names.subject import read_kind, read_platform


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
    """Return a category stands over many services: it is read once."""
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


_LINE: Final = re.compile(r"[\r\n]+|<br\s*/?>|[|•●▪]")
_MOST_LINES: Final = 40


def read_description(description: str, kind: str) -> dict[str, Any]:
    """Return what labelled lines state (``Start: 0-1 hour``); running text says too many other things."""
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
    """Return the values of ``STORED`` for a service."""
    facts = read_service_name(name, category, description)
    return tuple(getattr(facts, field) for field in STORED)
