"""Searching services and products by words, the right way for each database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from django.db import connections
from django.db.models.expressions import RawSQL

from providers.catalogue.search_index import FTS_TABLE, has_fts_table
from providers.models import Product, Service
from providers.models.search_text import fold

if TYPE_CHECKING:
    from django.db.models import QuerySet

    Row = TypeVar("Row", Service, Product)

LONGEST_SEARCH: Final = 200
MOST_WORDS: Final = 8
TRIGRAM: Final = 3


def search_words(text: str) -> list[str]:
    """The folded words of a search, at most ``MOST_WORDS``, without what no name can hold."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_SEARCH])
    return list(dict.fromkeys(fold(printable).split()))[:MOST_WORDS]


def search_services(queryset: QuerySet[Service], text: str) -> QuerySet[Service]:
    """The services of ``queryset`` in whose name, category or id every word of ``text`` occurs.

    Every letter is taken literally, wildcards and operators included; case, marks and
    compatibility forms do not count. An empty text finds everything.
    """
    words = search_words(text)
    connection = connections[queryset.db]
    if connection.vendor == "sqlite" and has_fts_table(connection):
        # The index knows groups of three letters: shorter words find nothing in it and are compared instead.
        long = [word for word in words if len(word) >= TRIGRAM]
        if long:
            phrases = " ".join('"{}"'.format(word.replace('"', '""')) for word in long)
            found = RawSQL(f"SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH %s", [phrases])  # noqa: S608, S611
            queryset = queryset.filter(pk__in=found)
        words = [word for word in words if len(word) < TRIGRAM]
    return _compare(queryset, words)


def search_products(queryset: QuerySet[Product], text: str) -> QuerySet[Product]:
    """The products of ``queryset`` in whose name, category or id every word of ``text`` occurs."""
    return _compare(queryset, search_words(text))


def _compare(queryset: QuerySet[Row], words: list[str]) -> QuerySet[Row]:
    for word in words:
        # icontains, though both sides are folded: on PostgreSQL it is what the trigram index serves.
        queryset = queryset.filter(search_text__icontains=word)
    return queryset
