"""Makes a panel's catalogue out of the platform data: the same seed gives the same rows, for ever."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from random import Random

from providers.sandbox.books.records import Service
from providers.sandbox.documents import Document
from providers.sandbox.shop.catalogue_data import (
    EMOJI,
    GRADES,
    LANGUAGES,
    NO_REFILL,
    NOUNS,
    PLATFORMS,
    REFILL_TERMS,
    Grade,
    Offer,
)

_WORD_ORDER = {
    "en": "{platform} {noun} | {grade} | {term}",
    "th": "{platform} {noun} [{grade}] {term}",
    "tr": "{platform} {grade} {noun} - {term}",
    "vi": "{noun} {platform} - {grade} ({term})",
}
_HOUR = 3600


def make_catalogue(document: Document, *, seed: str = "") -> dict[int, Service]:
    """Return a few hundred services of one panel by their id, in the order the panel lists them.

    The first one is a `Default` service with a small minimum, as whoever tries a panel out picks the first.
    """
    return {service.id: service for service in _make_services(document, seed)}


@lru_cache(maxsize=32)
def _make_services(document: Document, seed: str) -> tuple[Service, ...]:
    random = Random(f"{seed}{document.slug}:catalogue")  # noqa: S311 - repeatable, not secret
    number = random.randint(1, 400)
    services = []
    for platform, offer, grade in _rows(random):
        number += random.choice((1, 1, 1, 2, 3, 8))
        services.append(_make_service(document, random, number, platform, offer, grade))
    return tuple(services)


def _rows(random: Random) -> Iterator[tuple[str, Offer, Grade]]:
    for platform, offers in PLATFORMS.items():
        for offer in offers:
            if offer.maximum == 1:
                yield platform, offer, GRADES[0]
                continue
            always, others = GRADES[:2], GRADES[2:]
            for grade in (*always, *sorted(random.sample(others, k=random.randint(1, 4)), key=GRADES.index)):
                yield platform, offer, grade


def _make_service(
    document: Document, random: Random, number: int, platform: str, offer: Offer, grade: Grade
) -> Service:
    language = LANGUAGES.index(document.language)
    refill = offer.drops and (grade is GRADES[0] or random.random() < 0.6)
    term = random.choice(REFILL_TERMS)[language] if refill else NO_REFILL[language]
    noun = NOUNS[offer.noun][language]
    name = _WORD_ORDER[document.language].format(platform=platform, noun=noun, grade=grade.names[language], term=term)
    dollars = Decimal(offer.price) * Decimal(grade.factor) * Decimal(str(round(random.uniform(0.75, 1.35), 3)))
    return Service(
        id=number,
        name=name,
        type=offer.type,
        category=f"{EMOJI[platform]} {platform} {noun}",
        rate=_round_price(dollars * document.price_level * document.per_dollar),
        minimum=offer.minimum,
        maximum=offer.maximum,
        refill=refill,
        cancel=offer.maximum > 1 and (grade is GRADES[0] or random.random() < 0.8),
        pace=offer.maximum / (16 * _HOUR) + random.randint(400, 900) / _HOUR,
    )


def _round_price(amount: Decimal) -> Decimal:
    """Return three significant figures and at least four decimals, as a person would set a price."""
    places = min(4, max(2, 2 - amount.adjusted()))
    return max(amount.quantize(Decimal(1).scaleb(-places)), Decimal("0.0001"))
