"""Searching services by words, in every script, on both databases.

What a word means counts in every language: a search for "takipci" finds followers however they are named. Words
without a meaning must all occur, every letter as it is.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from providers.catalogue.search import search_products, search_services, search_words
from providers.catalogue.search.index import FTS_TABLE, TRIGRAM_INDEX, ensure_search_index, has_fts_table
from providers.models import Product, Provider, Service

pytestmark = pytest.mark.django_db
NAMES = {
    "1": "Instagram Likes [Refill 30D] 100% real",
    "2": "İstanbul Takipçi",
    "3": "ПОДПИСЧИКИ Telegram",
    "4": "Người theo dõi TikTok",
    "5": "ถูกใจ Facebook",
    "6": 'He said "NEAR" * AND OR NOT (x)',
    "7": "back\\slash under_score",
    "8": "ab",
    "9": "Straße",
}


@pytest.fixture
def provider() -> Provider:
    provider = Provider.objects.create(name="one", api_url="https://panel.invalid/")
    for number, name in NAMES.items():
        Service.objects.create(provider=provider, external_id=number, name=name, rate=Decimal(1), category="Cat")
    return provider


def found(text: str) -> set[str]:
    return set(search_services(Service.objects.all(), text).values_list("external_id", flat=True))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("instagram", {"1"}),
        ("LIKES insta", {"1"}),
        ("likes tiktok", set()),
        ("istanbul", {"2"}),
        ("ISTANBUL takipci", {"2"}),
        ("подписчики", {"2", "3", "4"}),
        ("подписчики telegram", {"3"}),
        ("nguoi theo doi", {"2", "4"}),
        ("nguoi theo doi tiktok", {"4"}),
        ("DÕI", {"4"}),
        ("ถูกใจ", {"1", "5"}),
        ("likes", {"1", "5"}),
        ("facebook likes", {"5"}),
        ("instgram", {"1"}),
        ("refill", {"1"}),
        ("r30", {"1"}),
        ("no refill", set()),
        ("strasse", {"9"}),
        ("ab", {"8"}),
        ("ak", {"2"}),
        ("r", {"1", "3", "6", "7", "9"}),
        ("100%", {"1"}),
        ("%", {"1"}),
        ("a%b", set()),
        ("under_score", {"7"}),
        ("under-score", {"7"}),
        ("_", {"7"}),
        ("back\\slash", {"7"}),
        ('"near"', {"6"}),
        ("near* and", set()),
        ("* (x)", {"6"}),
        ("NOT", {"6"}),
        ("'; drop table providers_service; --", set()),
        ("", set(NAMES)),
        ("   ", set(NAMES)),
        ("\0", set(NAMES)),
        ("cat", set(NAMES)),
        ("x" * 5000, set()),
    ],
)
def test_every_word_must_occur_and_is_taken_literally(provider: Provider, text: str, ids: set[str]) -> None:
    assert found(text) == ids


def test_a_search_narrows_what_it_is_given(provider: Provider) -> None:
    Service.objects.filter(external_id="1").update(is_available=False)
    assert not search_services(Service.objects.filter(is_available=True), "instagram").exists()


def test_the_index_follows_changes_and_removals(provider: Provider) -> None:
    service = Service.objects.get(external_id="1")
    service.name = "YouTube Views"
    service.save()
    assert found("instagram") == set()
    assert found("youtube") == {"1"}
    Service.objects.filter(external_id="1").update(rate=Decimal(2))
    assert found("youtube") == {"1"}
    service.delete()
    assert found("youtube") == set()


def test_words_are_few_and_each_comes_once() -> None:
    assert search_words("b a b  c") == ["b", "a", "c"]
    assert len(search_words(" ".join(map(str, range(100))))) == 8


def test_products_are_found_by_their_words(provider: Provider) -> None:
    Product.objects.create(
        provider=provider, external_id="7", name="Netflix Premium", rate=Decimal(2), category="Video"
    )
    assert search_products(Product.objects.all(), "video NETFLIX").exists()
    assert not search_products(Product.objects.all(), "netflix gold").exists()


def test_the_index_is_there_after_migrating_and_is_used(provider: Provider) -> None:
    plan = search_services(Service.objects.all(), "istanbul").explain()
    if connection.vendor == "sqlite":
        assert FTS_TABLE in plan
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_indexscan = off")
        assert TRIGRAM_INDEX in search_services(Service.objects.order_by(), "istanbul").explain()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="rebuilding a table drops triggers on SQLite only")
def test_an_index_that_a_rebuilt_table_has_lost_is_made_again(provider: Provider) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {FTS_TABLE}_added")
    assert not has_fts_table(connection)
    Service.objects.create(provider=provider, external_id="99", name="Brandnew", rate=Decimal(1))

    ensure_search_index(using="default")

    assert has_fts_table(connection)
    assert found("brandnew") == {"99"}
