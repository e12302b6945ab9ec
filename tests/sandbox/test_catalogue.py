from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from statistics import median

import pytest

from providers.sandbox.documents import DOCUMENTS
from providers.sandbox.shop.catalogue import make_catalogue
from providers.sandbox.shop.catalogue_data import EMOJI, NOUNS, PLATFORMS
from providers.sandbox.shop.order_types import ORDER_TYPES

ALL = sorted(DOCUMENTS)


@pytest.mark.parametrize("slug", ALL)
def test_the_same_panel_has_the_same_catalogue_every_time(slug: str) -> None:
    assert make_catalogue(DOCUMENTS[slug]) == make_catalogue(DOCUMENTS[slug])


def test_another_seed_makes_another_catalogue() -> None:
    assert make_catalogue(DOCUMENTS["smmplus"], seed="other") != make_catalogue(DOCUMENTS["smmplus"])


@pytest.mark.parametrize("slug", ALL)
def test_every_order_type_is_on_offer(slug: str) -> None:
    services = make_catalogue(DOCUMENTS[slug]).values()
    assert {service.type for service in services} == set(ORDER_TYPES)
    assert 200 < len(services) < 500
    assert len({service.category for service in services}) > 40


@pytest.mark.parametrize("slug", ALL)
def test_who_picks_the_first_service_can_order_ten(slug: str) -> None:
    first = next(iter(make_catalogue(DOCUMENTS[slug]).values()))
    assert (first.type, first.minimum, first.cancel) == ("Default", 10, True)


@pytest.mark.parametrize("slug", ALL)
def test_rows_are_such_as_can_be_ordered(slug: str) -> None:
    for number, service in make_catalogue(DOCUMENTS[slug]).items():
        assert service.id == number > 0
        assert 1 <= service.minimum <= service.maximum
        assert service.rate >= Decimal("0.0001")
        assert -int(service.rate.as_tuple().exponent) <= 4
        assert service.pace > 0


@pytest.mark.parametrize("slug", ALL)
def test_some_services_are_refilled_and_some_can_be_canceled(slug: str) -> None:
    services = make_catalogue(DOCUMENTS[slug]).values()
    assert {service.refill for service in services} == {True, False}
    assert {service.cancel for service in services} == {True, False}
    assert any(service.refill and service.cancel and service.minimum == 10 for service in services)


@pytest.mark.parametrize(
    ("slug", "word"),
    [("servsmm", "ผู้ติดตาม"), ("smpanelim", "Takipçi"), ("smmvna", "Người theo dõi"), ("smmprovider", "Followers")],
)
def test_names_are_in_the_language_of_the_panel(slug: str, word: str) -> None:
    names = [service.name for service in make_catalogue(DOCUMENTS[slug]).values()]
    assert any(word in name for name in names)
    assert any("♻️" in name for name in names)
    assert len(set(names)) > 0.9 * len(names)


def test_comparable_services_cost_differently_at_every_panel() -> None:
    def likes(slug: str) -> Decimal:
        first = next(iter(make_catalogue(DOCUMENTS[slug]).values()))
        return first.rate / DOCUMENTS[slug].per_dollar

    prices = {slug: likes(slug) for slug in ALL}
    assert len(set(prices.values())) == len(prices)
    assert max(prices.values()) < 3 * min(prices.values())


def test_rates_are_in_the_currency_of_the_panel() -> None:
    def middle(slug: str) -> float:
        return median(float(service.rate) for service in make_catalogue(DOCUMENTS[slug]).values())

    assert 20 < middle("smpanelim") / middle("smmplus") < 80


def test_a_catalogue_follows_its_document() -> None:
    cheap = replace(DOCUMENTS["smmplus"], price_level=Decimal("0.1"))
    dear = replace(DOCUMENTS["smmplus"], price_level=Decimal("10"))
    for one, other in zip(make_catalogue(cheap).values(), make_catalogue(dear).values(), strict=True):
        assert one.rate < other.rate
        assert one.name == other.name


def test_the_words_are_there_in_all_languages() -> None:
    nouns = {offer.noun for offers in PLATFORMS.values() for offer in offers}
    assert nouns == set(NOUNS)
    assert set(PLATFORMS) == set(EMOJI)
    assert all(all(words) for words in NOUNS.values())
    assert {offer.type for offers in PLATFORMS.values() for offer in offers} == set(ORDER_TYPES)
